"""The command line: one flag for every setting, and --doctor.

It turns arguments into words for the settings, which check them. It acts on none.
"""

import argparse
import difflib
from dataclasses import dataclass
from typing import NoReturn, get_args

from pydantic import SecretStr

from core.errors import SettingsError
from core.settings import Settings

_TRUE = "1"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    settings: dict[str, str]
    doctor: bool


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong as a settings error, so that it is told like the others."""

    def error(self, message: str) -> NoReturn:
        raise SettingsError(_sentence(message), "Run `python app.py --help` to see every flag.")


def read(arguments: list[str]) -> Asked:
    """Return what was asked for; unknown flags are named with the nearest one that exists."""
    parsed, left = parser().parse_known_args(arguments)
    # What follows an unknown flag is its value, not another mistake.
    unknown = [word for word in left if word.startswith("-")] or left
    if unknown:
        raise SettingsError(
            "\n".join(_unknown(word) for word in unknown),
            "Run `python app.py --help` to see every flag.",
        )
    given = {name: value for name, value in vars(parsed).items() if value is not None}
    return Asked(settings={n: v for n, v in given.items() if n != "doctor"}, doctor=parsed.doctor)


def parser() -> argparse.ArgumentParser:
    """Return the parser, generated from the settings."""
    made = _Parser(
        prog="python app.py",
        description="Plumbline: see what a local language model really does on your code.",
        epilog="Each flag is also an environment variable in capitals, and may stand in .env.",
        allow_abbrev=False,
    )
    made.add_argument(
        "--doctor", action="store_true", help="say what would run here and why, and stop"
    )
    for name, field in Settings.model_fields.items():
        flag = f"--{name.replace('_', '-')}"
        help_text = f"{field.description}{_default(field.get_default())}".replace("%", "%%")
        if field.annotation is bool:
            made.add_argument(flag, nargs="?", const=_TRUE, metavar="0|1", help=help_text)
        else:
            made.add_argument(flag, metavar=_form(field.annotation, name), help=help_text)
    return made


def flags() -> list[str]:
    """Return every flag."""
    return ["--help", "--doctor", *(f"--{n.replace('_', '-')}" for n in Settings.model_fields)]


def _unknown(word: str) -> str:
    flag = word.partition("=")[0]
    near = difflib.get_close_matches(flag.replace("_", "-"), flags(), n=1)
    return f"{flag} is not a flag." + (f" Did you mean {near[0]}?" if near else "")


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:].rstrip(".") + "."


def _default(value: object) -> str:
    if isinstance(value, SecretStr) or value in ("", None):
        return ""
    shown = {True: "1", False: "0"}[value] if isinstance(value, bool) else value
    return f" [{shown}]"


def _form(annotation: object, name: str) -> str:
    choices = [str(choice) for choice in get_args(annotation) if isinstance(choice, str)]
    return "|".join(choices) if choices else name.upper()
