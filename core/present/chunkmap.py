"""Chunks on a plane: their vectors laid flat, coloured by folder, a query and its results on them.

It knows projections and plotly. It does not know where vectors come from or what a page is.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from core.errors import BadInput
from core.present.charts import MARKS, SERIES, layout
from core.present.numbers import percent
from core.present.tokens import colours

if TYPE_CHECKING:
    import numpy as np
    from plotly.graph_objects import Figure

FEWEST = 3
MOST_FOLDERS = len(MARKS)
OTHER = "elsewhere"
HEIGHT = 440


@dataclass(frozen=True, slots=True)
class Dot:
    """One chunk on the plane."""

    x: float
    y: float
    path: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Found:
    """The query's own place, and those of its results with their rank."""

    query: tuple[float, float] | None = None
    hits: tuple[tuple[int, Dot], ...] = ()


class Plane:
    """The two directions along which the vectors differ most."""

    def __init__(self, vectors: "np.ndarray") -> None:
        from sklearn.decomposition import PCA

        if len(vectors) < FEWEST:
            raise BadInput(
                f"A map needs at least {FEWEST} chunks with vectors; there are {len(vectors)}.",
                "Index more, or wait until the vectors are made.",
            )
        self._pca = PCA(2, svd_solver="full").fit(vectors)
        first, second = self._pca.explained_variance_ratio_
        self.shares = float(first), float(second)

    def places(self, vectors: "np.ndarray") -> list[tuple[float, float]]:
        """Return where vectors lie on the plane."""
        return [(float(x), float(y)) for x, y in self._pca.transform(vectors)]


def folders(paths: Sequence[str]) -> list[str]:
    """Return each path's folder at the first level where paths differ; rare ones as one."""
    parts = [path.split("/")[:-1] for path in paths]
    level = 0
    while parts and all(len(p) > level for p in parts) and len({p[level] for p in parts}) == 1:
        level += 1
    named = ["/".join(p[level : level + 1]) or "top level" for p in parts]
    common = [name for name, _ in Counter(named).most_common(MOST_FOLDERS)]
    return [name if name in common else OTHER for name in named]


def figure(
    title: str,
    dots: Sequence[Dot],
    shares: tuple[float, float],
    found: Found,
    palette: str,
    scheme: str,
) -> "Figure":
    """Return the map as a plotly figure."""
    from plotly import graph_objects as go

    token = colours()[palette, scheme]
    drawn = go.Figure(layout={**layout(escape(title), palette, scheme), "height": HEIGHT})
    for n, (name, members) in enumerate(_groups(dots)):
        rest = name == OTHER
        look = {
            "size": 6,
            "opacity": 0.75,
            "color": token["quiet"] if rest else SERIES[scheme][n],
            "symbol": "circle-open" if rest else MARKS[n],
            "line": {"width": 1 if rest else 0},
        }
        drawn.add_trace(_scatter(members, escape(name), look))
    if found.hits:
        drawn.add_trace(_hits(found, token))
    if found.query is not None:
        drawn.add_trace(_query(found.query, token))
    for axis, share, nth in (("xaxis", shares[0], "First"), ("yaxis", shares[1], "Second")):
        words = f"{nth} direction, {percent(share)} of the differences"
        bare = {"showticklabels": False, "showgrid": False}
        drawn.update_layout({axis: {"title": {"text": words}, **bare}})
    return drawn


def _groups(dots: Sequence[Dot]) -> list[tuple[str, list[Dot]]]:
    """Return the dots of each folder, the largest first and the rest last."""
    names = folders([dot.path for dot in dots])
    order = sorted(Counter(names).items(), key=lambda item: (item[0] == OTHER, -item[1], item[0]))
    return [
        (name, [dot for dot, of in zip(dots, names, strict=True) if of == name])
        for name, _ in order
    ]


def _scatter(dots: Sequence[Dot], name: str, look: dict):  # noqa: ANN202  plotly stays lazy
    from plotly import graph_objects as go

    return go.Scatter(
        x=[dot.x for dot in dots],
        y=[dot.y for dot in dots],
        mode="markers",
        name=name,
        marker=look,
        text=[_told(dot) for dot in dots],
        hovertemplate="%{text}<extra></extra>",
    )


def _hits(found: Found, token: dict[str, str]):  # noqa: ANN202
    from plotly import graph_objects as go

    dots = [dot for _, dot in found.hits]
    return go.Scatter(
        x=[dot.x for dot in dots],
        y=[dot.y for dot in dots],
        mode="markers+text",
        name="results, by rank",
        text=[str(rank) for rank, _ in found.hits],
        textposition="top center",
        textfont=_label(token),
        marker={"size": 12, "symbol": "circle-open", "color": token["ink"], "line": {"width": 2}},
        customdata=[_told(dot) for dot in dots],
        hovertemplate="%{text}. %{customdata}<extra></extra>",
    )


def _query(place: tuple[float, float], token: dict[str, str]):  # noqa: ANN202
    from plotly import graph_objects as go

    return go.Scatter(
        x=[place[0]],
        y=[place[1]],
        mode="markers+text",
        name="the query",
        text=["query"],
        textposition="bottom center",
        textfont=_label(token),
        marker={
            "size": 18,
            "symbol": "star",
            "color": token["mark"],
            "line": {"width": 1.5, "color": token["paper"]},
        },
        hovertemplate="The query<extra></extra>",
    )


def _label(token: dict[str, str]) -> dict[str, object]:
    """Return a font that is legible over dots."""
    halo = ", ".join([f"0 0 3px {token['paper']}"] * 4)
    return {"color": token["ink"], "size": 14, "weight": 600, "shadow": halo}


def _told(dot: Dot) -> str:
    named = f"<b>{escape(dot.symbol)}</b><br>" if dot.symbol else ""
    return f"{named}{escape(dot.path)}"
