"""The bundled reranker: reads each candidate's words for four signs that it answers.

It needs no model, and nothing of it is about one language or way of laying out files. The weights
were fitted on the tuning questions alone by `make bench-tuning`; docs/retrieval.md has the figures,
those of what was tried and left out included. It does not know how candidates are found.
"""

import itertools
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING

from core.documents import Chunk
from core.retrieval.words import tokens
from core.seams import Asked, Candidate

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = {"dense": 29.06, "covered": 4.19, "pairs": 4.81, "named": 1.45}
STEADY = 10
READ = 20_000  # characters of a candidate that are read


class Reader:
    """A Reranker by four signs, weighed together."""

    def __init__(self, weights: Mapping[str, float] = WEIGHTS) -> None:
        self._weights = weights

    def name(self) -> str:
        """Say what is looked at."""
        return "four signs, weighed"

    def score(self, asked: Asked, candidates: Sequence[Candidate]) -> list[float]:
        """Return the weighed sum of each candidate's signs."""
        if not candidates:
            return []
        return (signs(asked, candidates) @ list(self._weights.values())).tolist()


def signs(asked: Asked, candidates: Sequence[Candidate]) -> "np.ndarray":
    """Return a row for every candidate: what WEIGHTS weighs, in its order."""
    import numpy as np

    pairs = set(itertools.pairwise(tokens(asked.text)))
    return np.array([_signs(asked, pairs, candidate) for candidate in candidates])


def _signs(asked: Asked, pairs: set[tuple[str, str]], candidate: Candidate) -> list[float]:
    read = tokens(candidate.chunk.text[:READ])
    name = set(tokens(candidate.chunk.symbol.rpartition(".")[2]))
    return [
        _placed(candidate.ranks.get("dense")),
        share(asked.words, {*read, *_above(candidate.chunk)}),
        len(pairs.intersection(itertools.pairwise(read))) / max(1, len(pairs)),
        len(name.intersection(asked.words)) / max(1, len(name)),
    ]


def _placed(rank: int | None) -> float:
    return 1 / (STEADY + rank) if rank else 0.0


def words_of(chunk: Chunk) -> set[str]:
    """Return the search words of a chunk, of its name and of its place."""
    return {*tokens(chunk.text[:READ]), *_above(chunk)}


def share(words: Mapping[str, float], held: Container[str]) -> float:
    """Return how much of the words' weight is held; 0 where there are no words."""
    whole = sum(words.values())
    return sum(weight for word, weight in words.items() if word in held) / whole if whole else 0.0


def _above(chunk: Chunk) -> list[str]:
    return tokens(f"{chunk.path} {chunk.symbol} {chunk.context}")
