"""Two ways measured on the same samples: how far apart, how sure, by which test.

Differences are always second minus first. A sample that either lacks (NaN) is left out of both.
It knows values; it does not know names, units, or which direction is better.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.measure.intervals import Z95, Estimate, wilson
from core.measure.resampling import Names, Values, bootstrap, clustered, codes, sign_flip, sign_test

Test = Literal["McNemar", "permutation"]


@dataclass(frozen=True, slots=True)
class McNemar:
    """Pairs of passes and failures, with the exact and the mid-p value of their difference.

    `first` passed in the first alone, `second` in the second alone.
    """

    both: int
    first: int
    second: int
    neither: int
    exact: float
    midp: float

    @property
    def n(self) -> int:
        """Return how many pairs there are."""
        return self.both + self.first + self.second + self.neither

    @property
    def differing(self) -> float:
        """Return the share of pairs that came out differently."""
        return (self.first + self.second) / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class Paired:
    """One measure of two ways on the same `n` samples.

    `table` is there for passes and failures; `p` is what `test` says, and `holm` what is left
    of it beside the other comparisons made with it. `spread` is the standard deviation that
    `n` independent differences would need to have for the interval to be as wide as it is.
    """

    n: int
    clusters: int
    first: float
    second: float
    delta: Estimate
    p: float
    test: Test
    table: McNemar | None = None
    holm: float | None = None

    @property
    def spread(self) -> float:
        """Return the standard deviation of a difference, as wide as the interval implies."""
        return (self.delta.high - self.delta.low) / (2 * Z95) * math.sqrt(self.n)

    @property
    def is_shown(self) -> bool:
        """Say whether the test and the interval both say that there is a difference."""
        p = self.p if self.holm is None else self.holm
        return p <= 0.05 and (self.delta.low > 0 or self.delta.high < 0)


def mcnemar(both: int, first: int, second: int, neither: int = 0) -> McNemar:
    """Return both p-values of a table of pairs; mid-p counts half of what was seen."""
    from scipy.special import gammaln

    exact, few, all_ = sign_test(first, second), min(first, second), first + second
    seen = math.exp(
        float(gammaln(all_ + 1) - gammaln(few + 1) - gammaln(all_ - few + 1)) - all_ * math.log(2)
    )
    # At a tie the exact value is capped at 1, which is also what mid-p comes to.
    midp = 1.0 if first == second else exact - seen
    return McNemar(both, first, second, neither, exact, midp)


def newcombe(table: McNemar) -> Estimate | None:
    """Return second minus first in passes, with Newcombe's square-and-add interval (method 10)."""
    n = table.n
    one = wilson(table.both + table.second, n)
    two = wilson(table.both + table.first, n)
    if one is None or two is None:
        return None
    share, other = (table.both + table.second) / n, (table.both + table.first) / n
    phi = _phi(table)
    low, high = share - one[0], two[1] - other
    below = math.sqrt(max(0.0, low * low - 2 * phi * low * high + high * high))
    low, high = one[1] - share, other - two[0]
    above = math.sqrt(max(0.0, low * low - 2 * phi * low * high + high * high))
    delta = share - other
    return Estimate(delta, max(-1.0, delta - below), min(1.0, delta + above))


def difference(
    first: Values, second: Values, clusters: Names | None = None, seed: int = 0
) -> Estimate | None:
    """Return second minus first with its bootstrap interval, drawn by clusters where given."""
    return bootstrap(_deltas(first, second), clusters, seed)


def permutation(
    first: Values, second: Values, clusters: Names | None = None, seed: int = 0
) -> float:
    """Return the p-value of the difference when the two may be swapped, by clusters where given."""
    return sign_flip(_deltas(first, second), clusters, seed)


def holm(pvalues: Mapping[str, float]) -> dict[str, float]:
    """Return p-values corrected for being several, by Holm's step-down rule."""
    adjusted, largest = {}, 0.0
    for place, name in enumerate(sorted(pvalues, key=lambda name: pvalues[name])):
        largest = max(largest, min(1.0, (len(pvalues) - place) * pvalues[name]))
        adjusted[name] = largest
    return {name: adjusted[name] for name in pvalues}


def paired(
    first: Values, second: Values, clusters: Names | None = None, seed: int = 0
) -> Paired | None:
    """Compare a measure on the same samples by the test that is made for it.

    Passes and failures that are independent: McNemar's mid-p and Newcombe's interval. All else:
    permutation and bootstrap, by clusters where some cluster holds more than one sample. Nothing
    where fewer than two clusters are left.
    """
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    measured = ~np.isnan(_deltas(one, two))
    one, two = one[measured], two[measured]
    labels = None if clusters is None else codes(clusters)[measured]
    groups = len(clustered(one, labels).sums)
    together = None if groups == len(one) else labels
    if groups < 2:
        return None
    table = _table(one, two)
    delta = newcombe(table) if table and together is None else None
    if table and delta:
        p, test = table.midp, "McNemar"
    else:
        delta = bootstrap(two - one, together, seed)
        p, test = sign_flip(two - one, together, seed), "permutation"
    if delta is None:
        return None
    means = float(one.mean()), float(two.mean())
    return Paired(len(one), groups, *means, delta, p, test, table)


def _deltas(first: Values, second: Values) -> np.ndarray:
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.shape != two.shape:
        raise ValueError(f"{one.size} values cannot be paired with {two.size}")
    return two - one


def _table(one: np.ndarray, two: np.ndarray) -> McNemar | None:
    """Return the table of pairs, or nothing where a value is neither a pass nor a failure."""
    if not (np.isin(one, (0, 1)).all() and np.isin(two, (0, 1)).all()):
        return None
    cells = np.bincount((2 * one + two).astype(int), minlength=4)
    neither, second, first, both = (int(cell) for cell in cells)
    return mcnemar(both, first, second, neither)


def _phi(table: McNemar) -> float:
    """Return the correlation of the two, drawn towards 0 where it is positive, as Newcombe does."""
    a, b, c, d = table.both, table.first, table.second, table.neither
    margins = math.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    product = a * d - b * c
    if product > 0:
        product = max(product - table.n / 2, 0)
    return product / margins if margins else 0.0
