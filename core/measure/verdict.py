"""What a comparison comes to, in a sentence.

It knows names, units and numbers. A difference is shown only where the test and the interval
agree; where none is shown it says which one would have been.
"""

from dataclasses import dataclass
from typing import Literal

from core.measure.paired import Paired
from core.measure.power import detectable_mean, needed_mean
from core.present.numbers import digits

Better = Literal["higher", "lower", ""]
Side = Literal["first", "second", ""]
POINTS = "points"
# The difference in points that a run should be able to show.
EFFECT = 0.05


@dataclass(frozen=True, slots=True)
class Verdict:
    """The sentence, which of the two is better where that is shown, and what was left open.

    `more` is how many more samples would show five points; `detectable` the smallest difference
    that this many samples show 8 times in 10. Both are None where they say nothing.
    """

    sentence: str
    better: Side = ""
    is_shown: bool = False
    more: int | None = None
    detectable: float | None = None


def verdict(
    first: str,
    second: str,
    found: Paired | None,
    unit: str = POINTS,
    better: Better = "higher",
) -> Verdict:
    """Return the verdict on second against first; shares are told in points."""
    if found is None:
        return Verdict("Too few samples in common to compare.")
    if found.is_shown:
        return _shown(first, second, found, unit, better)
    smallest = detectable_mean(found.n, found.spread)
    total = needed_mean(EFFECT, found.spread) if unit == POINTS else None
    more = total - found.n if total is not None and total > found.n else None
    change = amount(found.delta.mean, unit, signed=True)
    start = f"No difference shown ({second} {change}, {_certainty(found, unit)})"
    if more is not None:
        end = f"; {more:,} more samples would detect {amount(EFFECT, unit)}."
    elif smallest is not None:
        end = f"; these {found.n:,} samples would have shown {amount(smallest, unit)}."
    else:
        end = "."
    return Verdict(start + end, more=more, detectable=smallest)


def amount(value: float, unit: str = POINTS, signed: bool = False) -> str:
    """Return a difference in words: points with one decimal, others with three digits."""
    size = abs(value)
    shown = f"{size * 100:.1f}".removesuffix(".0") if unit == POINTS else digits(size)
    sign = ("" if shown == "0" else "−" if value < 0 else "+") if signed else ""
    return f"{sign}{shown} {'point' if shown == '1' and unit == POINTS else unit}".rstrip()


def chance(p: float) -> str:
    """Return a p-value the way it is printed: p=0.004, p=0.31, p<0.001."""
    if p < 0.001:
        return "p<0.001"
    shown = f"{p:.2f}" if p >= 0.095 else f"{p:.3f}"
    return f"p={shown.rstrip('0').rstrip('.')}"


def _shown(first: str, second: str, found: Paired, unit: str, better: Better) -> Verdict:
    up = found.delta.mean > 0
    size = f"by {amount(found.delta.mean, unit)} ({_certainty(found, unit, turned=not up)})."
    if not better:
        return Verdict(f"{second} is {'higher' if up else 'lower'} {size}", is_shown=True)
    wins = up == (better == "higher")
    winner: Side = "second" if wins else "first"
    return Verdict(f"{second if wins else first} is better {size}", winner, is_shown=True)


def _certainty(found: Paired, unit: str, turned: bool = False) -> str:
    """Return the interval and the test; turned around, it is the interval of the opposite."""
    low, high = found.delta.low, found.delta.high
    low, high = (-high, -low) if turned else (low, high)
    test = found.test + (" by document" if found.clusters < found.n else "")
    p = found.p if found.holm is None else found.holm
    said = f"{test} {chance(p)}" + (" after Holm" if found.holm is not None else "")
    return f"95 % {_bound(low, unit)} to {_bound(high, unit)}{_after(unit)}, {said}"


def _bound(value: float, unit: str) -> str:
    if unit != POINTS:
        return digits(value)
    shown = f"{value * 100:.1f}".removesuffix(".0")
    return "0" if shown == "-0" else shown.replace("-", "−")


def _after(unit: str) -> str:
    return "" if unit in (POINTS, "") else f" {unit}"
