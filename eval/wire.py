"""Runs and samples as documents that travel over loopback, and back.

It knows which of them hold moments and nested rows. It sends nothing.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from core.records import Answered, Label, Page, Run, RunProgress
from core.store.packing import item_of, packed, sample_of, score_of

Told = dict[str, Any]
_MOMENTS = ("created", "started", "ended", "deleted", "undone")


def run_row(run: Run) -> Told:
    """Return a run as plain values."""
    return _plain(asdict(run))


def run_of(told: Told) -> Run:
    """Return a run from its document."""
    return Run(**_timed(told))


def progress_row(progress: RunProgress) -> Told:
    """Return how far a run is as plain values."""
    return asdict(progress)


def progress_of(told: Told) -> RunProgress:
    """Return how far a run is from its document."""
    return RunProgress(**told)


def answered_row(answered: Answered) -> Told:
    """Return a sample with what was asked and scored as plain values."""
    return {
        "item": packed(answered.item),
        "sample": packed(answered.sample),
        "scores": [packed(score) for score in answered.scores],
        "outcome": answered.outcome,
        "labels": [_plain(asdict(label)) for label in answered.labels],
    }


def answered_of(told: Told) -> Answered:
    """Return a sample with what was asked and scored from its document."""
    return Answered(
        item_of(told["item"]),
        sample_of(told["sample"]),
        tuple(score_of(score) for score in told["scores"]),
        told["outcome"],
        tuple(Label(**_timed(label)) for label in told["labels"]),
    )


def page_row(page: Page[Any], rows: list[Told]) -> Told:
    """Return a page as plain values."""
    return {"rows": rows, "total": page.total, "page": page.page, "size": page.size}


def page_of(told: Told, rows: "tuple[Any, ...]") -> "Page[Any]":
    """Return a page from its document."""
    return Page(rows, told["total"], told["page"], told["size"])


def _plain(told: Told) -> Told:
    moments = {name: told[name] for name in _MOMENTS if told.get(name) is not None}
    return {**told, **{name: moment.isoformat() for name, moment in moments.items()}}


def _timed(told: Told) -> Told:
    moments = {name: told[name] for name in _MOMENTS if told.get(name) is not None}
    return {**told, **{name: datetime.fromisoformat(text) for name, text in moments.items()}}
