"""Bars and lines as a picture: what core/present/plots.py draws for a page, drawn by matplotlib.

It knows the same values and words. `kind` names a colour here as it does in the style sheet.
"""

from textwrap import fill
from typing import TYPE_CHECKING

from core.present import pictures, plots
from core.present.plots import Axis, Bars, Lines, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# As assets/css/plots.css has them.
COLOURS = {"flash": 0, "endpoint": 0, "truncate": 2, "recompute": 3, "again": 3}
WORDS_WIDTH = 190
SIZE = 8.5


def bars(axes: "Axes", chart: Bars) -> None:
    """Draw a row of bars, its level, and where it ended."""
    colour = _colour(chart.kind)
    for n, bar in enumerate(chart.bars):
        bottom = 0.0
        for part in bar.parts:
            solid = part.kind == "near"
            axes.bar(
                n + 1,
                part.value,
                width=0.76,
                bottom=bottom,
                color=colour if solid else pictures.token("paper"),
                edgecolor=colour,
                linewidth=0 if solid else 0.8,
                hatch=None if solid else "////",
            )
            bottom += part.value
        if bar.mark is not None:
            axes.hlines(bar.mark, n + 0.6, n + 1.4, color=pictures.token("ink"), linewidth=1.4)
    if chart.level:
        axes.axhline(chart.level.value, color=pictures.token("ink"), linewidth=1.1, ls=(0, (4, 3)))
        axes.annotate(
            chart.level.name,
            (0, chart.level.value),
            xycoords=("axes fraction", "data"),
            xytext=(4, 3),
            textcoords="offset points",
            fontsize=SIZE,
        )
    _cross(axes, chart)
    axes.set_xlim(0.4, chart.steps + 0.6)
    _scale(axes, Axis(0, chart.top, "", chart.told))


def lines(axes: "Axes", chart: Lines) -> None:
    """Draw lines with their names at their ends, and an upright one where it is known."""
    for line in chart.drawn:
        x, y = [point.x for point in line.points], [point.y for point in line.points]
        colour, dashed = _colour(line.kind), line.kind == "again"
        dots = {} if dashed else {"marker": "o", "markersize": 3}
        axes.plot(x, y, color=colour, linewidth=1.6, ls="--" if dashed else "-", **dots)
    for at, line in plots.ends(chart):
        axes.annotate(
            line.name,
            (1, at / 100),
            xycoords="axes fraction",
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=_colour(line.kind),
            fontsize=SIZE,
            annotation_clip=False,
        )
    if chart.level:
        axes.axvline(chart.level.value, color=pictures.token("ink"), linewidth=1.1, ls=(0, (4, 3)))
        axes.annotate(
            chart.level.name,
            (chart.level.value, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4, -8),
            textcoords="offset points",
            fontsize=SIZE,
        )
    axes.set_xlim(chart.x.least, chart.x.most)
    at = ticks(chart.x.most, chart.x.least)
    axes.set_xticks(at, [chart.x.told(value) for value in at])
    axes.set_xlabel(chart.x.title, fontsize=SIZE)
    _scale(axes, chart.y)


def _cross(axes: "Axes", chart: Bars) -> None:
    if chart.cross is None:
        return
    at = min(chart.cross.step, chart.steps - 1) + 1
    bad = pictures.token("bad")
    axes.plot([at], [chart.top * 0.06], marker="x", color=bad, markersize=9, markeredgewidth=2.4)
    told = fill(f"✕ {chart.cross.told}", WORDS_WIDTH)
    axes.set_xlabel(told, loc="left", color=bad, fontsize=SIZE)


def _scale(axes: "Axes", axis: Axis) -> None:
    axes.set_ylim(axis.least, axis.most)
    at = ticks(axis.most, axis.least)
    axes.set_yticks(at, [axis.told(value) for value in at])
    axes.tick_params(labelsize=SIZE)


def _colour(kind: str) -> str:
    return pictures.colour(COLOURS[kind]) if kind in COLOURS else pictures.token("quiet")
