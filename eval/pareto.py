"""Runs by their pass rate and what they cost, and which are the best for their cost.

It is given sides of a comparison. What a cost is, the scorer says whose name is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.measure.intervals import Estimate, share
from core.measure.resampling import bootstrap, codes
from eval.compare import PASSED, Side, by_item


@dataclass(frozen=True, slots=True)
class Point:
    """A run by its pass rate and its cost; `is_best` where no other is as good for less."""

    id: str
    name: str
    passed: Estimate
    cost: Estimate
    is_best: bool = False


def pareto(sides: Sequence[Side], cost: str = "latency") -> tuple[Point, ...]:
    """Return every run that has both a pass rate and a cost, the best for their cost marked."""
    points = [point for side in sides if (point := _point(side, cost)) is not None]
    return tuple(
        replace(point, is_best=not any(_beats(other, point) for other in points))
        for point in points
    )


def pass_rate(side: Side) -> Estimate | None:
    """Return the share of judged samples that passed, by source document where they share one."""
    items = by_item(side)
    passed = items.columns[PASSED]
    judged = ~np.isnan(passed)
    values = passed[judged]
    groups = codes(items.clusters)[judged] if items.clusters else np.arange(len(values))
    alone = len(np.unique(groups)) == len(values)
    if alone and bool(np.isin(values, (0, 1)).all()):
        return share(int(values.sum()), len(values))
    return bootstrap(values, None if alone else groups)


def _point(side: Side, cost: str) -> Point | None:
    price = by_item(side).columns.get(cost, np.array([]))
    passed, spent = pass_rate(side), bootstrap(price[~np.isnan(price)])
    return Point(side.id, side.name, passed, spent) if passed and spent else None


def _beats(other: Point, point: Point) -> bool:
    good, cheap = other.passed.mean - point.passed.mean, point.cost.mean - other.cost.mean
    return good >= 0 and cheap >= 0 and (good > 0 or cheap > 0)
