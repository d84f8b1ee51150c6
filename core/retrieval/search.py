"""One open corpus, searched: by words, by meaning, by both, and read again by a reranker.

It knows the stages, their order and their times, and falls back to words where vectors are
missing. It does not know how an index is kept, nor which corpus a question is about.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from core.documents import Chunk
from core.errors import BadInput, TooLarge
from core.retrieval.filters import mask
from core.retrieval.floor import BY_MEANING, BY_WORDS, LOOKED, Judge
from core.retrieval.found import MAX_K, MAX_QUERY, MODES, Hit, Mode, Place, Query, Results
from core.retrieval.fuse import STEADY, fuse
from core.retrieval.lexical import LexicalIndex, Rows, best, matching
from core.retrieval.signals import Pushes, Signals
from core.seams import Asked, Candidate, Embedder, Reranker, VectorIndex

if TYPE_CHECKING:
    from core.retrieval.fuse import Ranking

NO_VECTORS = "The vectors are not ready yet; this was found by words alone."
NO_RERANKER = "No reranker is set; this is the order before it."
SPREAD = 2  # a chunk may hold several vectors, so more of them are asked for than chunks wanted
EXACT = 2_000  # up to so many allowed chunks are compared one by one instead of by the index

Vectors = Callable[[Sequence[str]], tuple[list[str], np.ndarray]]


@dataclass(frozen=True, slots=True)
class Knobs:
    """How many candidates each stage hands on, and how much each ranking weighs."""

    lexical_weight: float = 1.0
    dense_weight: float = 1.0
    steady: float = STEADY
    pool: int = 200
    reread: int = 20
    pushes: Pushes = field(default_factory=Pushes)


class Trail:
    """What each stage of one search made of the rows, and how long it took."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[int, Place]] = {}
        self.seconds: dict[str, float] = {}
        self.chunks: dict[int, Chunk] = {}

    def note(self, stage: str, ranking: "Ranking") -> None:
        """Keep where a stage put each row."""
        self.stages[stage] = {
            row: Place(stage, rank, score) for rank, (row, score) in enumerate(ranking, 1)
        }

    def nearest(self) -> float:
        """Return the highest cosine."""
        return max((place.score for place in self.stages.get("dense", {}).values()), default=0)

    def places(self, row: int) -> tuple[Place, ...]:
        """Return a row's place in every stage that ranked it."""
        return tuple(places[row] for places in self.stages.values() if row in places)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Measure a stage."""
        since = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - since


class Searcher:
    """Searches the rows of one generation of a corpus. It keeps no state between searches."""

    def __init__(
        self,
        rows: Rows,
        lexical: LexicalIndex,
        *,
        index: VectorIndex | None = None,
        embedder: Embedder | None = None,
        reranker: Reranker | None = None,
        knobs: Knobs | None = None,
        corpus: str = "",
        generation: int = 0,
        notice: str = "",
        vectors: Vectors | None = None,
        floors: tuple[Judge, Judge] = (BY_WORDS, BY_MEANING),
    ) -> None:
        self._rows, self._lexical = rows, lexical
        self._index, self._embedder, self._reranker = index, embedder, reranker
        self._knobs = knobs or Knobs()
        self._corpus, self._generation, self._notice = corpus, generation, notice
        self._vectors = vectors
        self._by_words_floor, self._by_meaning_floor = floors
        self._row = {name: at for at, name in enumerate(rows["id"])}
        self._signals = Signals(rows, self._knobs.pushes)

    def search(self, query: Query) -> Results:
        """Return what is relevant, best first, or the nearest misses where nothing is."""
        query = checked(query)
        since = time.perf_counter()
        used, notice = self._mode(query.mode)
        trail = Trail()
        allowed = mask(query.filters, self._rows)
        asked = self._lexical.asked(query.text)
        ranking = self._ranked(asked, used, allowed, trail)
        found = tuple(
            self._hit(query.text, row, score, trail) for row, score in ranking[: query.top_k]
        )
        with trail.timed("floor"):
            first = [self._candidate(row, trail) for row, _ in ranking[:LOOKED]]
            relevant = self._floor(used)(asked, first, trail.nearest()) > 0
        trail.seconds["total"] = time.perf_counter() - since
        return Results(
            query=query,
            used=used,
            hits=found if relevant else (),
            misses=() if relevant else found,
            seconds=trail.seconds,
            corpus=self._corpus,
            generation=self._generation,
            notice=notice,
        )

    def _mode(self, wanted: Mode) -> tuple[Mode, str]:
        """Return the mode that can run, and a sentence where it is not the one asked for."""
        if wanted != "lexical" and (self._index is None or self._embedder is None):
            return "lexical", self._notice or NO_VECTORS
        if wanted == "reranked" and self._reranker is None:
            return "hybrid", NO_RERANKER
        return wanted, ""

    def _floor(self, mode: Mode) -> Judge:
        return self._by_words_floor if mode == "lexical" else self._by_meaning_floor

    def _ranked(
        self, asked: Asked, mode: Mode, allowed: np.ndarray | None, trail: Trail
    ) -> "Ranking":
        """Run the mode's stages and return the last one's order."""
        text = asked.text
        rankings: dict[str, Ranking] = {}
        if mode != "dense":
            with trail.timed("lexical"):
                words = self._by_words(text, allowed)
                rankings["lexical"] = (
                    self._signals.applied(text, words) if mode == "lexical" else words
                )
            trail.note("lexical", rankings["lexical"])
        if mode != "lexical":
            rankings["dense"] = self._by_meaning(text, allowed, trail)
            trail.note("dense", rankings["dense"])
        if mode in ("lexical", "dense"):
            return rankings[mode]
        with trail.timed("fuse"):
            weights = {"lexical": self._knobs.lexical_weight, "dense": self._knobs.dense_weight}
            fused = self._signals.applied(text, fuse(rankings, weights, self._knobs.steady))
        trail.note("fused", fused)
        return fused if mode == "hybrid" else self._reread(asked, fused, trail)

    def _by_words(self, text: str, allowed: np.ndarray | None) -> "Ranking":
        scores = self._lexical.scores(text)
        if allowed is not None:
            scores *= allowed
        return [(row, float(scores[row])) for row in best(scores, self._knobs.pool)]

    def _by_meaning(self, text: str, allowed: np.ndarray | None, trail: Trail) -> "Ranking":
        assert self._embedder is not None
        with trail.timed("embed"):
            vector = self._embedder.embed([text])[0]
        with trail.timed("dense"):
            if allowed is not None and self._vectors is not None:
                rows = np.flatnonzero(allowed)
                if len(rows) <= EXACT:
                    return self._exactly(vector, rows, self._vectors)
            return self._nearest(vector, allowed)

    def _exactly(self, vector: np.ndarray, rows: np.ndarray, vectors: Vectors) -> "Ranking":
        """Compare with every allowed chunk's own vectors."""
        if not len(rows):
            return []
        names, matrix = vectors([self._rows["id"][row] for row in rows.tolist()])
        scored = sorted(zip(names, matrix @ vector, strict=True), key=lambda pair: -pair[1])
        return self._firsts((name, float(score)) for name, score in scored)

    def _nearest(self, vector: np.ndarray, allowed: np.ndarray | None) -> "Ranking":
        """Ask the index for more and more until enough of what it gives is allowed."""
        assert self._index is not None
        asked = self._knobs.pool * SPREAD
        while True:
            found = self._index.query(vector, asked)
            pairs = ((name.rpartition("#")[0], score) for name, score in found)
            ranking = [
                (row, score)
                for row, score in self._firsts(pairs)
                if allowed is None or allowed[row]
            ]
            if len(ranking) >= self._knobs.pool or len(found) < asked or allowed is None:
                return ranking[: self._knobs.pool]
            asked *= 8

    def _firsts(self, pairs: "Iterator[tuple[str, float]]") -> list[tuple[int, float]]:
        """Return every chunk once, by the best of its vectors; what is unknown here is left out."""
        found: dict[int, float] = {}
        for name, score in pairs:
            row = self._row.get(name)
            if row is not None:
                found.setdefault(row, score)
        return list(found.items())

    def _reread(self, asked: Asked, fused: "Ranking", trail: Trail) -> "Ranking":
        assert self._reranker is not None
        first = [row for row, _ in fused[: self._knobs.reread]]
        if not first:
            return []
        with trail.timed("rerank"):
            scores = self._reranker.score(asked, [self._candidate(row, trail) for row in first])
            order = sorted(zip(first, scores, strict=True), key=lambda pair: -pair[1])
        trail.note("reranked", order)
        return [*order, *fused[self._knobs.reread :]]

    def _hit(self, text: str, row: int, score: float, trail: Trail) -> Hit:
        chunk = self._chunk(row, trail)
        return Hit(chunk, score, trail.places(row), matching(text, chunk.text))

    def _candidate(self, row: int, trail: Trail) -> Candidate:
        ranks = {place.stage: place.rank for place in trail.places(row)}
        return Candidate(self._chunk(row, trail), ranks)

    def _chunk(self, row: int, trail: Trail) -> Chunk:
        """Return a row as a chunk; several stages of a search look at the same one."""
        if row not in trail.chunks:
            trail.chunks[row] = self._made(row)
        return trail.chunks[row]

    def _made(self, row: int) -> Chunk:
        rows = self._rows
        return Chunk(
            path=rows["path"][row],
            start=rows["start"][row],
            end=rows["end"][row],
            text=rows["text"][row],
            kind=rows["kind"][row],
            symbol=rows["symbol"][row],
            names=tuple(rows["names"][row]),
            language=rows["language"][row],
            source=rows["source"][row],
            id=rows["id"][row],
            span=(rows["span"][row][0], rows["span"][row][1]),
            context=rows["context"][row],
        )


def checked(query: Query) -> Query:
    """Return the query as it can be searched, or say what is wrong with it."""
    text = query.text.encode("utf-8", "replace").decode("utf-8")
    if not text.strip():
        raise BadInput("The question is empty.", "Write what you are looking for.")
    if len(text) > MAX_QUERY:
        raise TooLarge(
            f"The question has {len(text):,} characters; {MAX_QUERY:,} are the most.",
            "Ask with fewer words.",
        )
    if not 1 <= query.top_k <= MAX_K:
        raise BadInput(
            f"{query.top_k:,} results cannot be given.", f"Ask for 1 to {MAX_K} of them."
        )
    if query.mode not in MODES:
        raise BadInput(f"{query.mode!r} is no mode.", f"Choose one of {', '.join(MODES)}.")
    return replace(query, text=text)
