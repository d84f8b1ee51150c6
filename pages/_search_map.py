"""The map of a corpus: its chunks on a plane, drawn when it is asked for.

It knows how a sample becomes a figure and keeps the planes it made. Vectors and queries are the
library's; it is handed both.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.present.chunkmap import Dot, Found, Plane, figure
from core.present.numbers import count, percent
from core.records import Corpus
from pages._html import badge
from pages._search_asked import Asked

if TYPE_CHECKING:
    import numpy as np

    from core.retrieval.library import Library, Sample

SAMPLED = 2_000
KEPT = 4
SCHEMES = ("light", "dark")


@dataclass(frozen=True)
class Drawn:
    """A plane with the sampled chunks on it."""

    plane: Plane
    dots: tuple[Dot, ...]


class Maps:
    """The maps of every corpus, the latest few kept."""

    def __init__(self, library: "Library", palette: str) -> None:
        self._library = library
        self._palette = palette
        self._kept: OrderedDict[tuple[str, int], Drawn] = OrderedDict()

    def figure(self, corpus: Corpus, asked: Asked, ids: list[str], scheme: str) -> tuple[Any, str]:
        """Return the figure with the query and the chunks of these ids on it, and its caption."""
        drawn = self._drawn(corpus)
        found = self._found(corpus, drawn, asked, ids)
        title = f"{corpus.title or corpus.name}: what is near means something similar"
        chosen = scheme if scheme in SCHEMES else SCHEMES[0]
        made = figure(title, drawn.dots, drawn.plane.shares, found, self._palette, chosen)
        return made, _caption(corpus, drawn)

    def _drawn(self, corpus: Corpus) -> Drawn:
        key = (corpus.name, corpus.generation)
        if key not in self._kept:
            sample = self._library.sample(corpus.name, SAMPLED)
            plane = Plane(sample.vectors)
            self._kept[key] = Drawn(plane, tuple(_dots(plane, sample, sample.vectors)))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _found(self, corpus: Corpus, drawn: Drawn, asked: Asked, ids: list[str]) -> Found:
        if not asked.text:
            return Found()
        query = drawn.plane.places(self._library.embed([asked.text])[1])[0]
        sample = self._library.sample(corpus.name, 0, also=ids)
        dots = _dots(drawn.plane, sample, sample.vectors) if len(sample.ids) else []
        ranks = {id: rank for rank, id in enumerate(ids, 1)}
        return Found(query, tuple((ranks[id], d) for id, d in zip(sample.ids, dots, strict=True)))


def _dots(plane: Plane, sample: "Sample", vectors: "np.ndarray") -> list[Dot]:
    rows = zip(plane.places(vectors), sample.paths, sample.symbols, strict=True)
    return [Dot(x, y, path, symbol) for (x, y), path, symbol in rows]


def _caption(corpus: Corpus, drawn: Drawn) -> str:
    total, shown = corpus.report.get("chunks"), len(drawn.dots)
    whole = not isinstance(total, int) or total <= shown
    which = "one for each chunk" if whole else f"an even sample of {count(total, 'chunk')}"
    held = percent(sum(drawn.plane.shares))
    how = "Principal components of the chunks' vectors, computed on this machine (scikit-learn)"
    return (
        f'<p class="quiet">{count(shown, "point")}, {which}. The '
        f"two directions hold {held} of the differences between the vectors, so distances here "
        f"are a hint, not a measure. {badge('measured', how)}</p>"
    )
