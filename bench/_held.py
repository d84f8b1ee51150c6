"""The held-out questions over their files, cut in one way: rows to search, and what answers.

It knows how the suite codeqa-retrieval becomes a corpus and when a chunk counts as found. It
does not know how anything is ranked, nor what is compared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.documents import Chunk, Document, approximate_tokens
from core.retrieval.embed import Transformer, pieces_of_all
from core.retrieval.lexical import LexicalIndex, Rows
from core.retrieval.search import Searcher
from core.retrieval.vectors.faiss import FaissFolder
from core.store.connection import Store
from core.store.embeddings import Embeddings, hash_of
from eval.suites import codeqa
from eval.suites.codeqa import Question
from ingest.chunk import cut, cutting
from ingest.pipeline import identified

HALF = 0.5
WINDOW = 256
FRAME = 2  # tokens the model puts around every text
AT_ONCE = 512


@dataclass(frozen=True)
class Corpus:
    """A split's chunks with their vectors; `owners` says whose row each vector is."""

    rows: Rows
    vectors: np.ndarray
    owners: list[int]

    @property
    def ids(self) -> list[str]:
        """Return a name for every vector, as an index holds it."""
        seen: dict[int, int] = {}
        names: list[str] = []
        for owner in self.owners:
            names.append(f"{self.rows['id'][owner]}#{seen.setdefault(owner, 0)}")
            seen[owner] += 1
        return names


class Kept:
    """An embedder whose vectors are kept in a folder by the hash of their text."""

    def __init__(self, folder: Path, embedder: Transformer) -> None:
        self._store = Store.open(folder)
        self._embeddings = Embeddings(self._store)
        self._embedder = embedder

    def name(self) -> str:
        """Say which model this is."""
        return self._embedder.name()

    def split(self, text: str, head: str = "") -> list[str]:
        """Return the text in pieces that fit the window."""
        return self._embedder.split(text, head)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return one vector for each text; what is not kept is made, the longest first."""
        name, by_hash = self._embedder.name(), {hash_of(text): text for text in texts}
        lacking = self._embeddings.missing(name, list(by_hash))
        lacking.sort(key=lambda digest: -len(by_hash[digest]))
        for start in range(0, len(lacking), AT_ONCE):
            some = lacking[start : start + AT_ONCE]
            made = self._embedder.embed([by_hash[digest] for digest in some])
            self._embeddings.keep(name, some, made)
        return self._embeddings.vectors(name, [hash_of(text) for text in texts])

    def close(self) -> None:
        """Close the store."""
        self._store.close()


def chunks(split: str, strategy: str, count: Callable[[str], int] = approximate_tokens) -> Rows:
    """Return the rows of a split's files, cut in one way."""
    found: list[Chunk] = []
    for path, raw in codeqa.texts(split).items():
        document = Document(source="", path=path, text=raw.decode("utf-8"))
        found += [identified(chunk) for chunk in cut(document, cutting(strategy), count)]
    return table(found)


def table(found: Sequence[Chunk]) -> Rows:
    """Return chunks column by column."""
    columns = (
        "id", "path", "start", "end", "kind", "symbol", "language", "text", "names", "context",
        "source", "span",
    )  # fmt: skip
    return {name: [getattr(chunk, name) for chunk in found] for name in columns}


def ours(rows: Rows, embedder: Transformer, kept: Kept) -> Corpus:
    """Embed chunks as the product does: under their heading, in as many pieces as it takes."""
    pieces = pieces_of_all(embedder, [at(rows, row) for row in range(len(rows["id"]))])
    owners = [row for row, parts in enumerate(pieces) for _ in parts]
    return Corpus(rows, kept.embed([part for parts in pieces for part in parts]), owners)


def usual(rows: Rows, embedder: Transformer, kept: Kept) -> Corpus:
    """Embed chunks as is usual: their bare text, of which the model reads the first 256 tokens."""
    texts = [first_tokens(embedder, text) for text in rows["text"]]
    return Corpus(rows, kept.embed(texts), list(range(len(texts))))


def first_tokens(embedder: Transformer, text: str) -> str:
    """Return the part of a text that the model's window holds."""
    read = embedder.tokens(text)
    room = WINDOW - FRAME
    return text[: read.offsets[room - 1][1]] if len(read.ids) > room else text


def searcher(corpus: Corpus, kept: Kept, folder: Path, **parts: Any) -> Searcher:  # noqa: ANN401
    """Return the product's searcher over a corpus, its vectors compared one by one."""
    index = FaissFolder(folder).open("held", corpus.vectors.shape[1])
    index.write(corpus.ids, corpus.vectors)
    lexical = LexicalIndex.build(corpus.rows)
    return Searcher(corpus.rows, lexical, index=index, embedder=kept, **parts)


def at(rows: Rows, row: int) -> Chunk:
    """Return one row as a chunk."""
    return Chunk(**{name: values[row] for name, values in rows.items()})


def answering(rows: Rows, question: Question, least: float = HALF) -> set[int]:
    """Return the rows that answer: those that hold half of a gold span, or lie half in one.

    With `least` 0 one shared byte is enough. Windows and chunks are judged alike.
    """
    found: set[int] = set()
    for gold in question.gold:
        for row, (path, span) in enumerate(zip(rows["path"], rows["span"], strict=True)):
            if path == gold.path and shared(span, gold.span) > 0:
                smaller = min(span[1] - span[0], gold.span[1] - gold.span[0])
                if shared(span, gold.span) >= least * smaller:
                    found.add(row)
    return found


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many bytes two spans have in common."""
    return min(one[1], other[1]) - max(one[0], other[0])


def first_rank(ranked: Sequence[int], wanted: set[int]) -> int | None:
    """Return the rank of the first row that answers, from 1."""
    return next((rank for rank, row in enumerate(ranked, 1) if row in wanted), None)


def questions(split: str, answerable: bool = True) -> list[Question]:
    """Return a split's questions that have an answer in its files, or those that have none."""
    return [each for each in codeqa.load(split) if bool(each.gold) == answerable]
