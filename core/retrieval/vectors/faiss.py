"""Vectors in a FAISS index: exact (flat), or approximate for large corpora (HNSW).

An index is one file, written whole under another name and then renamed, so a crash leaves the
last one that was flushed. An id that is written again or removed leaves a gap, which searches
step over and a flush closes when there are many.
"""

import json
import os
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.retrieval.vectors.kept import Folders, KeptIndex, check_open, one, rows, unreadable

if TYPE_CHECKING:
    import numpy as np

FILE = "index.faiss"
LINKS = 32
BREADTH = 128
EXACT_SHARE = 10
_HEAD = struct.Struct("<8sQI")
_MAGIC = b"PLFAISS1"


class FaissFolder(Folders):
    """FAISS indexes in a folder."""

    def __init__(self, root: Path, hnsw: bool = False) -> None:
        super().__init__(root)
        self._hnsw = hnsw

    def open(self, name: str, dimensions: int) -> KeptIndex:
        """Read an index into memory; one that is not there is made, empty."""
        return Faiss(self.root / name, dimensions, self._hnsw)


class Faiss:
    """One index, in memory; `flush` writes it."""

    def __init__(self, folder: Path, dimensions: int, hnsw: bool) -> None:
        self._path = folder / FILE
        self._dimensions = dimensions
        self._hnsw = hnsw
        self._lock = threading.Lock()
        self._open = True
        self._ids: list[str | None] = []
        self._index: Any = self._blank()
        folder.mkdir(parents=True, exist_ok=True)
        if self._path.exists():
            self._read()
        self._places = {id: place for place, id in enumerate(self._ids) if id is not None}

    def write(self, ids: Sequence[str], vectors: "np.ndarray") -> None:
        """Add vectors, or replace those whose id is known."""
        matrix = _unit(rows(ids, vectors, self._dimensions))
        with self._using():
            self._forget(ids)
            self._places.update({id: place for place, id in enumerate(ids, len(self._ids))})
            self._ids.extend(ids)
            if len(matrix):
                self._index.add(matrix)

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ids; unknown ones are fine."""
        with self._using():
            self._forget(ids)

    def query(self, vector: "np.ndarray", k: int) -> list[tuple[str, float]]:
        """Return (id, cosine) of the nearest, best first."""
        asked = _unit(one(vector, self._dimensions)[None])
        with self._using():
            k = min(k, len(self._places))
            if k <= 0:
                return []
            scores, places = self._searched(asked, k)
            return [
                (id, float(score))
                for score, place in zip(scores[0], places[0], strict=True)
                if place >= 0 and (id := self._ids[place]) is not None
            ]

    def count(self) -> int:
        """Return how many ids it holds."""
        with self._using():
            return len(self._places)

    def flush(self) -> None:
        """Write the index to its file, whole or not at all."""
        with self._using():
            if len(self._ids) > 1.25 * len(self._places):
                self._close_gaps()
            names = json.dumps(self._ids).encode()
            data = _library().serialize_index(self._index).tobytes()
        check = zlib.crc32(data, zlib.crc32(names))
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(_HEAD.pack(_MAGIC, len(names), check))
            file.write(names)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def close(self) -> None:
        """Let go of the memory; what was not flushed is lost."""
        with self._lock:
            self._open = False
            self._ids, self._places, self._index = [], {}, None

    @contextmanager
    def _using(self) -> Iterator[None]:
        with self._lock:
            check_open(self._open)
            yield

    def _blank(self) -> Any:  # noqa: ANN401
        faiss = _library()
        if not self._hnsw:
            return faiss.IndexFlatIP(self._dimensions)
        index = faiss.IndexHNSWFlat(self._dimensions, LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = BREADTH
        return index

    def _searched(self, asked: "np.ndarray", k: int) -> "tuple[np.ndarray, np.ndarray]":
        # A graph finds a few well; for a large share of everything, all of it is looked at.
        faiss = _library()
        only = self._without_gaps()
        if self._hnsw and k * EXACT_SHARE < len(self._places):
            breadth = max(BREADTH, 2 * k)
            options = faiss.SearchParametersHNSW(sel=only, efSearch=breadth)
            return self._index.search(asked, k, params=options)
        flat = faiss.downcast_index(self._index.storage) if self._hnsw else self._index
        return flat.search(asked, k, params=faiss.SearchParameters(sel=only))

    def _without_gaps(self) -> Any:  # noqa: ANN401
        import numpy as np

        if len(self._ids) == len(self._places):
            return None
        kept = np.fromiter((id is not None for id in self._ids), bool, len(self._ids))
        return _library().IDSelectorBitmap(np.packbits(kept, bitorder="little"))

    def _forget(self, ids: Sequence[str]) -> None:
        for id in ids:
            place = self._places.pop(id, None)
            if place is not None:
                self._ids[place] = None

    def _close_gaps(self) -> None:
        import numpy as np

        places = np.fromiter(self._places.values(), np.int64, len(self._places))
        matrix = self._index.reconstruct_batch(places) if len(places) else None
        self._ids = list(self._places)
        self._places = {id: place for place, id in enumerate(self._ids) if id is not None}
        self._index = self._blank()
        if matrix is not None:
            self._index.add(matrix)

    def _read(self) -> None:
        import numpy as np

        whole = self._path.read_bytes()
        if len(whole) < _HEAD.size:
            raise unreadable("FAISS", "its file is too short.")
        magic, length, check = _HEAD.unpack_from(whole)
        body = memoryview(whole)[_HEAD.size :]
        if magic != _MAGIC or zlib.crc32(body) != check:
            raise unreadable("FAISS", "its file is damaged.")
        self._ids = json.loads(bytes(body[:length]))
        self._index = _library().deserialize_index(np.frombuffer(body[length:], np.uint8))
        if self._index.d != self._dimensions or self._index.ntotal != len(self._ids):
            raise unreadable("FAISS", f"it holds vectors of {self._index.d} numbers.")


def _library() -> Any:  # noqa: ANN401  what its types say is not what it takes
    import faiss

    return faiss


def _unit(matrix: "np.ndarray") -> "np.ndarray":
    import numpy as np

    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / np.where(lengths == 0, 1, lengths)
