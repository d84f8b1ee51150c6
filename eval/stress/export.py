"""A stress run taken out, and brought in again.

json is the whole run and can be brought; csv is one row a turn; trace holds the turn lengths;
png and html are for looking at. A run that was brought says so: its figures are replayed.
"""

import csv
import io
import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from core.errors import BadInput
from eval.stress import plan, scenario, summary, trace
from eval.stress.state import Failure, Lane, Resumed, Sample, State, Turn

FORMS = ("json", "csv", "trace", "png", "html")
FORMAT = 1


def export(state: State, form: str) -> bytes:
    """Return a run in a form."""
    if form == "json":
        return (json.dumps(document(state), ensure_ascii=False, indent=1) + "\n").encode()
    if form == "csv":
        return _csv(state)
    if form == "trace":
        turns = next((lane.turns for lane in reversed(state.lanes) if lane.turns), ())
        return trace.trace_of(turns).encode()
    if form not in FORMS:
        raise BadInput(f"{form!r} is no form of a run.", f"Use one of {', '.join(FORMS)}.")
    # They draw, and drawing loads matplotlib.
    from eval.stress import picture, sheet

    return picture.png(state) if form == "png" else sheet.html(state)


def document(state: State) -> dict[str, Any]:
    """Return a run as it is exported; no path of this machine is in it."""
    asked = state.asked.model_dump(mode="json")
    return {
        "format": FORMAT,
        "state": state.state,
        "asked": {**asked, "model": asked["model"].rstrip("/").rpartition("/")[2]},
        "scenario": state.scenario.model_dump(mode="json"),
        "budget_bytes": state.budget_bytes,
        "created": state.created.isoformat(),
        "ended": state.ended.isoformat() if state.ended else None,
        "model": dict(state.model),
        "machine": dict(state.machine),
        "turns": state.turns,
        "summary": state.summary,
        "lanes": [asdict(lane) for lane in state.lanes],
    }


def brought(id: str, text: str) -> State:
    """Return an exported run, as one that is replayed."""
    try:
        told = json.loads(text)
        if told["format"] != FORMAT:
            raise BadInput(f"The run has format {told['format']}; {FORMAT} can be read.")
        asked, played = plan.parse(told["asked"]), scenario.parse(told["scenario"])
        lanes = tuple(_lane(each) for each in told["lanes"])
        return State(
            id=id,
            state=told["state"],
            asked=asked,
            scenario=played,
            budget_bytes=int(told["budget_bytes"]),
            lanes=lanes,
            created=datetime.fromisoformat(told["created"]),
            ended=datetime.fromisoformat(told["ended"]) if told["ended"] else None,
            progress=1.0,
            turns=int(told["turns"]),
            model=told["model"],
            machine=told["machine"],
            summary=summary.sentence(lanes, played),
            figures=summary.figures(lanes, replayed=True),
            replayed=True,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"This is no exported stress run: {error}.", "Export one as json and bring that."
        ) from error


def _lane(told: dict[str, Any]) -> Lane:
    parts = {"turns": Turn, "samples": Sample, "failures": Failure}
    made = {name: tuple(kind(**each) for each in told[name]) for name, kind in parts.items()}
    resumed = Resumed(**told["resumed"]) if told["resumed"] else None
    return Lane(**{**told, **made, "notices": tuple(told["notices"]), "resumed": resumed})


def _csv(state: State) -> bytes:
    names = [field.name for field in fields(Turn)]
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    for lane in state.lanes:
        for turn in lane.turns:
            writer.writerow({name: _cell(value) for name, value in asdict(turn).items()})
    return out.getvalue().encode()


def _cell(value: object) -> object:
    # A spreadsheet must not take an answer for a formula.
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
        return f"'{value}"
    return value
