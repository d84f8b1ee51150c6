"""Bringing rankings together by ranks alone, so that scores of different kinds never mix.

It knows places in rankings. It does not know what ranked them.
"""

from collections.abc import Mapping, Sequence

STEADY = 10  # 60 is usual; the first places count more so, which found more (docs/retrieval.md)

Ranking = Sequence[tuple[int, float]]


def fuse(
    rankings: Mapping[str, Ranking], weights: Mapping[str, float], steady: float = STEADY
) -> list[tuple[int, float]]:
    """Return (row, score) by weighted reciprocal ranks, best first; ties keep their first order."""
    scores: dict[int, float] = {}
    for name, ranking in rankings.items():
        for rank, (row, _) in enumerate(ranking, 1):
            scores[row] = scores.get(row, 0.0) + weights[name] / (steady + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])
