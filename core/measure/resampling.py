"""Bootstrap intervals and sign-flip tests, by whole clusters where values come in clusters.

Values of one cluster (questions about one source document) rise and fall together, so they are
drawn and flipped together. A blank cluster is a value of its own. It knows values and labels; it
does not know what they measure.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.measure.intervals import Z95, Estimate

ROUNDS = 2000
FLIPS = 10_000
# Up to so many different values a draw is a multinomial one, which does not depend on n.
FEW = 64
# Beyond so many clusters the normal interval is the bootstrap's, at a thousandth of the time.
MANY = 2_000
EXACT = 15
MANY_FLIPS = 500
_BLOCK = 2_000_000

Values = Sequence[float] | np.ndarray
Names = Sequence[str] | np.ndarray
Few = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Values added up by cluster: the sum and the number of each."""

    sums: np.ndarray
    counts: np.ndarray

    @property
    def mean(self) -> float:
        """Return the mean of all values."""
        return float(self.sums.sum() / self.counts.sum())

    @property
    def error(self) -> float | None:
        """Return the standard error of the mean, robust to clusters; None for fewer than two."""
        n = len(self.sums)
        if n < 2:
            return None
        residuals = self.sums - self.mean * self.counts
        return math.sqrt(n / (n - 1) * float(residuals @ residuals)) / float(self.counts.sum())


def clustered(values: Values, clusters: Names | None = None) -> Clusters:
    """Add values up by cluster, given as names or as their codes; without, each value is one."""
    given = np.asarray(values, dtype=float)
    if clusters is None:
        return Clusters(given, np.ones(len(given)))
    if len(clusters) != len(given):
        raise ValueError(f"{len(given)} values have {len(clusters)} clusters")
    _, code = np.unique(codes(clusters), return_inverse=True)
    return Clusters(np.bincount(code, weights=given), np.bincount(code).astype(float))


def codes(clusters: Names) -> np.ndarray:
    """Return a number for each cluster's name, blank ones each their own; numbers stay."""
    if isinstance(clusters, np.ndarray) and clusters.dtype.kind == "i":
        return clusters
    known: dict[str, int] = {}
    blank = iter(range(-1, -len(clusters) - 1, -1))
    keys = (known.setdefault(name, len(known)) if name else next(blank) for name in clusters)
    return np.fromiter(keys, dtype=np.int64, count=len(clusters))


def bootstrap(
    values: Values,
    clusters: Names | None = None,
    seed: int = 0,
    rounds: int = ROUNDS,
) -> Estimate | None:
    """Return the mean with its 95 % percentile interval over redrawn clusters.

    Nothing where there are fewer than two clusters: one cluster does not tell how clusters differ.
    """
    groups = clustered(values, clusters)
    error = groups.error
    if error is None:
        return None
    rng = np.random.default_rng(seed)
    few = _few(groups.sums + 1j * groups.counts)
    if few is not None:
        drawn = rng.multinomial(len(groups.sums), few[1] / few[1].sum(), size=rounds) @ few[0]
        means = drawn.real / drawn.imag
    elif len(groups.sums) <= MANY:
        means = _redrawn(groups, rng, rounds)
    else:
        return Estimate(groups.mean, groups.mean - Z95 * error, groups.mean + Z95 * error)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(groups.mean, float(low), float(high))


def sign_flip(
    deltas: Values,
    clusters: Names | None = None,
    seed: int = 0,
    rounds: int = FLIPS,
) -> float:
    """Return the two-sided p-value that paired differences are as likely to be the other way.

    Exact where the clusters that differ are few or differ by the same amount; else drawn, or
    normal where they are many.
    """
    sums = clustered(deltas, clusters).sums
    sums = sums[sums != 0]
    if not len(sums):
        return 1.0
    few = _few(np.abs(sums))
    if few is not None and len(few[0]) == 1:
        return sign_test(int((sums < 0).sum()), int((sums > 0).sum()))
    if few is None and len(sums) > MANY_FLIPS:
        return math.erfc(abs(float(sums.sum())) / math.sqrt(2 * float(sums @ sums)))
    totals, exact = _flipped(np.abs(sums), few, np.random.default_rng(seed), rounds)
    least = abs(float(sums.sum())) - 1e-9 * float(np.abs(sums).sum())
    hits = int((np.abs(totals) >= least).sum())
    return hits / len(totals) if exact else (hits + 1) / (len(totals) + 1)


def sign_test(down: int, up: int) -> float:
    """Return the exact two-sided p-value of so many differences in each direction."""
    if not down + up:
        return 1.0
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(down, up), down + up, 0.5)))


def _redrawn(groups: Clusters, rng: np.random.Generator, rounds: int) -> np.ndarray:
    n = len(groups.sums)
    step = max(1, _BLOCK // n)
    means = []
    for start in range(0, rounds, step):
        picks = rng.integers(0, n, (min(step, rounds - start), n), dtype=np.int32)
        means.append(groups.sums[picks].sum(axis=1) / groups.counts[picks].sum(axis=1))
    return np.concatenate(means)


def _few(values: np.ndarray) -> Few | None:
    """Return the different values and how often each is there, if they are few."""
    # What is many in the beginning is many in all; that spares sorting the rest.
    if len(np.unique(values[: 16 * FEW])) > FEW:
        return None
    found = np.unique(values, return_counts=True)
    return found if len(found[0]) <= FEW else None


def _flipped(
    sums: np.ndarray, few: Few | None, rng: np.random.Generator, rounds: int
) -> tuple[np.ndarray, bool]:
    """Return totals under random signs, and whether these are all that there are."""
    if len(sums) <= EXACT:
        bits = np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums)) & 1
        return (2 * bits - 1) @ sums, True
    if few is not None:
        sizes, times = few
        return (2 * rng.binomial(times, 0.5, (rounds, len(times))) - times) @ sizes, False
    signs = rng.integers(0, 2, (rounds, len(sums)), dtype=np.int8)
    return (2 * signs - 1) @ sums, False
