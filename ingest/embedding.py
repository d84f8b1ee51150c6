"""Vectors for the chunks that lack them: split, hashed, embedded, written in parts.

It knows lengths and parts. Which model embeds, and what is kept already, it is told.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.retrieval.embed import Transformer, pieces_of_all
from core.store.embeddings import hash_of
from ingest import parts

if TYPE_CHECKING:
    import pyarrow as pa

SPLIT_AT_ONCE = 2_000
# A part takes about so long, whatever the machine: a kill costs no more, and the bar moves.
PART_S = 4.0
LEAST, MOST = 32, 1_024

Emit = Callable[[dict[str, Any]], None]
Say = Callable[[float | None, str], None]


def split(
    embedder: Transformer, rows: "pa.Table", say: Say
) -> tuple[list[tuple[str, int, str]], dict[str, str]]:
    """Return (chunk id, place, hash) of every piece, and each hash's text."""
    places: list[tuple[str, int, str]] = []
    texts: dict[str, str] = {}
    for start in range(0, len(rows), SPLIT_AT_ONCE):
        say(start / len(rows), f"Splitting {len(rows):,} chunks for the embedder.")
        chunks = list(parts.chunks(rows.slice(start, SPLIT_AT_ONCE)))
        for chunk, found in zip(chunks, pieces_of_all(embedder, chunks), strict=True):
            for n, text in enumerate(found):
                digest = hash_of(text)
                texts[digest] = text
                places.append((chunk.id, n, digest))
    return places, texts


def embed(
    embedder: Transformer, texts: dict[str, str], folder: Path, emit: Emit, say: Say
) -> dict[str, float]:
    """Embed texts, longest first, and write their vectors in parts; return what it took."""
    order = sorted(texts, key=lambda digest: -len(texts[digest]))
    whole = sum(map(len, texts.values()))
    at = done = number = 0
    size, began = LEAST, time.perf_counter()
    while at < len(order):
        say(done / whole, f"Embedded {at:,} of {len(order):,} pieces.")
        batch, number = order[at : at + size], number + 1
        since = time.perf_counter()
        matrix = embedder.embed([texts[digest] for digest in batch])
        took = time.perf_counter() - since
        name = parts.name(parts.VECTORS, number)
        parts.write_vectors(folder / name, batch, matrix)
        emit({"vectors": name})
        at += len(batch)
        done += sum(len(texts[digest]) for digest in batch)
        size = max(LEAST, min(MOST, 2 * size, round(len(batch) * PART_S / took)))
    return {"embed": time.perf_counter() - began}
