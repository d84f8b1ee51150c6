"""Intervals for shares, means and paired differences. It knows counts and values; it
deliberately does not know what was counted."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float] | None:
    """Return Wilson's interval for a share, or nothing where nothing was counted."""
    if n == 0:
        return None
    share, square = hits / n, z * z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    # At the ends rounding would leave a trace of a share that is exactly 0 or 1.
    return (max(0.0, centre - half) if hits else 0.0), (
        min(1.0, centre + half) if hits < n else 1.0
    )


def share(hits: int, n: int) -> Estimate | None:
    """Return a share with Wilson's interval, or nothing where nothing was counted."""
    interval = wilson(hits, n)
    return Estimate(hits / n, *interval) if interval else None


def t_interval(values: Sequence[float]) -> Estimate | None:
    """Return a mean with Student's interval, or nothing for fewer than two values."""
    n = len(values)
    if n < 2:
        return None
    from scipy.special import stdtrit

    mean = math.fsum(values) / n
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = float(stdtrit(n - 1, 0.975)) * spread / math.sqrt(n)
    return Estimate(mean, mean - half, mean + half)


def paired_difference(
    first: Sequence[bool], second: Sequence[bool], seed: int = 0, rounds: int = 2000
) -> tuple[float, float, float] | None:
    """Return second minus first on the same samples, with a 95 % bootstrap interval."""
    if not first or len(first) != len(second):
        return None
    deltas = [int(b) - int(a) for a, b in zip(first, second, strict=True)]
    rng = random.Random(seed)
    means = sorted(sum(rng.choices(deltas, k=len(deltas))) / len(deltas) for _ in range(rounds))
    low, high = means[int(0.025 * rounds)], means[int(0.975 * rounds) - 1]
    return sum(deltas) / len(deltas), low, high
