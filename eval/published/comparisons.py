"""Runs of a bundle against the first of their suite: the documents of their comparison pages.

It knows which runs are compared and how many flipped samples are shown in full. What is compared
how is known in eval/compare.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Conflict
from core.measure.paired import Paired
from core.measure.verdict import POINTS, Better, amount, chance
from core.present.numbers import DASH, digits
from core.present.times import seconds
from core.records import Answered
from eval.compare import PASSED, Comparison, Row, compare_many, told
from eval.flips import Flip, flip
from eval.published.documents import Source
from eval.published.masking import Mask

Told = dict[str, Any]

SHOWN = 50
GROUPS = (("broken", "From right to wrong"), ("fixed", "From wrong to right"))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs of a bundle, by their place in it, with what their comparison comes to."""

    first: int
    second: int
    slug: str
    found: Comparison


def pairs(sources: Sequence[Source], slugs: Sequence[str]) -> list[Pair]:
    """Compare each run with the first that answered the same questions."""
    groups: dict[tuple[str, str], list[int]] = {}
    for place, source in enumerate(sources):
        groups.setdefault((source.run.suite, source.run.suite_version), []).append(place)
    made: list[Pair] = []
    for places in groups.values():
        first, *others = _sharing(sources, places)
        sides = [sources[place].side() for place in (first, *others)]
        for other, found in zip(others, compare_many(sides), strict=True):
            made.append(Pair(first, other, f"{slugs[first]}--{slugs[other]}", found))
    return made


def document(pair: Pair, sources: Sequence[Source], mask: Mask) -> Told:
    """Return a comparison with its flipped samples, both answers beside each other."""
    plain = told(pair.found)
    for side in ("first", "second"):
        plain[side] = {"name": mask.facts(plain[side]["name"])}
    wanted = {id for group, _ in GROUPS for id in plain[group][:SHOWN]}
    one, two = (_some(sources[place].walk(), wanted) for place in (pair.first, pair.second))
    flips = {
        group: [_flip(one[id], two[id]) for id in plain[group][:SHOWN] if id in one and id in two]
        for group, _ in GROUPS
    }
    said = mask.content({**plain, "flips": flips})
    return {"slug": pair.slug, "sentence": said["verdict"]["sentence"], **said}


def rows(found: Comparison) -> list[Told]:
    """Return the differences as a table shows them."""
    return [_row(row) for row in found.rows if row.paired is not None]


def in_points(found: Comparison) -> list[tuple[str, Paired]]:
    """Return the differences that are told in points, and so fit one axis, with their titles."""
    measured = ((row, row.paired) for row in found.rows if row.unit == POINTS)
    return [(_title(row), paired) for row, paired in measured if paired is not None]


def _sharing(sources: Sequence[Source], places: Sequence[int]) -> list[int]:
    """Return the runs that have a sample in common with the first."""
    first = set(sources[places[0]].side().ids)
    others = [place for place in places[1:] if first & set(sources[place].side().ids)]
    return [places[0], *others]


def _some(walk: Iterable[Answered], wanted: set[str]) -> dict[str, Answered]:
    found: dict[str, Answered] = {}
    for answered in walk:
        if answered.item.id in wanted:
            found.setdefault(answered.item.id, answered)
    return found


def _flip(one: Answered, two: Answered) -> Told:
    changed = flip(one.item, one.sample, two.sample)
    return {
        "item": one.item.id,
        "position": two.sample.position,
        "epoch": two.sample.epoch,
        "question": one.item.question,
        "references": list(one.item.references),
        "first": _side(one),
        "second": _side(two),
        "words": [[p.change, p.text] for p in changed.words] if not changed.is_cut else [],
        "told": _said(changed),
    }


def _side(answered: Answered) -> Told:
    sample = answered.sample
    return {"outcome": answered.outcome, "answer": sample.answer or sample.error_text}


def _said(changed: Flip) -> str:
    """Return what else changed: passages and time."""
    new = [each.place for each in changed.passages if each.change == "new"]
    gone = [each.place for each in changed.passages if each.change == "gone"]
    parts = [
        f"{word} {', '.join(places)}" for word, places in (("new", new), ("gone", gone)) if places
    ]
    said = [f"Passages: {'; '.join(parts)}."] if parts else []
    if changed.seconds is not None:
        slower = "slower" if changed.seconds > 0 else "quicker"
        said.append(f"{seconds(abs(changed.seconds))} {slower}.")
    return " ".join(
        said + (["The answers are compared by their beginnings."] if changed.is_cut else [])
    )


def _row(row: Row) -> Told:
    found = row.paired
    if found is None:
        raise Conflict(f"{row.title} was not compared.", row.why)
    p = found.p if found.holm is None else found.holm
    corrected = " after Holm" if found.holm is not None else ""
    low = amount(found.delta.low, row.unit, signed=True)
    high = amount(found.delta.high, row.unit, signed=True)
    return {
        "name": row.name,
        "title": _title(row),
        "first": _value(found.first, row.unit),
        "second": _value(found.second, row.unit),
        "delta": amount(found.delta.mean, row.unit, signed=True),
        "mark": _mark(found.delta.mean, row.better) if found.is_shown else "",
        "interval": f"{low.split(' ')[0]} to {high}",
        "test": f"{found.test} {chance(p)}{corrected}",
        "n": f"{found.n:,}",
    }


def _title(row: Row) -> str:
    return "Right answers" if row.name == PASSED else row.title


def _value(value: float, unit: str) -> str:
    if value != value:
        return DASH
    return f"{digits(value * 100)} %" if unit == POINTS else f"{digits(value)} {unit}".rstrip()


def _mark(change: float, better: Better) -> str:
    if not better or not change:
        return ""
    return "▲ better" if (change > 0) == (better == "higher") else "▼ worse"
