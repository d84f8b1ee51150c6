"""Sessions under a limit of memory, from the command line.

    python -m eval.stress run --scenario needle --mode both --budget 32MB
    python -m eval.stress run --mode flash --model FOLDER
    python -m eval.stress run --scenario coding --url http://gpu:8000/v1 --model-name NAME
    python -m eval.stress scenarios | list | show ID | cancel ID | resume ID
    python -m eval.stress export ID --out FILE.html          also .json .csv .png .jsonl
    python -m eval.stress bring FILE.json                    an exported run, to be replayed
    python -m eval.stress trace FILE.jsonl --name NAME       turn lengths become a scenario

With the app running it asks the app, and the run goes on when this command ends. With none it
does the work itself; Ctrl-C then ends the run, and `resume` goes on with it.
"""

import core.process  # noqa: F401  # isort: skip  must come first

import argparse
import base64
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import BadInput, PlumblineError, Unwritable
from core.settings import load
from eval.stress import plan
from eval.stress.asking import asking

CANCELLED = 130
POLL_S = 0.5
OVER = ("completed", "failed", "cancelled", "interrupted")
UNITS = {"": 1, "MB": 1, "GB": 1_000}
FORMS = {".json": "json", ".csv": "csv", ".png": "png", ".html": "html", ".jsonl": "trace"}
Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the process' exit code."""
    asked = _parser().parse_args(arguments)
    try:
        with asking(load()) as ask:
            return asked.run(asked, ask)
    except PlumblineError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return CANCELLED


def document(asked: argparse.Namespace) -> dict[str, Any]:
    """Return what a command asks for."""
    return {
        "scenario": asked.scenario,
        "modes": plan.modes_of(asked.mode),
        "budget_mb": megabytes(asked.budget) if asked.budget else None,
        "slow_s": asked.slow,
        "control": not asked.no_control,
        "model": asked.model,
        "url": asked.url,
        "model_name": asked.model_name,
        "limit": asked.limit,
    }


def megabytes(text: str) -> int:
    """Return a budget in MB: 100, 100MB or 2GB."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(MB|GB)?\s*", text, re.IGNORECASE)
    if not found or not float(found[1]):
        raise BadInput(f"{text[:100]!r} is no budget.", "Write 100MB or 2GB.")
    return max(1, round(float(found[1]) * UNITS[(found[2] or "").upper()]))


def _run(asked: argparse.Namespace, ask: Ask) -> int:
    id = ask("submit", {"asked": document(asked)})["id"]
    print(f"Run {id}", flush=True)
    return _followed(id, ask)


def _followed(id: str, ask: Ask) -> int:
    """Print what happens until the run is over."""
    seen: set[str] = set()
    while True:
        told = ask("look", {"id": id})
        for line in told["lines"]:
            if line not in seen:
                seen.add(line)
                print(line, flush=True)
        if told["state"] in OVER:
            break
        time.sleep(POLL_S)
    return _concluded(told)


def _concluded(told: dict[str, Any]) -> int:
    print()
    if told["summary"]:
        print(told["summary"] + (" (replayed)" if told["replayed"] else ""))
    if told["state"] != "completed":
        print(f"The run is {told['state']}. {told['error'] or ''}".strip())
    return 0 if told["state"] == "completed" else 1


def _shown(asked: argparse.Namespace, ask: Ask) -> int:
    told = ask("look", {"id": asked.id})
    print("\n".join(told["lines"]))
    return _concluded(told)


def _listed(_: argparse.Namespace, ask: Ask) -> int:
    rows = ask("list", {})["rows"]
    for row in rows:
        modes = "+".join(row["modes"])
        head = f"{row['id']}  {row['created']}  {row['state']:<11}  {modes}  {row['budget']}"
        print(f"{head}  {row['title']}\n    {row['summary']}".rstrip())
    if not rows:
        print("There are no stress runs yet.")
    return 0


def _scenarios(_: argparse.Namespace, ask: Ask) -> int:
    for row in ask("scenarios", {})["rows"]:
        print(f"{row['name']:<12}  {row['budget_mb']:>6,} MB  {row['title']}\n    {row['about']}")
    return 0


def _cancelled(asked: argparse.Namespace, ask: Ask) -> int:
    print(f"{ask('cancel', {'id': asked.id})['id']} is being ended; what it told is kept.")
    return 0


def _resumed(asked: argparse.Namespace, ask: Ask) -> int:
    return _followed(ask("resume", {"id": asked.id})["id"], ask)


def _exported(asked: argparse.Namespace, ask: Ask) -> int:
    form = asked.form or FORMS.get(asked.out.suffix.lower(), "")
    data = base64.b64decode(ask("export", {"id": asked.id, "form": form})["data"])
    try:
        asked.out.write_bytes(data)
    except OSError as error:
        raise Unwritable(f"{asked.out} cannot be written: {error}.") from error
    print(f"{asked.id} is in {asked.out}.")
    return 0


def _brought(asked: argparse.Namespace, ask: Ask) -> int:
    id = ask("bring", {"text": _text(asked.file)})["id"]
    print(f"{id} can be shown; its figures are replayed.")
    return 0


def _traced(asked: argparse.Namespace, ask: Ask) -> int:
    name = ask("trace", {"name": asked.name, "text": _text(asked.file)})["id"]
    print(f"{name} is a scenario now: python -m eval.stress run --scenario {name}")
    return 0


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read: {error}.") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval.stress",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = parser.add_subparsers(dest="command", required=True)
    _add_run(known.add_parser("run", help="run a scenario and say what came out"))
    for name, do, words in (
        ("show", _shown, "what happened in a run, and its summary"),
        ("cancel", _cancelled, "end a run"),
        ("resume", _resumed, "go on with a run that was ended"),
        ("export", _exported, "write a run to a file"),
    ):
        one = known.add_parser(name, help=words)
        one.add_argument("id", help="a run's id")
        one.set_defaults(run=do)
        if name == "export":
            one.add_argument("--out", type=Path, required=True, metavar="FILE")
            one.add_argument("--form", default="", help="blank: what the file's ending says")
    known.add_parser("list", help="the latest runs").set_defaults(run=_listed)
    known.add_parser("scenarios", help="what can be run").set_defaults(run=_scenarios)
    one = known.add_parser("bring", help="bring an exported run, to be replayed")
    one.add_argument("file", type=Path)
    one.set_defaults(run=_brought)
    one = known.add_parser("trace", help="make a scenario of a trace of turn lengths")
    one.add_argument("file", type=Path)
    one.add_argument("--name", required=True)
    one.set_defaults(run=_traced)
    return parser


def _add_run(one: argparse.ArgumentParser) -> None:
    fields = plan.Asked.model_fields
    words = {name: field.description for name, field in fields.items()}
    one.add_argument("--scenario", default=fields["scenario"].default, help=words["scenario"])
    one.add_argument("--mode", choices=("both", "all", *plan.MODES), default="both")
    one.add_argument("--budget", metavar="100MB", default="", help=words["budget_mb"])
    one.add_argument("--slow", type=float, metavar="SECONDS", help=words["slow_s"])
    one.add_argument("--no-control", action="store_true", help="leave out the run without a limit")
    one.add_argument("--model", default="", help=words["model"])
    one.add_argument("--url", default="", help=words["url"])
    one.add_argument("--model-name", default="", help=words["model_name"])
    one.add_argument("--limit", choices=("", "rlimit", "counted"), default="", help=words["limit"])
    one.set_defaults(run=_run)


if __name__ == "__main__":
    sys.exit(main())
