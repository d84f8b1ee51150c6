"""What the buttons of Stress do: begin, cancel, go on, export, bring, and plan without starting.

It knows the names of the buttons and the fields that come with them. What is shown next is told
by where it leads.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from core.errors import BadInput, Forbidden
from pages import _stress_fit, _stress_new
from pages._html import text
from pages._stress_asked import Asked
from pages._stress_desk import Desk

Given = Mapping[str, Any]
STAYS = "You may leave this page; it goes on."
ENDINGS = {"png": ".png", "html": ".html", "csv": ".csv", "json": ".json", "trace": ".jsonl"}
LARGEST = 20_000_000
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Done:
    """Where the page goes next and what it says; `figures` and `piece` change only that much."""

    asked: Asked = field(default_factory=Asked)
    said: str = ""
    piece: str | None = None
    figures: str | None = None
    file: Path | None = None


def do(desk: Desk, asked: Asked, given: Given) -> Done:
    """Do what a button or a form asks for."""
    act = str(given.get("do") or "")
    if act not in _ACTS:
        raise BadInput("That cannot be done here.", "Reload the page and try again.")
    found = given.get("fields")
    return _ACTS[act](desk, asked, {**given, "fields": found if isinstance(found, Mapping) else {}})


def _start(desk: Desk, asked: Asked, given: Given) -> Done:
    del asked
    job = desk.stress.submit(_stress_new.config(given["fields"]), desk.owner)
    return Done(Asked(view="run", run=job.id), _right(f"The run is queued. {STAYS}"))


def _plan(desk: Desk, asked: Asked, given: Given) -> Done:
    del asked
    return Done(figures=_stress_new.planned(desk, given["fields"]))


def _fit(desk: Desk, asked: Asked, given: Given) -> Done:
    del desk, asked
    return Done(figures=_stress_fit.told(_stress_fit.of(given["fields"])))


def _cancel(desk: Desk, asked: Asked, given: Given) -> Done:
    id = _mine(desk, given)
    desk.stress.cancel(id)
    return Done(asked, _right("The run is being ended; what was measured is kept."))


def _resume(desk: Desk, asked: Asked, given: Given) -> Done:
    id = _mine(desk, given)
    desk.stress.resume(id)
    return Done(asked, _right(f"The run goes on with what is not done yet. {STAYS}"))


def _export(desk: Desk, asked: Asked, given: Given) -> Done:
    del asked
    form = str(given["fields"].get("form") or "json")
    if form not in ENDINGS:
        raise BadInput(f"{form[:40]} is no form a run is written in.", "Choose one of the list.")
    state = desk.stress.state(_run(given))
    folder = Path(mkdtemp(prefix="plumbline-"))
    name = _UNSAFE.sub("-", f"stress-{state.scenario.name}-{state.id[:8]}").strip("-.")
    file = folder / f"{name}{ENDINGS[form]}"
    file.write_bytes(desk.stress.export(state.id, form))
    return Done(piece=_right(f"{file.name} is made; save it below."), file=file)


def _bring(desk: Desk, asked: Asked, given: Given) -> Done:
    del asked
    if desk.shared:
        raise Forbidden("Visitors bring no files here.", "Run Plumbline on your own machine.")
    name, words = str(given["fields"].get("name") or ""), str(given["fields"].get("text") or "")
    if len(words) > LARGEST:
        raise BadInput(f"{name} is larger than 20 MB.", "Bring a smaller file.")
    if name.endswith(".jsonl"):
        scenario = desk.stress.bring_trace(Path(name).stem, words)
        said = _right(f"{scenario.title} can be run now.")
        return Done(Asked(scenario=scenario.name), said)
    id = desk.stress.bring(words)
    return Done(Asked(view="run", run=id), _right(f"{name} is stored; its figures are replayed."))


def _mine(desk: Desk, given: Given) -> str:
    id = _run(given)
    if not desk.may_change(id):
        raise Forbidden("This run was begun by somebody else.", "Watch it, or begin your own.")
    return id


def _run(given: Given) -> str:
    return str(given.get("run") or "")


def _right(said: str) -> str:
    return f'<p class="right" role="status">✓ {text(said)}</p>'


_ACTS: dict[str, Callable[[Desk, Asked, Given], Done]] = {
    "start": _start,
    "plan": _plan,
    "fit": _fit,
    "cancel": _cancel,
    "resume": _resume,
    "export": _export,
    "bring": _bring,
}
