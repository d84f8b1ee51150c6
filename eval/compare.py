"""Runs against each other on the same samples: what differs, by how much, how surely.

It is given columns, one row per sample, and compares the items that both sides judged. It refuses
what cannot be compared and says why. It reads no store and knows no page; differences are always
second minus first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np

from core.errors import Conflict
from core.measure.paired import Paired, holm, paired
from core.measure.resampling import codes
from core.measure.verdict import POINTS, Better, Verdict, verdict
from eval.scorers.registry import SCORERS

PASSED = "passed"
State = Literal["both", "fixed", "broken", "neither", "unjudged"]
STATES: tuple[State, ...] = ("both", "fixed", "broken", "neither", "unjudged")
Column = Sequence[float | None] | np.ndarray


@dataclass(frozen=True, slots=True)
class Side:
    """A run as columns: one row per sample; an item that was asked in epochs has several.

    `passed` is 1 or 0 and None where nothing was judged; `metrics` are scores by scorer, None
    where unscored, with the `versions` of their scorers.
    """

    id: str
    name: str
    suite: str
    suite_version: str
    criterion: str
    ids: Sequence[str]
    passed: Column
    metrics: Mapping[str, Column] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    clusters: Sequence[str] = ()
    kinds: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of both sides; `why` says why it is not compared."""

    name: str
    title: str
    unit: str = POINTS
    better: Better = "higher"
    paired: Paired | None = None
    verdict: Verdict | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs on the `n` items both have; `fixed` went from wrong to right, `broken` back.

    The first of `rows` is the pass rate; `kinds` is the pass rate by kind of question. `cells`
    tells the state of every item as a place in STATES.
    """

    first: Side
    second: Side
    n: int
    verdict: Verdict
    rows: tuple[Row, ...]
    kinds: tuple[Row, ...]
    ids: tuple[str, ...]
    cells: np.ndarray
    only_first: int = 0
    only_second: int = 0

    @property
    def broken(self) -> tuple[str, ...]:
        """Return the items that went from right to wrong."""
        return self.of("broken")

    @property
    def fixed(self) -> tuple[str, ...]:
        """Return the items that went from wrong to right."""
        return self.of("fixed")

    def of(self, state: State) -> tuple[str, ...]:
        """Return the items in a state, in the order of the first run."""
        return tuple(self.ids[place] for place in np.flatnonzero(self.cells == STATES.index(state)))

    def counts(self) -> dict[str, int]:
        """Return how many items are in each state."""
        found = np.bincount(self.cells, minlength=len(STATES))
        return {state: int(found[place]) for place, state in enumerate(STATES)}


def compare(first: Side, second: Side) -> Comparison:
    """Compare two runs, or say why they cannot be compared."""
    _comparable(first, second)
    one, two = by_item(first), by_item(second)
    only = len(one.ids), len(two.ids)
    one, two = _matched(one, two)
    n = len(one.ids)
    if not n:
        raise Conflict(
            f"{first.name} and {second.name} have no sample in common.",
            "Run both with the same seed and number of samples.",
        )
    groups = codes(one.clusters) if one.clusters else None
    rows = (
        _row(PASSED, one.columns[PASSED], two.columns[PASSED], groups, first, second),
        *_measures(first, second, one, two, groups),
    )
    cells = _cells(one.columns[PASSED], two.columns[PASSED])
    return Comparison(
        first,
        second,
        n,
        _judged(rows[0], first, second, cells),
        rows,
        tuple(_kinds(first, second, one, two, groups)),
        tuple(one.ids),
        cells,
        only[0] - n,
        only[1] - n,
    )


def compare_many(sides: Sequence[Side]) -> tuple[Comparison, ...]:
    """Compare each run with the first; each measure's p-values are corrected for their number."""
    found = [compare(sides[0], other) for other in sides[1:]]
    if len(found) < 2:
        return tuple(found)
    families: dict[str, dict[str, float]] = {}
    for number, each in enumerate(found):
        for row in each.rows:
            if row.paired is not None:
                families.setdefault(row.name, {})[str(number)] = row.paired.p
    adjusted = {name: holm(pvalues) for name, pvalues in families.items()}
    return tuple(
        _corrected(each, {name: family.get(str(number)) for name, family in adjusted.items()})
        for number, each in enumerate(found)
    )


def told(found: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON has it; items by state, the flipped ones first."""
    sides = {
        which: {"id": side.id, "name": side.name}
        for which, side in (("first", found.first), ("second", found.second))
    }
    return {
        **sides,
        "suite": found.first.suite,
        "suite_version": found.first.suite_version,
        "samples": found.n,
        "only_first": found.only_first,
        "only_second": found.only_second,
        "verdict": asdict(found.verdict),
        "rows": [asdict(row) for row in found.rows],
        "kinds": [asdict(row) for row in found.kinds],
        "counts": found.counts(),
        "broken": list(found.broken),
        "fixed": list(found.fixed),
    }


@dataclass(frozen=True, slots=True)
class Items:
    """A side with one row per item."""

    ids: Sequence[str]
    columns: dict[str, np.ndarray]
    clusters: Sequence[str]
    kinds: Sequence[str]

    def taken(self, places: list[int]) -> "Items":
        """Return the rows at these places, in this order."""
        return Items(
            [self.ids[at] for at in places],
            {name: column[places] for name, column in self.columns.items()},
            [self.clusters[at] for at in places] if self.clusters else [],
            [self.kinds[at] for at in places] if self.kinds else [],
        )


def _matched(one: Items, two: Items) -> tuple[Items, Items]:
    """Return the items that both have, in the order of the first."""
    if list(one.ids) == list(two.ids):
        return one, two
    place = {id: at for at, id in enumerate(two.ids)}
    here = [at for at, id in enumerate(one.ids) if id in place]
    return one.taken(here), two.taken([place[one.ids[at]] for at in here])


def _comparable(first: Side, second: Side) -> None:
    names = f"{first.name} and {second.name}"
    if first.suite != second.suite:
        raise Conflict(
            f"{names} answered different suites: {first.suite} and {second.suite}.",
            "Choose two runs of one suite.",
        )
    if first.suite_version != second.suite_version:
        raise Conflict(
            f"{names} answered different versions of {first.suite}: "
            f"{first.suite_version[:12]} and {second.suite_version[:12]}.",
            "Their questions are not the same. Run the older one again on the suite as it is now.",
        )


def by_item(side: Side) -> Items:
    """Return a side with the mean of each item's epochs; what no epoch has stays NaN."""
    given = {PASSED: side.passed, **side.metrics}
    columns = {name: np.asarray(column, dtype=float) for name, column in given.items()}
    place = {id: at for at, id in enumerate(dict.fromkeys(side.ids))}
    if len(place) == len(side.ids):
        return Items(side.ids, columns, side.clusters, side.kinds)
    where = np.fromiter((place[id] for id in side.ids), np.int64, len(side.ids))
    starts = np.full(len(place), -1)
    starts[where[::-1]] = np.arange(len(where))[::-1]
    first: list[int] = starts.tolist()
    return Items(
        [*place],
        {name: _means(column, where, len(place)) for name, column in columns.items()},
        [side.clusters[at] for at in first] if side.clusters else [],
        [side.kinds[at] for at in first] if side.kinds else [],
    )


def _means(column: np.ndarray, where: np.ndarray, n: int) -> np.ndarray:
    there = ~np.isnan(column)
    sums = np.bincount(where[there], weights=column[there], minlength=n)
    counts = np.bincount(where[there], minlength=n)
    return np.divide(sums, counts, out=np.full(n, np.nan), where=counts > 0)


def _measures(
    first: Side, second: Side, one: Items, two: Items, groups: np.ndarray | None
) -> Iterator[Row]:
    """Yield a row for every scorer of either, in the order they are listed."""
    known = [name for name in SCORERS if name in first.metrics or name in second.metrics]
    other = [name for name in {**first.metrics, **second.metrics} if name not in SCORERS]
    for name in known + other:
        if name in one.columns and name in two.columns:
            yield _row(name, one.columns[name], two.columns[name], groups, first, second)
        else:
            lacking = first if name not in one.columns else second
            yield replace(_blank(name), why=f"{lacking.name} was not scored by it.")


def _row(
    name: str,
    one: np.ndarray,
    two: np.ndarray,
    groups: np.ndarray | None,
    first: Side,
    second: Side,
) -> Row:
    row = _blank(name)
    scorer = first.criterion if name == PASSED else name
    versions = [side.versions.get(scorer, "") for side in (first, second)]
    if versions[0] != versions[1]:
        why = f"They were scored by versions {versions[0]} and {versions[1]} of {scorer}; "
        return replace(row, why=f"{why}score the older one again.")
    found = paired(one, two, groups)
    if found is None:
        return replace(row, why="Fewer than two samples were scored in both.")
    said = verdict(first.name, second.name, found, row.unit, row.better)
    return replace(row, paired=found, verdict=said)


def _blank(name: str) -> Row:
    about = SCORERS.get(name)
    if about is None:
        return Row(name, "Pass rate" if name == PASSED else name)
    return Row(name, about.title, about.unit, about.better)


def _judged(row: Row, first: Side, second: Side, cells: np.ndarray) -> Verdict:
    """Return the verdict on the pass rate; samples that are left out are told."""
    if row.verdict is None:
        return Verdict(f"{first.name} and {second.name} are not compared. {row.why}")
    left = int((cells == STATES.index("unjudged")).sum())
    if not left:
        return row.verdict
    said = f"{row.verdict.sentence} {left:,} of {len(cells):,} samples are left out: "
    return replace(row.verdict, sentence=f"{said}one of the two has no judged answer there.")


def _kinds(
    first: Side, second: Side, one: Items, two: Items, groups: np.ndarray | None
) -> Iterator[Row]:
    """Yield the pass rate of each kind of question, where there is more than one kind."""
    kinds = np.asarray(one.kinds)
    names = sorted({*one.kinds})
    for name in names if len(names) > 1 else ():
        of = kinds == name
        row = _row(
            PASSED,
            one.columns[PASSED][of],
            two.columns[PASSED][of],
            None if groups is None else groups[of],
            first,
            second,
        )
        yield replace(row, name=name, title=name or "other")


def _cells(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    before, after = one > 0.5, two > 0.5
    state = np.where(before, np.where(after, 0, 2), np.where(after, 1, 3))
    return np.where(np.isnan(one) | np.isnan(two), 4, state).astype(np.int8)


def _corrected(found: Comparison, adjusted: Mapping[str, float | None]) -> Comparison:
    """Return a comparison whose verdicts are those of the corrected p-values."""
    rows = []
    for row in found.rows:
        if row.paired is None:
            rows.append(row)
            continue
        measured = replace(row.paired, holm=adjusted[row.name])
        said = verdict(found.first.name, found.second.name, measured, row.unit, row.better)
        rows.append(replace(row, paired=measured, verdict=said))
    judged = _judged(rows[0], found.first, found.second, found.cells)
    return replace(found, rows=tuple(rows), verdict=judged)
