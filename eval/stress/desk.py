"""What the command line asks about stress runs, by name, in plain documents.

The owner answers it, over loopback or in the command's own process, so that a command does the
same either way.
"""

import base64
from collections.abc import Callable
from typing import Any

from core.errors import NotFound
from core.present.numbers import size
from eval.stress.service import Stress
from eval.stress.state import ENDING, Failure, Lane, State, Turn

Told = dict[str, Any]


class Desk:
    """Answers commands."""

    def __init__(self, stress: Stress) -> None:
        self._stress = stress

    def answer(self, name: str, body: Told) -> Told:
        """Answer one question."""
        if name not in _ANSWERS:
            raise NotFound(f"Nobody answers {name[:100]!r}.", "The app may be of another version.")
        return _ANSWERS[name](self._stress, body)


def said(state: State) -> list[str]:
    """Return what happened in a run, a line for each turn and each failure."""
    return [line for lane in state.lanes for line in _lines(lane)]


def _lines(lane: Lane) -> list[str]:
    if lane.state == "waiting":
        return []
    turns = [_turn(turn) for turn in lane.turns]
    failures = [_failure(each) for each in lane.failures if each.kind != "slow"]
    notices = [f"{lane.name:<9}  {words}" for words in lane.notices]
    return [_limit(lane), *turns, *notices, *failures]


def _limit(lane: Lane) -> str:
    if lane.limit == "none" or lane.base_bytes is None:
        return f"{lane.name:<9}  begins, without a limit"
    if lane.limit_bytes is None:
        return f"{lane.name:<9}  begins, with keys and values counted"
    budget = size(lane.limit_bytes - lane.base_bytes)
    return f"{lane.name:<9}  begins, with {budget} beyond the {size(lane.base_bytes)} it has loaded"


def _turn(turn: Turn) -> str:
    parts = [f"{turn.lane:<9}  turn {turn.turn:>3}"]
    if turn.prompt_tokens is not None:
        parts.append(f"{turn.prompt_tokens:>6,} tokens")
    if turn.first_token_s is not None:
        parts.append(f"first token {turn.first_token_s:6.3f} s")
    held = (turn.ram_bytes or 0) + (turn.vram_bytes or 0)
    parts += [f"{size(held)} in memory"] if held else []
    parts += [f"{size(turn.flash_bytes)} on flash"] if turn.flash_bytes else []
    parts += [f"fact {turn.needle}"] if turn.needle else []
    parts += [f"{turn.dropped} turns left out"] if turn.dropped else []
    parts += ["slow"] if turn.slow else []
    return "  ".join(parts)


def _failure(failure: Failure) -> str:
    ended = "died at" if failure.kind in ENDING else f"{failure.kind} from"
    token = f", token {failure.token:,}" if failure.token else ""
    where = f"{ended} turn {failure.turn:,}{token}"
    return f"{failure.lane:<9}  {where}: {failure.type}: {failure.message}"


def _submit(stress: Stress, body: Told) -> Told:
    return {"id": stress.submit(body["asked"]).id}


def _look(stress: Stress, body: Told) -> Told:
    state = stress.state(body["id"])
    told = {"id": state.id, "state": state.state, "error": state.error, "summary": state.summary}
    return {**told, "lines": said(state), "replayed": state.replayed}


def _list(stress: Stress, _: Told) -> Told:
    rows = stress.list()
    return {
        "rows": [
            {
                "id": row.id,
                "title": row.title,
                "state": "replayed" if row.replayed else row.state,
                "created": f"{row.created:%Y-%m-%d %H:%M}",
                "modes": list(row.modes),
                "budget": size(row.budget_bytes),
                "summary": row.summary,
            }
            for row in rows
        ]
    }


def _scenarios(stress: Stress, _: Told) -> Told:
    return {"rows": [scenario.model_dump(mode="json") for scenario in stress.scenarios()]}


def _export(stress: Stress, body: Told) -> Told:
    data = stress.export(body["id"], body["form"])
    return {"data": base64.b64encode(data).decode()}


_ANSWERS: dict[str, Callable[[Stress, Told], Told]] = {
    "submit": _submit,
    "look": _look,
    "list": _list,
    "scenarios": _scenarios,
    "export": _export,
    "cancel": lambda stress, body: {"id": stress.cancel(body["id"]).id},
    "resume": lambda stress, body: {"id": stress.resume(body["id"]).id},
    "bring": lambda stress, body: {"id": stress.bring(body["text"])},
    "trace": lambda stress, body: {"id": stress.bring_trace(body["name"], body["text"]).name},
}
