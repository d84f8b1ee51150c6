"""The pictures of a bundle: pass rates, kinds of question, times, differences, what speed costs.

It knows report documents and how they are drawn. Every picture says in its title what it shows
and in its corner where the figures come from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.present import pictures
from core.present.times import seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Told = dict[str, Any]
WIDTH = 7.2
ROW = 0.42
ROOM = 1.45
LONGEST = 34


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG for pages and as PNG for everything else."""

    name: str
    alt: str
    svg: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a forest plot: a value with its interval, where there is one."""

    label: str
    mean: float
    low: float | None
    high: float | None
    is_shown: bool = True


def rates(name: str, title: str, bars: Sequence[Bar], origin: str) -> Picture:
    """Return shares with their intervals, one under the other."""

    def draw(axes: "Axes") -> None:
        _forest(axes, bars, lambda _: pictures.colour(0))
        axes.set_xlim(0, 100)
        axes.set_xlabel("right answers, %, with 95 % interval")

    return _drawn(name, title, origin, len(bars) * ROW + ROOM, draw)


def deltas(
    name: str, title: str, bars: Sequence[Bar], origin: str, sides: Sequence[str]
) -> Picture:
    """Return differences in points with their intervals, on the side they favour."""

    def draw(axes: "Axes") -> None:
        axes.axvline(0, color=pictures.token("line-strong"), linewidth=1)
        _forest(
            axes, bars, lambda bar: pictures.colour(0) if bar.is_shown else pictures.token("quiet")
        )
        ends = [x for bar in bars for x in (bar.mean, bar.low, bar.high) if x is not None]
        reach = max([0.01, *map(abs, ends)]) * 110
        axes.set_xlim(-reach, reach)
        axes.set_xlabel(f"points, {sides[1]} minus {sides[0]}, with 95 % interval")

    return _drawn(name, title, origin, len(bars) * ROW + ROOM, draw)


def times(name: str, title: str, latency: Told, origin: str) -> Picture:
    """Return how many samples took how long."""
    edges, counts = latency["histogram"]["edges"], latency["histogram"]["counts"]

    def draw(axes: "Axes") -> None:
        axes.stairs(counts, edges, fill=True, color=pictures.colour(0), alpha=0.85)
        top = max(counts)
        for n, key in enumerate(("p50", "p95")):
            value = (latency.get(key) or {}).get("value")
            if value is not None:
                axes.axvline(value, color=pictures.token("ink"), linewidth=1, linestyle="--")
                place = (value, top * (1.02 - 0.09 * n))
                axes.annotate(
                    f"{key} {seconds(value)}", place, (4, 0), textcoords="offset points", fontsize=9
                )
        axes.set_ylim(0, top * 1.12)
        axes.set_xlabel("seconds")
        axes.set_ylabel("samples")

    return _drawn(name, title, origin, 3.2, draw)


def trade(
    name: str, title: str, bars: Sequence[Bar], cost: Sequence[float], origin: str
) -> Picture:
    """Return the share of right answers over the median time of each run."""

    def draw(axes: "Axes") -> None:
        for n, (bar, x) in enumerate(sorted(zip(bars, cost, strict=True), key=_height)):
            spread = None if bar.low is None or bar.high is None else _arms(bar)
            axes.errorbar(x, bar.mean * 100, yerr=spread, fmt="o", color=pictures.colour(n))
            axes.annotate(
                _short(bar.label),
                (x, bar.mean * 100),
                # Neighbours in height have their names on different sides.
                (7, 7) if n % 2 else (7, -13),
                textcoords="offset points",
                fontsize=9,
                color=pictures.colour(n),
            )
        axes.set_ylim(0, 100)
        axes.set_xlim(0, max(cost) * 1.25 or 1)
        axes.set_xlabel("seconds for an answer, median")
        axes.set_ylabel("right answers, %")

    return _drawn(name, title, origin, 4.0, draw)


def _drawn(
    name: str, title: str, origin: str, height: float, draw: Callable[["Axes"], None]
) -> Picture:
    with pictures.figure(WIDTH, height) as (figure, axes):
        draw(axes)
        pictures.title(axes, title)
        pictures.badge(figure, origin)
        return Picture(name, title, pictures.svg(figure), pictures.png(figure))


def _forest(axes: "Axes", bars: Sequence[Bar], colour: Callable[[Bar], str]) -> None:
    for place, bar in enumerate(bars):
        spread = None if bar.low is None or bar.high is None else _arms(bar)
        axes.errorbar(bar.mean * 100, place, xerr=spread, fmt="o", color=colour(bar), linewidth=1.6)
    axes.set_yticks(range(len(bars)), [_short(bar.label) for bar in bars])
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")


def _arms(bar: Bar) -> list[list[float]]:
    low = bar.mean if bar.low is None else bar.low
    high = bar.mean if bar.high is None else bar.high
    return [[max(0.0, bar.mean - low) * 100], [max(0.0, high - bar.mean) * 100]]


def _height(placed: tuple[Bar, float]) -> float:
    return placed[0].mean


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1].rstrip() + "…"
