"""The words of Stress: what ways and states are called, where a figure comes from, cards, tables.

It knows how a figure of a run is said. It computes none of them.
"""

from collections.abc import Sequence

from core.present.numbers import size
from core.present.times import moment
from eval.stress.drawing import NAMES
from eval.stress.plan import BOTH
from eval.stress.state import Lane, Origin, State
from pages._html import badge, text

STATES: dict[str, tuple[str, str]] = {
    "queued": ("○", "Waits for other work to end."),
    "running": ("◐", "Runs now."),
    "completed": ("✓", "Every way was run to its end."),
    "failed": ("✕", "Ended because of an error of the run itself; what was measured is kept."),
    "cancelled": ("■", "Ended on request; what was measured is kept."),
    "interrupted": ("◌", "Broken off; it can be gone on with."),
}
DOES = {
    "memory": "Keeps every key and value in memory, and fails when the budget is full.",
    "flash": "Keeps them on flash, with as many in memory as the budget holds.",
    "truncate": "Leaves out the oldest turns so that the rest fits, and forgets what they said.",
    "recompute": "Keeps nothing between turns and computes the whole session again each time.",
}
LIMITS = {
    "rlimit": "The kernel refuses the worker memory beyond the budget (RLIMIT_DATA).",
    "vram": "The card gives the worker no memory beyond the budget.",
    "counted": "Nothing enforces the budget here; Plumbline counts the bytes and ends the way.",
    "none": "No limit.",
}
COMPUTED = "Arithmetic from the model's config: 2 · layers · KV heads · head size · bytes · tokens"


def way(name: str) -> str:
    """Return what a way of keeping a session is called."""
    return NAMES.get(name, name)


def ways(names: Sequence[str]) -> str:
    """Return several ways in one line."""
    if tuple(names) == BOTH:
        return "both"
    return ", ".join(way(name)[:1].lower() + way(name)[1:] for name in names)


def chip(state: str) -> str:
    """Return the state of a run, by sign and word."""
    sign, means = STATES.get(state, ("", ""))
    return (
        f'<span class="chip-state {text(state)}" title="{text(means)}">{sign} {text(state)}</span>'
    )


def how(state: State, origin: Origin) -> str:
    """Return in words where a figure of a run comes from."""
    machine = ", ".join(
        str(state.machine[key]) for key in ("system", "processor") if key in state.machine
    )
    then = moment(state.ended or state.created)
    return {
        "measured": f"Measured on this machine, {then}",
        "counted": f"Counted by Plumbline while it ran, {then}; nothing enforces it",
        "computed": COMPUTED,
        "modelled": "By a formula; nothing was run",
        "replayed": f"A stored run of {then}, on {machine or 'a machine it does not name'}",
    }[origin]


def mark(state: State, origin: Origin) -> str:
    """Return the badge of a figure of a run."""
    shown: Origin = "replayed" if state.replayed else origin
    return badge(shown, how(state, shown))


def of(state: State, field: str) -> str:
    """Return the badge of a field of a turn."""
    return mark(state, state.origin(field))


def card(label: str, figure: str, below: str, origin: str, kind: str = "") -> str:
    """Return a figure with its label, what stands below it, and its badge."""
    return (
        f'<li class="card {kind}"><p class="label">{text(label)}</p>'
        f'<p class="figure">{figure}</p><p class="below">{below}</p><p>{origin}</p></li>'
    )


def table(name: str, columns: Sequence[str], rows: Sequence[str]) -> str:
    """Return a table of rows that are HTML already; a column that begins with # holds numbers."""
    cells = "".join(
        f'<th scope="col" class="number">{each[1:]}</th>'
        if each.startswith("#")
        else f'<th scope="col">{each}</th>'
        for each in columns
    )
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{text(name)}">'
        f"<table><thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def limit(lane: Lane) -> str:
    """Return how a lane is held to its budget."""
    told = LIMITS.get(lane.limit, "")
    if lane.base_bytes is None or lane.limit_bytes is None:
        return told
    return (
        f"{told} {size(lane.base_bytes)} before the first turn, {size(lane.limit_bytes)} at most."
    )
