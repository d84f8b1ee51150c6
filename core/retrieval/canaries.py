"""Canary queries: chosen from a corpus, asked of its new index before that index may serve.

Each knows which chunk it must bring back. It does not know how an index is built, nor what
happens to one that fails.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core.documents import Chunk, location
from core.errors import StateError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from core.retrieval.lexical import LexicalIndex
    from core.seams import VectorIndex

COUNT = 12
DEPTH = 10
WORDS = 12
QUERY_LENGTH = 400
# A corpus full of near-copies may hide a few; an index that is wrong loses most.
NEEDED = 0.75
SAME = 0.999
EXAMPLES = 6
CANDIDATES = 60
_NAMED = ("function", "method", "class", "section")
_WORD = re.compile(r"\w+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")

Stage = Literal["words", "vectors"]
Fetch = Callable[[Sequence[str]], list[Chunk]]
Truth = Callable[[Sequence[str]], "tuple[list[str], np.ndarray]"]


@dataclass(frozen=True, slots=True)
class Canary:
    """A chunk and the words it must be found by."""

    chunk: Chunk
    query: str


@dataclass(frozen=True, slots=True)
class Song:
    """What became of one canary: what was asked, and where its chunk came."""

    stage: Stage
    query: str
    passed: bool
    said: str


def choose(rows: "pa.Table", count: int = COUNT) -> list[Canary]:
    """Return canaries spread evenly over live rows; the same rows give the same ones."""
    places = _spread(len(rows), count)
    columns = ("id", "path", "start", "end", "symbol", "text")
    picked = rows.select(list(columns)).take(places).to_pylist() if places else []
    chunks = [Chunk(**row) for row in picked]
    return [Canary(chunk, query(chunk)) for chunk in chunks]


def query(chunk: Chunk) -> str:
    """Return the longest words of a chunk, in their order, after its name."""
    found = list(dict.fromkeys(_WORD.findall(chunk.text)))
    kept = set(sorted(found, key=lambda word: (-len(word), word))[:WORDS])
    words = [chunk.symbol, *(word for word in found if word in kept)]
    return " ".join(words)[:QUERY_LENGTH].strip()


def by_words(index: "LexicalIndex", canaries: Sequence[Canary], fetch: Fetch) -> list[Song]:
    """Ask a word index; a chunk with the very same text counts as the one meant."""
    songs = []
    for canary in canaries:
        ids = [id for id, _ in index.rank(canary.query, DEPTH)]
        same = {chunk.id for chunk in fetch(ids) if chunk.text == canary.chunk.text}
        ranks = [n for n, id in enumerate(ids, 1) if id in same]
        songs.append(_song("words", canary.query, canary.chunk, ranks))
    return songs


def by_vectors(index: "VectorIndex", chunks: Sequence[Chunk], truth: Truth) -> list[Song]:
    """Ask a vector index for chunks by their own vectors, and compare with the kept ones."""
    songs = []
    for chunk in chunks:
        own = truth([chunk.id])[1]
        found = [id.rpartition("#")[0] for id, _ in index.query(own[0], DEPTH)] if len(own) else []
        owners, kept = truth(list(dict.fromkeys(found)))
        near = {owner for owner, row in zip(owners, kept, strict=True) if row @ own[0] >= SAME}
        ranks = [n for n, id in enumerate(dict.fromkeys(found), 1) if id in near]
        asked = f"the vector of {location(chunk)}"
        songs.append(_song("vectors", asked, chunk, ranks))
    return songs


def examples(index: "LexicalIndex", rows: "pa.Table", count: int = EXAMPLES) -> list[str]:
    """Return short queries made of names in the corpus, each of which finds what it names."""
    import pyarrow as pa

    named = rows.filter(pa.array([kind in _NAMED for kind in rows["kind"].to_pylist()]))
    found: dict[str, None] = {}
    for at in _spread(len(named), CANDIDATES):
        row = named.slice(at, 1).to_pylist()[0]
        asked = " ".join(part.lower() for part in _PART.findall(row["symbol"].rpartition(".")[2]))
        if not 2 <= len(asked.split()) <= 5 or asked in found:
            continue
        if row["id"] in [id for id, _ in index.rank(asked, 5)]:
            found[asked] = None
    chosen = list(found)
    return [chosen[at] for at in _spread(len(chosen), count)]


def check(name: str, which: str, songs: Sequence[Song]) -> None:
    """Raise where so many were missed that the index must not serve."""
    if not enough(songs):
        missed = sum(not song.passed for song in songs)
        raise StateError(
            f"The new {which} index of {name!r} missed {missed} of {len(songs)} canary "
            "queries and does not serve; what served before still does.",
            "Run the same ingest again. `python -m ingest report` names the queries.",
        )


def enough(songs: Sequence[Song]) -> bool:
    """Say whether so many passed that the index may serve."""
    return sum(song.passed for song in songs) >= NEEDED * len(songs)


def _spread(total: int, count: int) -> list[int]:
    """Return places spread evenly over a length."""
    count = min(count, total)
    return [(2 * n + 1) * total // (2 * count) for n in range(count)]


def _song(stage: Stage, asked: str, chunk: Chunk, ranks: list[int]) -> Song:
    where, how = location(chunk), {"words": "by words", "vectors": "by vectors"}[stage]
    if ranks:
        return Song(stage, asked, True, f"{where} came {how} at rank {ranks[0]}.")
    return Song(stage, asked, False, f"{where} is not among the first {DEPTH} {how}.")
