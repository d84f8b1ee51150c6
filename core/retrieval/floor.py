"""The relevance floor: below it, nothing that was found is worth showing as an answer.

It weighs how much of the question the best candidates hold, how much of it occurs nowhere in the
corpus, and how near the nearest vector is. All three are shares, so corpora of every size share
one floor; that a word is missing counts for less in a small corpus, which lacks many. It was set
on tuning questions with and without an answer (`make bench-tuning`) so that few with an answer
fall below. It does not know how candidates are found or ordered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.retrieval.reader import share, words_of
from core.seams import Asked, Candidate

LOOKED = 10  # candidates that are looked at
LARGE = 1_000  # chunks from which on a missing word counts in full

Judge = Callable[[Asked, Sequence[Candidate], float], float]


@dataclass(frozen=True, slots=True)
class Floor:
    """A Judge: the weights of a sum that is above zero where something relevant was found."""

    covered: float
    unknown: float
    nearest: float
    level: float

    def __call__(self, asked: Asked, candidates: Sequence[Candidate], nearest: float) -> float:
        """Return how far above the floor the best candidate is; below zero nothing is relevant."""
        covered, unknown = evidence(asked, candidates)
        weighed = self.covered * covered + self.unknown * unknown + self.nearest * nearest
        return weighed - self.level


BY_WORDS = Floor(covered=5.77, unknown=-6.55, nearest=0.0, level=0.06)
BY_MEANING = Floor(covered=4.42, unknown=-5.23, nearest=10.85, level=4.77)


def evidence(asked: Asked, candidates: Sequence[Candidate]) -> tuple[float, float]:
    """Return the largest share of the question one candidate holds, and what no chunk can."""
    held = (words_of(candidate.chunk) for candidate in candidates[:LOOKED])
    covered = max((share(asked.words, words) for words in held), default=0.0)
    return covered, share(asked.words, asked.unknown) * min(1.0, asked.chunks / LARGE)
