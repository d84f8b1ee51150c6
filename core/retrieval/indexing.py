"""Filling a vector index from the record store, and trying whether it gives what is kept there.

It knows ids, hashes and vectors. It does not know which index serves, nor where any lies.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from core.errors import Stopped
from core.retrieval.manifest import Rows
from core.retrieval.vectors.kept import KeptIndex, batches
from core.store.embeddings import Embeddings

if TYPE_CHECKING:
    import numpy as np

BATCH = 5_000
CANARIES = 8
SAME = 0.999
Say = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Truth:
    """What an index is to hold: ids, and the kept vectors of the texts they stand for."""

    rows: Rows
    embeddings: Embeddings
    embedder: str

    @classmethod
    def of(cls, embeddings: Embeddings, name: str, embedder: str, generation: int) -> "Truth":
        """Return what the index of this generation of a corpus is to hold."""
        pieces = embeddings.pieces(name, embedder, generation)
        pairs = zip(pieces["chunk_id"].to_pylist(), pieces["n"].to_pylist(), strict=True)
        ids = [f"{chunk}#{n}" for chunk, n in pairs]
        return cls(Rows(ids, pieces["hash"].to_pylist()), embeddings, embedder)

    def vectors(self, hashes: Sequence[str]) -> "np.ndarray":
        """Return the kept vectors of these texts."""
        return self.embeddings.vectors(self.embedder, hashes)

    def dimensions(self) -> int:
        """Return how many numbers a vector has."""
        return self.vectors(self.rows.hashes[:1]).shape[1]


def fill(index: KeptIndex, truth: Truth, places: Sequence[int], stop: Event, say: Say) -> None:
    """Write the rows at these places, batch by batch, until all are in or somebody asks to end."""
    for part in batches(len(places), BATCH):
        if stop.is_set():
            raise Stopped("The vector index was not finished.")
        chosen = places[part]
        matrix = truth.vectors([truth.rows.hashes[place] for place in chosen])
        index.write([truth.rows.ids[place] for place in chosen], matrix)
        done = min(part.stop, len(places))
        say(done / len(places), f"Wrote {done:,} of {len(places):,} vectors to the index")


def wrong_with(index: KeptIndex, truth: Truth) -> str:
    """Say what an index lacks against the truth; blank when it passes.

    It must hold as many ids as there are, and asked for kept vectors it must answer each with an
    id whose own kept vector is the same. One miss is forgiven where the search is approximate.
    """
    held = index.count()
    if held != len(truth.rows.ids):
        return f"it holds {held:,} vectors where {len(truth.rows.ids):,} are kept"
    chosen = _spread(truth)
    missed = sum(not _sings(index, truth, hash) for hash in chosen)
    if missed > (1 if len(chosen) == CANARIES else 0):
        return f"{missed} of {len(chosen)} canary vectors did not find themselves"
    return ""


def _sings(index: KeptIndex, truth: Truth, hash: str) -> bool:
    vector = truth.vectors([hash])[0]
    found = index.query(vector, 1)
    # Ids are looked up in a list: it happens a handful of times at each opening.
    if not found or found[0][1] < SAME or found[0][0] not in truth.rows.ids:
        return False
    owner = truth.rows.hashes[truth.rows.ids.index(found[0][0])]
    return owner == hash or _cosine(truth.vectors([owner])[0], vector) >= SAME


def _cosine(one: "np.ndarray", other: "np.ndarray") -> float:
    import numpy as np

    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def _spread(truth: Truth) -> list[str]:
    """Return hashes of kept vectors that point somewhere, spread evenly over the rows."""
    import numpy as np

    step = max(1, len(truth.rows.hashes) // CANARIES)
    hashes = list(dict.fromkeys(truth.rows.hashes[step // 2 :: step]))[:CANARIES]
    lost = set(truth.embeddings.missing(truth.embedder, hashes))
    kept = [hash for hash in hashes if hash not in lost]
    matrix = truth.vectors(kept)
    return [hash for hash, row in zip(kept, matrix, strict=True) if np.any(row)]
