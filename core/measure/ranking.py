"""How well rankings put what is relevant first, with intervals.

It knows the ranks at which relevant things were found, from 1, and None for those that were not.
It does not know what was searched, or what makes a thing relevant.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from core.measure.intervals import Estimate

DEPTH = 10
ROUNDS = 2000
Ranks = Sequence[int | None]


def recall(ranks: Ranks, k: int) -> float:
    """Return the share of the relevant that is among the first k."""
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def reciprocal_rank(ranks: Ranks, depth: int = DEPTH) -> float:
    """Return one over the rank of the first relevant, or 0 beyond the depth."""
    found = [rank for rank in ranks if rank is not None and rank <= depth]
    return 1 / min(found) if found else 0.0


def ndcg(ranks: Ranks, depth: int = DEPTH) -> float:
    """Return the discounted gain of the relevant ranks as a share of the best possible."""
    gain = sum(1 / np.log2(rank + 1) for rank in ranks if rank is not None and rank <= depth)
    ideal = sum(1 / np.log2(rank + 1) for rank in range(1, min(len(ranks), depth) + 1))
    return float(gain / ideal)


def metrics(ranks: Ranks, cuts: Sequence[int] = (1, 5, 10, 20)) -> dict[str, float]:
    """Return every figure of one query."""
    found = {f"recall@{k}": recall(ranks, k) for k in cuts}
    return {**found, f"mrr@{DEPTH}": reciprocal_rank(ranks), f"ndcg@{DEPTH}": ndcg(ranks)}


def estimate(values: Sequence[float], seed: int = 0, rounds: int = ROUNDS) -> Estimate | None:
    """Return the mean with its interval, or nothing where nothing was measured."""
    if not len(values):
        return None
    drawn = _resampled(np.asarray(values, dtype=float), seed, rounds)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(float(np.mean(values)), float(low), float(high))


def estimates(rows: Sequence[Mapping[str, float]], seed: int = 0) -> dict[str, Estimate]:
    """Return the estimate of every figure over queries that all have it."""
    found = {name: estimate([row[name] for row in rows], seed) for name in (rows or [{}])[0]}
    return {name: one for name, one in found.items() if one is not None}


def paired(
    first: Sequence[float], second: Sequence[float], seed: int = 0, rounds: int = ROUNDS
) -> Estimate | None:
    """Return second minus first on the same queries."""
    deltas = [b - a for a, b in zip(first, second, strict=True)]
    return estimate(deltas, seed, rounds)


def _resampled(values: np.ndarray, seed: int, rounds: int) -> np.ndarray:
    """Return the means of so many samples drawn with replacement."""
    picks = np.random.default_rng(seed).integers(0, len(values), (rounds, len(values)))
    return values[picks].mean(axis=1)
