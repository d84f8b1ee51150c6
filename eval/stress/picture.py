"""A run as one picture: its lanes over each other, first tokens and speed below, the badge inside.

It knows which parts a picture has. What they show is drawn by eval/stress/drawing.py.
"""

from textwrap import fill

from core.present import pictures, plotted
from core.present.times import moment
from eval.stress.drawing import NAMES, Drawing, draw
from eval.stress.state import State

WIDTH = 12.0
LANE, SMALL, TITLE = 2.1, 2.3, 0.9
TITLE_WIDTH = 110
MEANS = (
    "keys and values after every turn; solid: in memory, hatched: on flash alone, "
    "short line: counted by the limit"
)
SMALLS = (
    ("first", "Time to the first token"),
    ("speed", "Tokens a second"),
    ("even", "Read back or computed again"),
)


def png(state: State) -> bytes:
    """Return the picture of a run, as far as it is."""
    drawing = draw(state)
    below = [(name, title) for name, title in SMALLS if getattr(drawing, name) is not None]
    wide = max(1, len(below))
    rows = [[lane.name] * wide for lane, _ in drawing.lanes]
    high = [LANE] * len(rows)
    if below:
        rows, high = [*rows, [name for name, _ in below]], [*high, SMALL]
    with pictures.mosaic(WIDTH, sum(high) + TITLE, rows, high) as (figure, axes):
        figure.suptitle(
            fill(_title(state), TITLE_WIDTH),
            x=0.008,
            ha="left",
            fontfamily="Instrument Serif",
            fontsize=16,
        )
        _lanes(drawing, axes)
        for name, title in below:
            plotted.lines(axes[name], getattr(drawing, name))
            axes[name].set_title(title, loc="left", fontsize=10.5)
        pictures.badge(figure, origin(state))
        return pictures.png(figure)


def origin(state: State) -> str:
    """Return where the figures of a run come from, in one line."""
    how = "replayed: a stored run" if state.replayed else "measured"
    machine = ", ".join(
        str(state.machine[key]) for key in ("system", "processor") if key in state.machine
    )
    parts = (how, machine, moment(state.ended or state.created), str(state.model.get("name") or ""))
    return " · ".join(part for part in parts if part)


def _title(state: State) -> str:
    return " ".join(state.summary.split()) or f"{state.scenario.title}: {state.state}."


def _lanes(drawing: Drawing, axes: dict) -> None:
    for lane, chart in drawing.lanes:
        plotted.bars(axes[lane.name], chart)
        name = f"{NAMES.get(lane.name, lane.name)}: {MEANS}"
        axes[lane.name].set_title(name, loc="left", fontsize=10.5)
