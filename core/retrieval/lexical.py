"""Ranking texts by the words they share with a query, chunk by chunk and file by file.

It knows how a chunk is made into words and how an index is kept in a folder. It does not know
where chunks come from; what changed since a folder was written is seen again from the rows.
"""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Corrupt
from core.retrieval.words import WORD, tokens, word_tokens
from core.seams import Asked

if TYPE_CHECKING:
    import numpy as np

    from core.retrieval.layers import Layers

Rows = Mapping[str, Sequence[Any]]

FILE_SHARE = 0.3  # how much of a chunk's score is its whole file's
SYMBOL_TIMES = 2  # a chunk's own name counts as if it were written that often more
REBUILD = 0.2  # changed share past which the base is built anew
VERSION = 1
MANIFEST = "lexical.json"


class Lexical:
    """BM25 over a few texts held in memory."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s  # with numpy and scipy behind it; the first page comes before them

        self._size = len(texts)
        self._index = bm25s.BM25()
        corpus = [tokens(text) or [""] for text in texts]
        if corpus:
            self._index.index(corpus, show_progress=False)

    def rank(self, query: str, k: int = 10) -> list[tuple[int, float]]:
        """Return (position, score) of the best texts, best first; texts sharing no word are out."""
        words = tokens(query)
        if not words or not self._size:
            return []
        scores = self._index.get_scores(words).tolist()
        best = sorted(range(self._size), key=lambda i: -scores[i])[:k]
        return [(i, scores[i]) for i in best if scores[i] > 0]


class LexicalIndex:
    """BM25 over the chunks of a corpus, with a share of their files' scores; it never changes.

    `ids` are the chunks it ranks, in the order of the rows it was made of. `written` holds the
    path of every chunk in the base, which is what a folder keeps.
    """

    def __init__(
        self, known: dict[str, int], written: list[str], layers: "Sequence[Layers]", rows: Rows
    ) -> None:
        self.ids = list(rows["id"])
        self._known, self._written = known, written
        self._chunks, self._files = layers
        self._place = self._chunks.places(self.ids)
        self._file = self._files.places(rows["path"])

    @classmethod
    def build(cls, rows: Rows) -> "LexicalIndex":
        """Index the rows of a corpus: the columns id, path, symbol, context and text."""
        from core.retrieval.layers import Layers

        known: dict[str, int] = {}
        chunks, files = _documents(known, rows, range(len(rows["id"])))
        layers = [Layers.build(documents, len(known)) for documents in (chunks, files)]
        return cls(known, list(rows["path"]), layers, rows)

    def updated(self, rows: Rows) -> "LexicalIndex":
        """Return the index of exactly these rows; only files with a change are read again."""
        base = self._chunks.base_names
        new = set(rows["id"]) - set(base)
        live = set(rows["id"])
        gone = {path for name, path in zip(base, self._written, strict=True) if name not in live}
        if len(new) + len(base) - (len(live) - len(new)) > REBUILD * max(len(base), 1):
            return LexicalIndex.build(rows)
        touched = gone | {
            path for name, path in zip(rows["id"], rows["path"], strict=True) if name in new
        }
        known = dict(self._known)
        chosen = [at for at, path in enumerate(rows["path"]) if path in touched]
        chunks, files = _documents(known, rows, chosen)
        fresh = {name: row for name, row in chunks.items() if name in new}
        layers = [
            self._chunks.changed(live - new, fresh, len(known)),
            self._files.changed(set(rows["path"]) - touched, files, len(known)),
        ]
        return LexicalIndex(known, self._written, layers, rows)

    @property
    def delta(self) -> int:
        """Return how many chunks are not in the base; they are read again at every opening."""
        return len(self._chunks.names) - len(self._chunks.base_names)

    def scores(self, query: str) -> "np.ndarray":
        """Return the score of every chunk, in the order of `ids`; 0 where no word is shared."""
        words = {self._known[word] for word in tokens(query) if word in self._known}
        own = self._chunks.scores(sorted(words))[self._place]
        around = self._files.scores(sorted(words))[self._file]
        around *= FILE_SHARE
        around += own * (1 - FILE_SHARE)
        around[own <= 0] = 0
        return around

    def asked(self, query: str) -> Asked:
        """Return the query with each search word's weight; one that no chunk has weighs most."""
        from core.retrieval.postings import weight

        counts = {word: self._frequency(word) for word in tokens(query)}
        total = self._chunks.total
        weights = {word: weight(count, total) for word, count in counts.items()}
        unknown = frozenset(word for word in counts if not counts[word])
        return Asked(query, weights, unknown, total)

    def _frequency(self, word: str) -> int:
        return self._chunks.frequency(self._known[word]) if word in self._known else 0

    def rank(
        self, query: str, k: int, allowed: "np.ndarray | None" = None
    ) -> list[tuple[str, float]]:
        """Return (id, score) of the best chunks, best first; those sharing no word are out."""
        scores = self.scores(query)
        if allowed is not None:
            scores *= allowed
        return [(self.ids[at], float(scores[at])) for at in best(scores, k)]

    def save(self, folder: Path) -> None:
        """Write the base; the manifest comes last, so that half a folder is never opened."""
        partial = folder.with_name(folder.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        for name, layers in (("chunks", self._chunks), ("files", self._files)):
            layers.base.save(partial / name, show_progress=False)
        manifest = {
            "version": VERSION,
            "known": list(self._known),
            "ids": self._chunks.base_names,
            "paths": self._written,
            "files": self._files.base_names,
            "average": [self._chunks.base.average, self._files.base.average],
        }
        (partial / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)

    @classmethod
    def open(cls, folder: Path) -> "LexicalIndex":
        """Open a saved base as a memory map; `updated` brings it up to date."""
        from core.retrieval.layers import Layers
        from core.retrieval.postings import Postings

        try:
            kept = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if kept["version"] != VERSION:
                raise ValueError(f"version {kept['version']}")
            opened = [
                Layers.over(names, Postings.reopen(folder / name, average))
                for name, names, average in zip(
                    ("chunks", "files"), (kept["ids"], kept["files"]), kept["average"], strict=True
                )
            ]
            known = {word: number for number, word in enumerate(kept["known"])}
            rows = {"id": kept["ids"], "path": kept["paths"]}
            return cls(known, kept["paths"], opened, rows)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Corrupt(
                f"The word index in {folder.name} cannot be read.",
                "It is built again from the store.",
            ) from error


def best(scores: "np.ndarray", k: int) -> list[int]:
    """Return the places of the k highest scores above zero, highest first, ties in order."""
    import numpy as np

    if k < len(scores):
        bar = np.partition(scores, len(scores) - k)[len(scores) - k]
        places = np.flatnonzero(scores >= max(bar, np.finfo(np.float32).tiny))
    else:
        places = np.flatnonzero(scores > 0)
    order = np.argsort(-scores[places], kind="stable")
    return places[order][:k].tolist()


def matching(query: str, text: str) -> tuple[str, ...]:
    """Return the words of the text that a word of the query meets, each once, as written."""
    wanted = set(tokens(query))
    found = dict.fromkeys(WORD.findall(text))
    return tuple(word for word in found if wanted.intersection(word_tokens(word)))


def _documents(
    known: dict[str, int], rows: Rows, chosen: Iterable[int]
) -> "tuple[dict[str, np.ndarray], dict[str, np.ndarray]]":
    """Return the token ids of the chosen rows and of their files; new words become known."""
    import numpy as np

    seen: dict[str, tuple[int, ...]] = {}

    def read(text: str) -> list[int]:
        found: list[int] = []
        for word in WORD.findall(text):
            ids = seen.get(word)
            if ids is None:
                ids = tuple(known.setdefault(token, len(known)) for token in word_tokens(word))
                seen[word] = ids
            found += ids
        return found

    chunks: dict[str, np.ndarray] = {}
    files: dict[str, list[np.ndarray]] = {}
    for at in chosen:
        body = np.array(read(rows["text"][at]), np.int32)
        path = rows["path"][at]
        above = read(f"{path} {rows['context'][at]}") + read(rows["symbol"][at]) * SYMBOL_TIMES
        chunks[rows["id"][at]] = np.concatenate([np.array(above, np.int32), body])
        files.setdefault(path, [np.array(read(path), np.int32)]).append(body)
    return chunks, {path: np.concatenate(parts) for path, parts in files.items()}
