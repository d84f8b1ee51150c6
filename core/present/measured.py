"""What was measured, drawn: how long answers took, differences with intervals, what pays off.

It knows plotly and the look of charts. It is handed numbers, and computes no interval of its own.
Whatever has no interval is drawn without one; nothing that was not measured is drawn at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.present.charts import MARKS, SERIES, layout
from core.present.times import seconds
from core.present.tokens import colours

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 320
ROW = 34
LABEL_WIDTH = 30
Look = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Range:
    """A value with its interval, where it has one."""

    mean: float
    low: float | None = None
    high: float | None = None

    @property
    def arms(self) -> tuple[float, float] | None:
        """Return how far the interval reaches to each side."""
        if self.low is None or self.high is None:
            return None
        return max(0.0, self.mean - self.low), max(0.0, self.high - self.mean)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of answering among others: what it is called, what it costs, how good it is.

    `is_best` says that no other is as good for less.
    """

    name: str
    cost: Range
    good: Range
    is_best: bool = False


def histogram(
    title: str,
    counts: Sequence[int],
    edges: Sequence[float],
    marked: Sequence[tuple[str, float]],
    look: Look,
    badge: str = "measured",
) -> "Figure":
    """Return how many answers took how long; `marked` are percentiles by their names."""
    from plotly import graph_objects as go

    token = colours()[look]
    drawn = go.Figure(layout=_layout(title, look, badge))
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    told = [f"{seconds(low)} to {seconds(high)}" for low, high in pairwise(edges)]
    drawn.add_bar(
        x=middles,
        y=list(counts),
        width=[high - low for low, high in pairwise(edges)],
        marker={"color": SERIES[look[1]][0], "line": {"width": 1, "color": token["paper"]}},
        customdata=told,
        hovertemplate="%{y} samples took %{customdata}<extra></extra>",
    )
    for n, (name, value) in enumerate(marked):
        drawn.add_vline(x=value, line={"width": 1.5, "dash": "dot", "color": token["ink"]})
        drawn.add_annotation(
            x=value,
            y=1,
            yref="paper",
            yanchor="top",
            xanchor="left",
            xshift=4,
            yshift=-18 * n,
            showarrow=False,
            text=f"{escape(name)} {seconds(value)}",
            font={"size": 12, "color": token["ink"]},
            bgcolor=token["paper"],
        )
    drawn.update_layout(showlegend=False, bargap=0)
    drawn.update_xaxes(title={"text": "seconds for an answer"}, rangemode="tozero")
    # Room above the tallest bar for the names of the percentiles.
    drawn.update_yaxes(title={"text": "samples"}, range=[0, max(counts, default=1) * 1.25])
    return drawn


def forest(
    title: str,
    rows: Sequence[tuple[str, Range]],
    unit: str,
    look: Look,
    badge: str = "measured",
    zero: bool = True,
) -> "Figure":
    """Return values with their intervals under each other; `zero` draws where none differs."""
    from plotly import graph_objects as go

    token = colours()[look]
    drawn = go.Figure(layout=_layout(title, look, badge))
    names = [_cut(name) for name, _ in rows]
    for n, (name, value) in enumerate(rows):
        arms = value.arms
        clear = arms is not None and zero and _clear(value)
        drawn.add_trace(
            go.Scatter(
                x=[value.mean],
                y=[len(rows) - n],
                mode="markers",
                marker={
                    "size": 10,
                    "color": token["ink"] if clear or not zero else token["paper"],
                    "symbol": "circle",
                    "line": {"width": 2, "color": token["ink"]},
                },
                error_x=_bars(arms, token["ink"]),
                customdata=[f"{escape(name)}<br>{_between(value, unit)}"],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    if zero:
        drawn.add_vline(x=0, line={"width": 1, "color": token["quiet"]})
    drawn.update_layout(showlegend=False, height=130 + ROW * len(rows))
    drawn.update_xaxes(title={"text": unit}, zeroline=False)
    drawn.update_yaxes(
        tickvals=[len(rows) - n for n in range(len(rows))],
        ticktext=[escape(name) for name in names],
        range=[0.4, len(rows) + 0.6],
        showgrid=False,
        automargin=True,
    )
    return drawn


def pareto(
    title: str, ways: Sequence[Way], cost: str, good: str, look: Look, badge: str = "measured"
) -> "Figure":
    """Return what each way costs and how good it is; a line joins those that none beats in both."""
    from plotly import graph_objects as go

    token = colours()[look]
    drawn = go.Figure(layout=_layout(title, look, badge))
    front = sorted((way for way in ways if way.is_best), key=lambda way: way.cost.mean)
    if len(front) > 1:
        drawn.add_trace(
            go.Scatter(
                x=[way.cost.mean for way in front],
                y=[way.good.mean for way in front],
                mode="lines",
                line={"width": 1.5, "dash": "dot", "color": token["quiet"]},
                hoverinfo="skip",
            )
        )
    for n, way in enumerate(ways):
        colour = SERIES[look[1]][n % len(MARKS)]
        drawn.add_trace(
            go.Scatter(
                x=[way.cost.mean],
                y=[way.good.mean],
                mode="markers+text",
                text=[escape(_cut(way.name))],
                textposition="top right",
                textfont={"size": 12, "color": token["ink"]},
                marker={"size": 12, "symbol": MARKS[n % len(MARKS)], "color": colour},
                error_x=_bars(way.cost.arms, colour),
                error_y=_bars(way.good.arms, colour),
                customdata=[_told(way, cost, good)],
                hovertemplate="%{customdata}<extra></extra>",
                cliponaxis=False,
            )
        )
    drawn.update_layout(showlegend=False)
    drawn.update_xaxes(title={"text": cost}, rangemode="tozero")
    drawn.update_yaxes(title={"text": good})
    return drawn


def _layout(title: str, look: Look, badge: str) -> dict[str, Any]:
    """Return the look of all charts, with where the figures come from inside the picture."""
    token = colours()[look]
    made = layout(escape(title), *look)
    made["title"]["font"]["size"] = 18
    made["height"] = HEIGHT
    made["margin"] = {"l": 52, "r": 16, "t": 44, "b": 64}
    made["annotations"] = [
        {
            "text": escape(badge),
            "xref": "paper",
            "yref": "paper",
            "x": 1,
            "y": 0,
            "yshift": -62,
            "xanchor": "right",
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 11, "color": token["quiet"]},
        }
    ]
    return made


def _bars(arms: tuple[float, float] | None, colour: str) -> dict[str, Any]:
    if arms is None:
        return {"visible": False}
    return {
        "type": "data",
        "symmetric": False,
        "arrayminus": [arms[0]],
        "array": [arms[1]],
        "color": colour,
        "thickness": 1.5,
        "width": 5,
    }


def _between(value: Range, unit: str) -> str:
    told = f"{value.mean:.3g}"
    if value.low is not None and value.high is not None:
        told += f" (95 % {value.low:.3g} to {value.high:.3g})"
    return f"{told} {escape(unit)}".replace("-", "−")


def _told(way: Way, cost: str, good: str) -> str:
    return f"{escape(way.name)}<br>{_between(way.good, good)}<br>{_between(way.cost, cost)}"


def _clear(value: Range) -> bool:
    return value.low is not None and value.high is not None and (value.low > 0 or value.high < 0)


def _cut(name: str) -> str:
    return name if len(name) <= LABEL_WIDTH else f"{name[: LABEL_WIDTH - 1]}…"
