"""Documents under names in a large saved index, with what changed since in a small one over it.

An edit is visible at once: documents that are gone are struck out, new ones are indexed beside
the base, and a token's weight follows from all that is alive. It knows token ids and no words.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.retrieval.postings import Postings, weight

Documents = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Layers:
    """A base and a delta; documents are numbered through both."""

    names: tuple[str, ...]
    base: Postings
    delta: Postings | None
    alive: np.ndarray
    lost: np.ndarray

    @classmethod
    def build(cls, documents: Documents, size: int) -> "Layers":
        """Index every document; token ids are below `size`."""
        return cls.over(tuple(documents), Postings.of(list(documents.values()), size))

    @classmethod
    def over(cls, names: Sequence[str], base: Postings) -> "Layers":
        """Take an index as it is."""
        return cls(tuple(names), base, None, np.ones(base.size, bool), np.zeros(0, np.int64))

    def changed(self, kept: Container[str], added: Documents, size: int) -> "Layers":
        """Return the base with only `kept` of its documents alive, and others beside it."""
        old = [name in kept for name in self.base_names]
        alive = np.array([*old, *([True] * len(added))], bool)
        delta = Postings.of(list(added.values()), size, self.base.average) if added else None
        lost = self.base.lost(alive[: self.base.size])
        return Layers((*self.base_names, *added), self.base, delta, alive, lost)

    @property
    def base_names(self) -> tuple[str, ...]:
        """Return the names of the documents in the base, gone or not."""
        return self.names[: self.base.size]

    def places(self, names: Sequence[str]) -> np.ndarray:
        """Return the number of every named document that is alive."""
        place = {name: at for at, name in enumerate(self.names) if self.alive[at]}
        return np.fromiter((place[name] for name in names), np.int64, len(names))

    @property
    def total(self) -> int:
        """Return how many documents are alive."""
        return int(self.alive.sum())

    def scores(self, tokens: Sequence[int]) -> np.ndarray:
        """Return every document's score, in the order of `names`; what is gone has none."""
        out = np.zeros(len(self.names), np.float32)
        split = self.base.size
        total = self.total
        for token in tokens:
            found = weight(self.frequency(token), total)
            self.base.add(token, found, out[:split])
            if self.delta is not None:
                self.delta.add(token, found, out[split:])
        if len(self.lost):
            out *= self.alive
        return out

    def frequency(self, token: int) -> int:
        """Return how many documents that are alive hold a token."""
        count = self.base.frequency(token) + (self.delta.frequency(token) if self.delta else 0)
        return count - (int(self.lost[token]) if token < len(self.lost) else 0)
