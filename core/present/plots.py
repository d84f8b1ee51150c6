"""Bars and lines as plain HTML: they take the page's colours, fit any width and need no script.

It is handed values and the words for them, and knows scales, ticks and where labels stand. What
a bar or a line means is for whoever makes it: `kind` names the style sheet's colour. Everything
carries the second it belongs to, so that a page can show a picture as it came about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil, floor, log10

TICKS = 4
MOST_LABELS = 8
# Labels of lines that end close together are moved so far apart, in percent of the height.
APART = 13.0
# A message stands right of its cross up to so many percent of the width, else below the picture.
ROOM = 55.0


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar, the lowest first."""

    kind: str
    value: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: what is stacked in it, the words for it, the second it came, and a mark on it."""

    label: str
    parts: tuple[Part, ...]
    told: str
    at: float = 0.0
    mark: float | None = None

    @property
    def total(self) -> float:
        """Return the height of all parts together."""
        return sum(part.value for part in self.parts)


@dataclass(frozen=True, slots=True)
class Cross:
    """Where something ended: at which step, counted from 0, and why."""

    step: int
    told: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Level:
    """A line across, or upright, with its name."""

    value: float
    name: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A row of bars on one scale; `steps` may be more than there are bars."""

    name: str
    bars: tuple[Bar, ...]
    steps: int
    top: float
    told: Callable[[float], str]
    kind: str = ""
    level: Level | None = None
    cross: Cross | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a place, the words for it, and the second it came."""

    x: float
    y: float
    told: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """Points that belong together."""

    name: str
    kind: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """From where to where an axis reaches, what it counts, and how a value of it reads."""

    least: float
    most: float
    title: str
    told: Callable[[float], str]

    def share(self, value: float) -> float:
        """Return where a value lies, in percent."""
        span = self.most - self.least
        return 0.0 if span <= 0 else min(100.0, max(0.0, (value - self.least) / span * 100))


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines over one pair of axes; `level` is an upright line."""

    name: str
    lines: tuple[Line, ...]
    x: Axis
    y: Axis
    level: Level | None = None

    @property
    def drawn(self) -> tuple[Line, ...]:
        """Return the lines that have a point."""
        return tuple(line for line in self.lines if line.points)


def ticks(most: float, least: float = 0.0, count: int = TICKS) -> list[float]:
    """Return round values between two ends: steps of 1, 2 or 5 times a power of ten."""
    if most <= least:
        return [least]
    rough = (most - least) / count
    power = 10.0 ** floor(log10(rough))
    step = next(n * power for n in (1, 2, 5, 10) if n * power >= rough * 0.999)
    first, last = ceil(least / step - 1e-9), floor(most / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def bars(chart: Bars) -> str:
    """Return a row of bars."""
    axis = Axis(0, chart.top, "", chart.told)
    wide = 100 / max(chart.steps, 1)
    drawn = "".join(_bar(bar, n, wide, axis) for n, bar in enumerate(chart.bars))
    every = max(1, ceil(chart.steps / MOST_LABELS))
    labels = "".join(
        f'<span style="left:{(n + 0.5) * wide:.2f}%">{escape(bar.label)}</span>'
        for n, bar in enumerate(_labelled(chart))
        if n % every == 0
    )
    return (
        f'<div class="plot bars {chart.kind}">'
        f'<div class="plot-field" role="img" aria-label="{escape(chart.name)}">{_scale(axis)}'
        f"{drawn}{_across(chart.level, axis)}{_cross(chart, wide)}</div>"
        f'<div class="plot-x" aria-hidden="true">{labels}</div>{_why(chart, wide)}</div>'
    )


def lines(chart: Lines) -> str:
    """Return lines with their names at their ends."""
    drawn = chart.drawn
    paths = "".join(_path(chart, line) for line in drawn)
    dots = "".join(_dots(chart, line) for line in drawn)
    x_ticks = "".join(
        f'<span style="left:{chart.x.share(value):.2f}%">{escape(chart.x.told(value))}</span>'
        for value in ticks(chart.x.most, chart.x.least, TICKS + 1)
    )
    return (
        '<div class="plot lines">'
        f'<div class="plot-field" role="img" aria-label="{escape(chart.name)}">{_scale(chart.y)}'
        f'{_stand(chart)}<svg class="plot-lines" viewBox="0 0 100 100" preserveAspectRatio="none" '
        f'aria-hidden="true">{paths}</svg>{dots}{_zones(chart)}{_names(chart)}</div>'
        f'<div class="plot-x" aria-hidden="true">{x_ticks}'
        f"<b>{escape(chart.x.title)}</b></div></div>"
    )


def ends(chart: Lines) -> list[tuple[float, Line]]:
    """Return where the name of each line stands, in percent, moved apart where they would meet."""
    found = sorted(
        ((chart.y.share(line.points[-1].y), line) for line in chart.drawn), key=lambda end: end[0]
    )
    made, below = [], -APART
    for n, (at, line) in enumerate(found):
        room = 100 - APART * (len(found) - 1 - n)
        below = max(min(at, room), below + APART)
        made.append((below, line))
    return made


def _labelled(chart: Bars) -> list[Bar]:
    """Return a bar for every step, so that steps that never came have their number too."""
    rest = range(len(chart.bars), chart.steps)
    return [*chart.bars, *(Bar(str(n + 1), (), "") for n in rest)]


def _bar(bar: Bar, n: int, wide: float, axis: Axis) -> str:
    parts = "".join(
        f'<i class="part {part.kind}" style="height:{axis.share(part.value):.2f}%"></i>'
        for part in bar.parts
        if part.value > 0
    )
    mark = (
        f'<i class="mark" style="bottom:{axis.share(bar.mark):.2f}%"></i>'
        if bar.mark is not None
        else ""
    )
    return (
        f'<span class="bar" data-at="{bar.at:.2f}" style="left:{n * wide:.3f}%;width:{wide:.3f}%">'
        f'<span class="stack">{parts}{mark}</span><span class="told">{escape(bar.told)}</span>'
        "</span>"
    )


def _scale(axis: Axis) -> str:
    """Return the upright axis: a value and a faint line across for each tick."""
    return "".join(
        f'<i class="rule" style="bottom:{axis.share(value):.2f}%">'
        f"<span>{escape(axis.told(value))}</span></i>"
        for value in ticks(axis.most, axis.least)
    )


def _across(level: Level | None, axis: Axis) -> str:
    if level is None:
        return ""
    at = axis.share(level.value)
    side = " under" if at > 82 else ""
    return f'<i class="level{side}" style="bottom:{at:.2f}%"><b>{escape(level.name)}</b></i>'


def _cross(chart: Bars, wide: float) -> str:
    if chart.cross is None:
        return ""
    at = (min(chart.cross.step, chart.steps - 1) + 0.5) * wide
    return f'<i class="cross" data-at="{chart.cross.at:.2f}" style="left:{at:.2f}%">✕</i>'


def _why(chart: Bars, wide: float) -> str:
    """Return the words of a cross: right of it where there is room."""
    if chart.cross is None:
        return ""
    at = (min(chart.cross.step, chart.steps - 1) + 1.2) * wide
    place = "why beside" if at <= ROOM else "why"
    return (
        f'<p class="{place}" style="--at:{at / 100:.4f}" data-at="{chart.cross.at:.2f}"><b>✕</b> '
        f"{escape(chart.cross.told)}</p>"
    )


def _path(chart: Lines, line: Line) -> str:
    places = " ".join(
        f"{chart.x.share(point.x):.2f},{100 - chart.y.share(point.y):.2f}" for point in line.points
    )
    return f'<polyline class="{line.kind}" points="{places}"/>'


def _dots(chart: Lines, line: Line) -> str:
    return "".join(
        f'<i class="dot-of {line.kind}" data-at="{point.at:.2f}" '
        f'style="left:{chart.x.share(point.x):.2f}%;bottom:{chart.y.share(point.y):.2f}%"></i>'
        for point in line.points
    )


def _zones(chart: Lines) -> str:
    """Return upright strips, one for each place, that tell what lies there when pointed at."""
    places = sorted({point.x for line in chart.drawn for point in line.points})
    if not places:
        return ""
    middles = [(a + b) / 2 for a, b in pairwise(places)]
    edges = [chart.x.least, *middles, chart.x.most]
    made = []
    for x, (left, right) in zip(places, pairwise(edges), strict=True):
        here = [p for line in chart.drawn for p in line.points if p.x == x]
        told = " · ".join(dict.fromkeys(point.told for point in here))
        start, end = chart.x.share(left), chart.x.share(right)
        made.append(
            f'<span class="bar" style="left:{start:.2f}%;width:{end - start:.2f}%">'
            f'<span class="told">{escape(told)}</span></span>'
        )
    return "".join(made)


def _stand(chart: Lines) -> str:
    if chart.level is None:
        return ""
    at = chart.x.share(chart.level.value)
    side = " left" if at > 55 else ""
    return f'<i class="stand{side}" style="left:{at:.2f}%"><b>{escape(chart.level.name)}</b></i>'


def _names(chart: Lines) -> str:
    return "".join(
        f'<b class="name-of {line.kind}" style="bottom:{at:.2f}%">{escape(line.name)}</b>'
        for at, line in ends(chart)
    )
