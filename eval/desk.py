"""What the command line asks about runs, by name: the owner's side, in plain documents.

It knows each question and which part of the façade answers it. Whoever asks this way has the
machine to himself: the doors let nobody else in.
"""

from collections.abc import Callable
from dataclasses import asdict
from itertools import islice
from typing import Any

from core.errors import NotFound
from eval.service import Runs
from eval.wire import answered_row, page_row, progress_row, run_row

Told = dict[str, Any]


class Desk:
    """Answers commands, and the workers of runs."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def answer(self, name: str, body: Told) -> Told:
        """Answer one question; workers' go to what serves them."""
        if self._runs.served.knows(name):
            return self._runs.served.answer(name, body)
        if name not in _ANSWERS:
            raise NotFound(f"Nobody answers {name[:100]!r}.", "The app may be of another version.")
        return _ANSWERS[name](self._runs, body)


def _submit(runs: Runs, body: Told) -> Told:
    return run_row(runs.submit(body["config"], trusted=True, key=body.get("key", "")))


def _sweep(runs: Runs, body: Told) -> Told:
    return {"runs": [run_row(run) for run in runs.sweep(body["config"], trusted=True)]}


def _list(runs: Runs, body: Told) -> Told:
    page = runs.list(**body)
    return page_row(page, [run_row(run) for run in page.rows])


def _samples(runs: Runs, body: Told) -> Told:
    page = runs.samples(**body)
    return page_row(page, [answered_row(each) for each in page.rows])


def _walk(runs: Runs, body: Told) -> Told:
    rows = runs.walk(body["id"], after=(body["position"], body["epoch"]))
    return {"rows": [answered_row(each) for each in islice(rows, body["size"])]}


def _side(runs: Runs, body: Told) -> Told:
    from eval.sides import side_row

    return side_row(runs.side(body["id"]))


def _label(runs: Runs, body: Told) -> Told:
    return answered_row(runs.label(**body))


_CHANGES = ("get", "cancel", "resume", "delete", "restore")
_ANSWERS: dict[str, Callable[[Runs, Told], Told]] = {
    "submit": _submit,
    "sweep": _sweep,
    "list": _list,
    "samples": _samples,
    "walk": _walk,
    "side": _side,
    "label": _label,
    "unlabel": lambda runs, body: answered_row(runs.unlabel(**body)),
    "sample": lambda runs, body: answered_row(runs.sample(**body)),
    "grid": lambda runs, body: {"cells": runs.grid(body["id"])},
    "report": lambda runs, body: runs.report(body["id"]),
    "canonical": lambda runs, body: {"text": "".join(runs.canonical(body["id"]))},
    "progress": lambda runs, body: progress_row(runs.progress(body["id"])),
    "rescore": lambda runs, body: run_row(runs.rescore(body["id"], body["scorer"])),
    "earlier": lambda runs, _: runs.cached(),
    "prune": lambda runs, body: {"pruned": runs.prune(body.get("days"))},
    "estimate": lambda runs, body: asdict(runs.estimate(body["config"])),
    **{
        name: (lambda runs, body, name=name: run_row(getattr(runs, name)(body["id"])))
        for name in _CHANGES
    },
}
