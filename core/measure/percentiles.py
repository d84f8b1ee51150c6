"""Percentiles with intervals that assume no distribution, and none where too few were measured.

The interval is made of order statistics: how many of n values lie below the true percentile is
binomial. It knows values; it does not know that they are seconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SHOWN = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Percentile:
    """A percentile with its 95 % interval, or why it is not told."""

    q: float
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    why: str = ""


def supported_from(q: float) -> int:
    """Return the sample size from which a percentile has an interval on both sides."""
    return math.ceil(math.log(0.025) / math.log(max(q, 1 - q)) - 1e-9)


def ranks(n: int, q: float) -> tuple[int, int] | None:
    """Return which order statistics, from 1, hold the percentile between them in 95 % of cases."""
    if n < supported_from(q):
        return None
    from scipy.special import bdtr

    below = np.asarray(bdtr(np.arange(n + 1, dtype=float), n, q))
    low = int((below <= 0.025).sum())
    high = int((below < 0.975).sum()) + 1
    return (low, high) if low >= 1 and high <= n else None


def percentile(values: Sequence[float] | np.ndarray, q: float) -> Percentile:
    """Return a percentile (0 < q < 1) of what was measured; NaN was not."""
    given = np.asarray(values, dtype=float)
    given = np.sort(given[~np.isnan(given)])
    n = len(given)
    found = ranks(n, q)
    if found is None:
        return Percentile(q, n, why=f"too few: {n:,} of at least {supported_from(q):,}")
    low, high = (float(given[rank - 1]) for rank in found)
    return Percentile(q, n, float(np.quantile(given, q)), low, high)


def percentiles(
    values: Sequence[float] | np.ndarray, shown: Sequence[float] = SHOWN
) -> dict[str, Percentile]:
    """Return the percentiles by name: p50, p95, p99."""
    return {f"p{q * 100:g}": percentile(values, q) for q in shown}
