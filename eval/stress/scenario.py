"""What a stressed session holds: how many turns, how long, what is planted early and asked late.

Scenarios are JSON files: those that ship beside this module, and those in DATA_DIR. It knows
their fields. What a turn says is in script.py.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import BadInput, Corrupt, NotFound, Unwritable, refusal

SHIPPED = Path(__file__).with_name("scenarios")
DEFAULT = "needle"
MOST_TURNS = 2_000
NAME = re.compile(r"^[a-z0-9][a-z0-9-]{0,60}$")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Needle(_Part):
    """A fact that is told in the first turn, and the turns it is asked for again."""

    tell: str
    ask: str
    value: str
    at: tuple[int, ...]

    def is_in(self, text: str) -> bool:
        """Say whether an answer names the fact, as a word of its own."""
        return bool(re.search(rf"(?<!\w){re.escape(self.value)}(?!\w)", text, re.IGNORECASE))


class Length(_Part):
    """A turn of which only its size is known: tokens read and written, and whose turn it is."""

    session: int = Field(0, ge=0, lt=MOST_TURNS)
    tokens: int = Field(ge=1, le=1_000_000)
    answer: int = Field(16, ge=1, le=8192)


class Scenario(_Part):
    """A session, or several, turn by turn.

    `kind` is session (every turn goes on with it), sweep (every turn is a conversation of its own,
    longer than the one before) or trace (turns of given lengths). `tokens` are read in each turn;
    `piece` is how many of them are code.
    """

    name: str = Field(pattern=NAME.pattern)
    title: str
    about: str
    kind: Literal["session", "sweep", "trace"] = "session"
    turns: int = Field(ge=1, le=MOST_TURNS)
    sessions: int = Field(1, ge=1, le=MOST_TURNS)
    tokens: int = Field(100, ge=16, le=100_000)
    answer_tokens: int = Field(16, ge=1, le=8192)
    budget_mb: int = Field(ge=1, le=1_000_000)
    seed: int = 0
    dtype: Literal["", "bf16", "fp32"] = ""
    needle: Needle | None = None
    lengths: tuple[Length, ...] = ()
    source: Literal["shipped", "imported"] = "shipped"


def parse(told: object) -> Scenario:
    """Return a scenario, or say everything that is wrong with it."""
    try:
        return Scenario.model_validate(told)
    except ValidationError as error:
        lines = [_said(dict(each)) for each in error.errors(include_url=False)]
        raise BadInput("\n".join(lines), "docs/stress.md lists every field.") from error


class Shelf:
    """The scenarios that ship, and those somebody brought."""

    def __init__(self, data_dir: Path) -> None:
        self._own = data_dir / "stress" / "scenarios"

    def all(self) -> tuple[Scenario, ...]:
        """Return every scenario that can be read, the default one first."""
        found = {each.name: each for each in self._read(self._own, "imported")}
        found |= {each.name: each for each in self._read(SHIPPED, "shipped")}
        return tuple(sorted(found.values(), key=lambda each: (each.name != DEFAULT, each.name)))

    def get(self, name: str) -> Scenario:
        """Return one scenario."""
        for each in self.all():
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.all())
        raise NotFound(f"There is no scenario {name[:100]!r}.", f"Use one of {known}.")

    def keep(self, scenario: Scenario) -> Scenario:
        """Store one that was brought; a name that ships is refused."""
        if (SHIPPED / f"{scenario.name}.json").is_file():
            raise BadInput(f"{scenario.name} is the name of a scenario that ships.", "Rename it.")
        kept = scenario.model_copy(update={"source": "imported"})
        try:
            self._own.mkdir(parents=True, exist_ok=True)
            draft = self._own / f"{scenario.name}.part"
            draft.write_text(kept.model_dump_json(indent=2), encoding="utf-8")
            draft.rename(self._own / f"{scenario.name}.json")
        except OSError as error:
            raise Unwritable(f"The scenario could not be stored: {error}.") from error
        return kept

    def _read(self, folder: Path, source: str) -> Iterator[Scenario]:
        for path in sorted(folder.glob("*.json")):
            try:
                yield parse({**json.loads(path.read_text(encoding="utf-8")), "source": source})
            except (OSError, ValueError, TypeError, BadInput) as error:
                if source == "shipped":
                    raise Corrupt(f"The scenario {path.name} cannot be read: {error}") from error


def _said(error: dict) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where} is not a field."
    return f"{where} {refusal(error['type'], error.get('ctx', {}), error['msg'])}."
