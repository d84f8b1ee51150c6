"""One generation of one corpus, open: its rows, its word index, its vectors, and what they answer.

It knows how the parts are brought together, and mends a word index that is missing or damaged
from the rows. It does not know when a newer generation has come.
"""

import logging
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BadInput, Corrupt
from core.records import Corpus
from core.retrieval.lexical import LexicalIndex, Rows
from core.retrieval.search import Searcher
from core.seams import Embedder, Reranker
from core.store.embeddings import Embeddings

if TYPE_CHECKING:
    import numpy as np

    from core.retrieval.keeper import Opened

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Facets:
    """How many chunks there are, of each language and kind, the most frequent first."""

    chunks: int
    files: int
    languages: dict[str, int]
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class Sample:
    """Some chunks with one vector each."""

    ids: list[str]
    paths: list[str]
    symbols: list[str]
    kinds: list[str]
    vectors: "np.ndarray"


class Truth:
    """The vectors that the records hold for chunks of a generation."""

    def __init__(self, embeddings: Embeddings, corpus: Corpus, embedder: str) -> None:
        self._embeddings = embeddings
        self._corpus = corpus
        self._embedder = embedder

    def __call__(self, ids: Sequence[str]) -> "tuple[list[str], np.ndarray]":
        """Return every kept vector of these chunks, and whose each row is."""
        pairs = [(id, hash) for id in ids for hash in self._pieces.get(id, ())]
        lacking = set(self._embeddings.missing(self._embedder, [hash for _, hash in pairs]))
        kept = [(id, hash) for id, hash in pairs if hash not in lacking]
        matrix = self._embeddings.vectors(self._embedder, [hash for _, hash in kept])
        return [id for id, _ in kept], matrix

    def firsts(self, ids: Sequence[str]) -> "tuple[list[str], np.ndarray]":
        """Return the vector of each chunk's first piece, where it is kept."""
        pairs = {hash: id for id in ids for hash in self._pieces.get(id, ())[:1]}
        lacking = set(self._embeddings.missing(self._embedder, list(pairs)))
        kept = [hash for hash in pairs if hash not in lacking]
        return [pairs[hash] for hash in kept], self._embeddings.vectors(self._embedder, kept)

    @cached_property
    def _pieces(self) -> dict[str, list[str]]:
        table = self._embeddings.pieces(self._corpus.name, self._embedder, self._corpus.generation)
        found: dict[str, list[str]] = {}
        for id, hash in zip(table["chunk_id"].to_pylist(), table["hash"].to_pylist(), strict=True):
            found.setdefault(id, []).append(hash)
        return found


class Volume:
    """An open generation. It is closed once it is retired and nobody reads in it any more."""

    def __init__(
        self,
        corpus: Corpus,
        rows: Rows,
        lexical: LexicalIndex,
        truth: Truth,
        embedder: Embedder,
        reranker: Reranker | None,
        opened: "Opened | None",
        notice: str,
    ) -> None:
        self.corpus = corpus
        self.notice = notice
        self._rows = rows
        self._truth = truth
        self._opened = opened
        self._lock = threading.Lock()
        self._readers = 0
        self._retired = False
        self.searcher = Searcher(
            rows,
            lexical,
            index=opened.index if opened else None,
            embedder=embedder,
            reranker=reranker,
            corpus=corpus.name,
            generation=corpus.generation,
            notice=notice,
            vectors=truth,
        )

    @property
    def has_vectors(self) -> bool:
        """Say whether it can be searched by meaning."""
        return self._opened is not None and self._opened.index is not None

    @contextmanager
    def read(self) -> Iterator["Volume"]:
        """Keep it open for a while."""
        with self._lock:
            self._readers += 1
        try:
            yield self
        finally:
            with self._lock:
                self._readers -= 1
                last = self._retired and not self._readers
            if last:
                self._close()

    def retire(self) -> None:
        """Close it, as soon as nobody reads in it."""
        with self._lock:
            first, self._retired = not self._retired, True
            now = first and not self._readers
        if now:
            self._close()

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    @cached_property
    def facets(self) -> Facets:
        """What there is to filter by."""
        counted = [Counter(self._rows[column]) for column in ("language", "kind")]
        languages, kinds = (dict(each.most_common()) for each in counted)
        files = len(set(self._rows["path"]))
        return Facets(len(self._rows["id"]), files, languages, kinds)

    def sample(self, limit: int, also: Sequence[str]) -> Sample:
        """Return the chunks asked for and an even sample of the others, with their vectors."""
        ids = self._rows["id"]
        step = max(1, len(ids) // max(1, limit))
        wanted = list(dict.fromkeys([*also, *ids[::step][:limit]]))
        kept, vectors = self._truth.firsts(wanted)
        if not kept:
            raise BadInput(
                f"The index {self.corpus.name!r} has no vectors yet.",
                "Wait until its chunks are embedded.",
            )
        place = {id: n for n, id in enumerate(ids)}
        order = [n for n, id in enumerate(kept) if id in place]
        at = [place[kept[n]] for n in order]
        paths, symbols, kinds = (
            [self._rows[column][n] for n in at] for column in ("path", "symbol", "kind")
        )
        return Sample([kept[n] for n in order], paths, symbols, kinds, vectors[order])


def words(folder: Path, rows: Rows) -> LexicalIndex:
    """Return the word index of these rows, made again where it is missing or damaged."""
    try:
        return LexicalIndex.open(folder).updated(rows)
    except Corrupt as error:
        _log.warning("%s", error)
    index = LexicalIndex.build(rows)
    index.save(folder)
    return index
