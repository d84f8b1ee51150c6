"""A small corpus and an embedder that needs no model: what the tests of searching share."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.retrieval.embed import heading
from core.retrieval.lexical import LexicalIndex
from core.retrieval.search import Knobs, Searcher
from core.retrieval.vectors.faiss import FaissFolder
from core.retrieval.words import tokens
from core.seams import Asked, Candidate

CHUNKS = [
    # path, kind, symbol, language, text
    ("net/client.py", "class", "Client", "python", "class Client:\n    keeps a pool of sockets"),
    ("net/client.py", "method", "Client.close", "python", "def close(self): shut every socket"),
    ("net/client.py", "method", "Client.send", "python", "def send(self, request): write to it"),
    ("net/pool.py", "function", "open_pool", "python", "def open_pool(size): many sockets"),
    ("net/pool.py", "function", "drain", "python", "def drain(): wait, then call open_pool again"),
    ("files/read.go", "function", "ReadLines", "go", "func ReadLines() reads lines of a file"),
    ("files/notes.md", "section", "Reading", "markdown", "How files are read, line by line."),
    ("kitchen.md", "section", "Bread", "markdown", "Flour, water, salt and a warm oven."),
]


class Words:
    """An Embedder: hashed words as directions, so that texts sharing words are near."""

    def name(self) -> str:
        return "words"

    def split(self, text: str, head: str = "") -> list[str]:
        return [f"{head}\n{text}".strip()]

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.full((len(texts), 64), 1e-3, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in tokens(text):
                row[zlib.crc32(word.encode()) % 64] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class Longest:
    """A Reranker that likes long texts, so that its order is never another stage's."""

    def name(self) -> str:
        return "longest"

    def score(self, asked: Asked, candidates: Sequence[Candidate]) -> list[float]:
        return [float(len(headed(each.chunk))) for each in candidates]


def rows(chunks: Sequence[tuple[str, str, str, str, str]] = CHUNKS) -> dict[str, list[Any]]:
    count = len(chunks)
    made = {name: [chunk[at] for chunk in chunks] for at, name in enumerate(
        ("path", "kind", "symbol", "language", "text")
    )}  # fmt: skip
    return {
        **made,
        "id": [f"c{at}" for at in range(count)],
        "start": [1] * count,
        "end": [2] * count,
        "names": [["self"]] * count,
        "source": [""] * count,
        "context": [""] * count,
        "span": [[0, len(text)] for text in made["text"]],
    }


def vectors_of(columns: dict[str, list[Any]]) -> np.ndarray:
    parts = zip(columns["path"], columns["symbol"], columns["text"], strict=True)
    return Words().embed([" ".join(part) for part in parts])


def searcher(folder: Path, *, knobs: Knobs | None = None, **changes: Any) -> Searcher:
    """Return a searcher over the small corpus, with vectors and no floor, unless told otherwise."""
    columns = changes.pop("rows", rows())
    index = FaissFolder(folder).open("small", 64)
    index.write([f"{name}#0" for name in columns["id"]], vectors_of(columns))
    parts = {"index": index, "embedder": Words(), "reranker": Longest()}
    parts |= {"floors": (anything, anything), **changes}
    return Searcher(columns, LexicalIndex.build(columns), knobs=knobs, **parts)


def anything(asked: Asked, candidates: Sequence[Candidate], nearest: float) -> float:
    """Find everything relevant."""
    return 1.0


def headed(chunk: Any) -> str:
    return f"{heading(chunk)}\n{chunk.text}"
