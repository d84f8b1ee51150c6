"""The words of Evals: what states and outcomes are called, how shares and intervals read.

It knows how a figure of a run is said. It computes none of them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from core.measure.verdict import POINTS, amount
from core.present.numbers import DASH, THIN, count, digits, with_unit
from core.present.times import seconds
from core.records import Run
from eval.scorers import SCORERS
from pages._html import badge, text
from pages._ways import LABELS

Told = Mapping[str, Any]
_TAG = re.compile("<[^>]*>")


class Sign(NamedTuple):
    """How an outcome is shown: a sign that needs no colour, a word, what it means."""

    sign: str
    word: str
    means: str


OUTCOMES: dict[str, Sign] = {
    "correct": Sign("✓", "right", "The answer passes the suite's criterion."),
    "wrong": Sign("✕", "wrong", "An answer was given, and it does not pass."),
    "refused": Sign("∅", "refused", "No answer was given to a question that has one."),
    "unsupported": Sign("○", "unsupported", "The evidence does not say what the answer says."),
    "unparsed": Sign("?", "not readable", "The judge's reply could not be read; nothing counts."),
    "error": Sign("!", "error", "The model or the machine failed; the question was not judged."),
    "unscored": Sign("·", "not judged", "The criterion could not say; nothing counts."),
}
STATES: dict[str, tuple[str, str]] = {
    "queued": ("○", "Waits for other work to end."),
    "running": ("◐", "Is being measured now."),
    "completed": ("✓", "Every sample is there."),
    "failed": ("✕", "Ended because of an error; what was measured is kept."),
    "cancelled": ("■", "Ended on request; what was measured is kept and can be gone on with."),
    "interrupted": ("◌", "Broken off; it can be gone on with."),
}


def method(name: str) -> str:
    """Return what a method is called."""
    return LABELS.get(name, name)  # pyright: ignore[reportArgumentType,reportCallIssue]


def called(run: Run) -> str:
    """Return what a run is called."""
    return run.name or f"{run.suite} {run.method}"


def chip(state: str) -> str:
    """Return the state of a run, by sign and word."""
    sign, means = STATES.get(state, ("", ""))
    return (
        f'<span class="chip-state {text(state)}" title="{text(means)}">{sign} {text(state)}</span>'
    )


def sign(outcome: str) -> str:
    """Return the sign of an outcome with its word."""
    shown = OUTCOMES.get(outcome, Sign("·", outcome, ""))
    return (
        f'<span class="outcome {text(outcome)}" title="{text(shown.means)}">'
        f"{shown.sign} {text(shown.word)}</span>"
    )


def percent(share: float | None) -> str:
    """Return a share in percent with one decimal."""
    return DASH if share is None else f"{share * 100:.1f}".removesuffix(".0") + f"{THIN}%"


def interval(estimate: Told | None) -> str:
    """Return the interval of a share, or why there is none."""
    if not estimate or estimate.get("mean") is None:
        return "not measured"
    low, high = estimate.get("low"), estimate.get("high")
    if low is None or high is None:
        return "too few for an interval"
    return f"95{THIN}% {low * 100:.1f} to {high * 100:.1f}"


def passed(run: Run) -> Told | None:
    """Return the share of right ones of a run that has one."""
    return run.summary.get("passed")


def counted(estimate: Told | None) -> str:
    """Return of how many a share is."""
    if not estimate or "n" not in estimate:
        return ""
    return f"{count(estimate.get('hits'))} of {count(estimate['n'])}"


def scorer(name: str) -> str:
    """Return what a scorer is called."""
    about = SCORERS.get(name)
    return about.title if about else name


def value(name: str, number: float | None) -> str:
    """Return the mean of a scorer in its unit."""
    about = SCORERS.get(name)
    unit = about.unit if about else ""
    if number is None:
        return DASH
    if unit == POINTS:
        return percent(number)
    if unit == "s":
        return seconds(number)
    return with_unit(number, unit) if unit else digits(number)


def between(name: str, told: Told) -> str:
    """Return the interval of a scorer's mean in its unit."""
    low, high = told.get("low"), told.get("high")
    if low is None or high is None:
        return "too few for an interval"
    about = SCORERS.get(name)
    if about and about.unit == POINTS:
        return interval(told)
    return f"95{THIN}% {value(name, low)} to {value(name, high)}"


def points(delta: float | None) -> str:
    """Return a difference of shares in points, signed."""
    return DASH if delta is None else amount(delta, signed=True)


def card(label: str, figure: str, below: str, how: str, more: str = "") -> str:
    """Return a figure with its label, what stands below it, and where it comes from."""
    return (
        f'<li class="card"><p class="label">{text(label)} {badge("measured", how)}</p>'
        f'<p class="figure">{figure}</p><p class="below">{below}</p>{more}</li>'
    )


def head_of(columns: Sequence[str]) -> str:
    """Return the head of a table; a name that begins with # is a column of numbers."""
    cells = "".join(
        f'<th scope="col" class="number">{each[1:]}</th>'
        if each.startswith("#")
        else f'<th scope="col">{each}</th>'
        for each in columns
    )
    return f"<thead><tr>{cells}</tr></thead>"


def table(columns: Sequence[str], rows: Sequence[str], kind: str = "") -> str:
    """Return a table of rows that are HTML already."""
    return (
        f'<div class="table {kind}" tabindex="0" role="region" aria-label="{text(_said(columns))}">'
        f"<table>{head_of(columns)}<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _said(columns: Sequence[str]) -> str:
    words = [_TAG.sub("", each).lstrip("#").strip() for each in columns]
    return "Table: " + ", ".join(word for word in words if word)
