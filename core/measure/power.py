"""How many samples a difference needs, and how small a difference so many samples can show.

For passes and failures the formula is Connor's, from the share of samples that come out
differently; for other measures it is Guenther's for the paired t test, from the standard
deviation of the differences. It knows sizes; it does not know what has been measured yet.
"""

import math
from statistics import NormalDist

POWER = 0.8
ALPHA = 0.05
# Of the samples of two ways so many come out differently, where no earlier runs say.
DIFFERING = 0.3
_Z = NormalDist()


def needed(
    effect: float, differing: float = DIFFERING, power: float = POWER, alpha: float = ALPHA
) -> int:
    """Return the number of pairs that show a difference in pass rate this often."""
    effect = _positive(effect)
    differing = max(differing, effect)
    low, high = _Z.inv_cdf(1 - alpha / 2), _Z.inv_cdf(power)
    root = low * math.sqrt(differing) + high * math.sqrt(differing - effect * effect)
    return math.ceil((root / effect) ** 2 - 1e-9)


def power(n: int, effect: float, differing: float = DIFFERING, alpha: float = ALPHA) -> float:
    """Return how often so many pairs show a difference in pass rate."""
    effect = _positive(effect)
    differing = max(differing, effect)
    beyond = effect * math.sqrt(n) - _Z.inv_cdf(1 - alpha / 2) * math.sqrt(differing)
    left = math.sqrt(differing - effect * effect)
    return _Z.cdf(beyond / left) if left else float(beyond >= 0)


def detectable(n: int, differing: float = DIFFERING, share: float = POWER) -> float | None:
    """Return the smallest difference in pass rate that so many pairs show, if any."""
    low, high = 0.0, 1.0
    if power(n, high, differing) < share:
        return None
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if power(n, middle, differing) >= share else (middle, high)
    return high


def needed_mean(effect: float, spread: float, share: float = POWER, alpha: float = ALPHA) -> int:
    """Return the number of pairs that show a mean difference, given its standard deviation."""
    low, high = _Z.inv_cdf(1 - alpha / 2), _Z.inv_cdf(share)
    return max(3, math.ceil(((low + high) * spread / _positive(effect)) ** 2 + low * low / 2))


def power_mean(n: int, effect: float, spread: float, alpha: float = ALPHA) -> float:
    """Return how often so many pairs show a mean difference."""
    low = _Z.inv_cdf(1 - alpha / 2)
    free = n - low * low / 2
    if free <= 0:
        return 0.0
    return _Z.cdf(_positive(effect) / spread * math.sqrt(free) - low) if spread else 1.0


def detectable_mean(n: int, spread: float, share: float = POWER) -> float | None:
    """Return the smallest mean difference that so many pairs show."""
    low = _Z.inv_cdf(1 - ALPHA / 2)
    free = n - low * low / 2
    return (low + _Z.inv_cdf(share)) * spread / math.sqrt(free) if free > 0 and spread else None


def _positive(effect: float) -> float:
    if not effect:
        raise ValueError("a difference of 0 cannot be detected")
    return abs(effect)
