"""Runs against each other as HTML: the verdict first, then every measure, the flips, what pays off.

It knows comparisons as eval makes them. It computes no test and no interval.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.errors import PlumblineError
from core.present.measured import Range, Way, forest, pareto
from core.present.numbers import DASH, count, digits
from core.records import Run
from eval.scorers import SCORERS
from pages import _evals_flips
from pages import _evals_words as words
from pages._evals_asked import MOST_COMPARED, Asked, go
from pages._evals_desk import Desk, Shown, button, framed
from pages._html import badge, failure, text
from pages._stream import attempt

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from eval.compare import Comparison, Row, Side
    from eval.pareto import Point

OFFERED = 60
CHOOSE = "Choose runs of one suite. Each is compared with the first, on the samples both answered."
COSTS = (("latency", "seconds for an answer"), ("price", "$ for 1,000 samples"))
HOW = "Computed from the stored samples of both runs; second minus first"


def show(desk: Desk, asked: Asked) -> Shown:
    """Return the comparison of the runs that the address names, or the choice of runs."""
    picker = choice(desk, asked)
    if len(asked.compare) < 2:
        inner = f'<p class="says">{CHOOSE}</p>{picker}'
        return Shown(framed("Which run is better?", inner))
    made = attempt(lambda: _compared(desk, asked))
    if isinstance(made, PlumblineError):
        title = "These runs cannot be compared."
        return Shown(framed(title, failure(made) + picker))
    sides, found = made
    flips = _evals_flips.flips(desk, asked, found)
    verdicts = [_verdict(each, alone=len(found) == 1) for each in found]
    others = "".join(f'<p class="finding">{text(said)}</p>' for said in verdicts[1:])
    inner = f"{others}{_samples(sides, found)}{measures(found)}{flips}"
    tools = button("Publish", "publish", runs=",".join(asked.compare))
    return Shown(
        framed(text(verdicts[0]), inner, tools),
        f"{_kinds(found)}{picker}",
        charts(desk, sides, found),
    )


def measures(found: "Sequence[Comparison]") -> str:
    """Return every measure with its paired differences."""
    first = found[0].first.name
    columns = ["Measure", f"#{text(first)}"]
    for each in found:
        columns += [f"#{text(each.second.name)}", "#Difference", "#95 % interval", "#p"]
    rows = []
    for n, row in enumerate(found[0].rows):
        cells = "".join(_cells(each.rows[n], alone=n_of == 0) for n_of, each in enumerate(found))
        rows.append(f'<tr><th scope="row">{text(row.title)}</th>{cells}</tr>')
    note = " after Holm’s correction" if len(found) > 1 else ""
    mark = badge("measured", HOW)
    return (
        f"<section><h2>Every measure {mark}</h2>{words.table(columns, rows)}"
        f'<p class="quiet">Differences are second minus first, on the same samples; p{note} '
        "says how often chance alone would differ as much.</p></section>"
    )


def charts(desk: Desk, sides: "Sequence[Side]", found: "Sequence[Comparison]") -> tuple[Any, ...]:
    """Return the differences as a forest, and what each run costs against how good it is."""
    from eval.pareto import pareto as best_for

    rows = [
        (_label(each, row), _points(row))
        for each in found
        for row in (each.rows[0], *each.kinds)
        if row.paired is not None
    ]
    drawn = []
    if rows:
        title = "Difference in right answers; a full dot is a difference shown"
        drawn.append(forest(title, rows, "points, second minus first", desk.look))
    for name, unit in COSTS:
        points = best_for(sides, name)
        if len(points) > 1:
            drawn.append(_pareto(desk, points, unit))
    return tuple(drawn)


def choice(desk: Desk, asked: Asked) -> str:
    """Return the fields that choose the runs, those of the first one's suite if there is one."""
    found = desk.evals.list(desk.owner, 1, OFFERED).rows
    runs = [run for run in found if run.done]
    chosen = [attempt(lambda id=id: desk.evals.get(id, desk.owner)) for id in asked.compare]
    known = [run for run in chosen if isinstance(run, Run)]
    suite = known[0].suite if known else ""
    offered = [run for run in runs if not suite or run.suite == suite]
    offered += [run for run in known if run.id not in {each.id for each in offered}]
    if len(offered) < 2:
        return (
            '<p class="none">Two runs of one suite are needed, and there are not two yet.</p>'
            f"{go(Asked(view='new', suite=suite), 'New run', 'button strong')}"
        )
    of = {run.id for run in known}
    boxes = "".join(
        f'<label class="chip"><input type="checkbox" name="chosen" value="{run.id}"'
        f"{' checked' if run.id in of else ''}><span>{_offered(run, bool(suite))}</span></label>"
        for run in offered
    )
    return (
        '<details class="fold choose"'
        f"{' open' if len(known) < 2 else ''}><summary>Choose runs</summary>"
        f'<form data-evals="compare"><div class="chips">{boxes}</div>'
        '<p class="submit"><button type="submit" class="button">Compare</button>'
        f'<span class="quiet">Two to {MOST_COMPARED}; the first in the list is what the others '
        "are compared with.</span></p></form></details>"
    )


def _verdict(found: "Comparison", alone: bool) -> str:
    """Return the verdict, with whom it is about where there are several."""
    said = found.verdict.sentence
    return said if alone else f"{found.second.name} against {found.first.name}: {said}"


def _compared(desk: Desk, asked: Asked) -> "tuple[list[Side], tuple[Comparison, ...]]":
    from eval.compare import compare_many

    sides = [desk.evals.side(id, desk.owner) for id in asked.compare]
    return sides, compare_many(sides)


def _samples(sides: "Sequence[Side]", found: "Sequence[Comparison]") -> str:
    parts = []
    for each in found:
        alone = each.only_first + each.only_second
        rest = f"; {count(alone)} that only one has are left out" if alone else ""
        parts.append(f"{count(each.n, 'sample')} in common{rest}.")
    version = found[0].first.suite_version[:12]
    suite = text(found[0].first.suite)
    names = [go(Asked(view="run", run=side.id), text(side.name)) for side in sides]
    told = " ".join(dict.fromkeys(parts))
    return (
        f'<p class="run-facts">{" against ".join([names[0], ", ".join(names[1:])])} · {suite}, '
        f"version {version} · {told}</p>"
    )


def _cells(row: "Row", alone: bool) -> str:
    paired = row.paired
    if paired is None:
        span = 5 if alone else 4
        return f'<td colspan="{span}" class="quiet">{text(row.why)}</td>'
    before = f'<td class="number">{_value(row, paired.first)}</td>' if alone else ""
    p = paired.p if paired.holm is None else paired.holm
    sure = f"{_amount(row, paired.delta.low)} to {_amount(row, paired.delta.high)}"
    return (
        f'{before}<td class="number">{_value(row, paired.second)}</td>'
        f'<td class="number">{_direction(row)}{_amount(row, paired.delta.mean, signed=True)}</td>'
        f'<td class="number">{sure}</td><td class="number">{_chance(p)}</td>'
    )


def _direction(row: "Row") -> str:
    """Return which way it went, where a difference is shown."""
    paired = row.paired
    if paired is None or not paired.is_shown:
        return ""
    up = paired.delta.mean > 0
    good = row.better and up == (row.better == "higher")
    kind = "" if not row.better else "up" if good else "down"
    said = "" if not row.better else "better" if good else "worse"
    return f'<span class="move {kind}" title="{said}">{"▲" if up else "▼"} {said}</span> '


def _value(row: "Row", value: float) -> str:
    return words.percent(value) if _rate(row) else words.value(row.name, value)


def _amount(row: "Row", value: float, signed: bool = False) -> str:
    if _rate(row):
        shown = f"{value * 100:+.1f}" if signed else f"{value * 100:.1f}"
    else:
        shown = ("+" if signed and value > 0 else "") + digits(value)
    return shown.replace("-", "−")


def _chance(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.0995 else f"{p:.2f}"


def _rate(row: "Row") -> bool:
    about = SCORERS.get(row.name)
    return about is None or about.unit == "points"


def _kinds(found: "Sequence[Comparison]") -> str:
    if not found[0].kinds:
        return ""
    parts = []
    for each in found:
        rows = [
            f'<tr><th scope="row">{text(row.title)}</th>{_cells(row, alone=True)}</tr>'
            for row in each.kinds
        ]
        columns = (
            "Kind of question", f"#{text(each.first.name)}", f"#{text(each.second.name)}",
            "#Difference", "#95 % interval", "#p",
        )  # fmt: skip
        parts.append(words.table(columns, rows))
    return (
        '<details class="fold"><summary>Right answers by kind of question</summary>'
        f"{''.join(parts)}</details>"
    )


def _label(each: "Comparison", row: "Row") -> str:
    return each.second.name if row.name == "passed" else f"{each.second.name}: {row.title}"


def _points(row: "Row") -> Range:
    assert row.paired is not None
    delta = row.paired.delta
    return Range(delta.mean * 100, delta.low * 100, delta.high * 100)


def _pareto(desk: Desk, points: "Sequence[Point]", unit: str) -> "Figure":
    ways = [
        Way(
            each.name,
            Range(each.cost.mean, each.cost.low, each.cost.high),
            Range(each.passed.mean * 100, each.passed.low * 100, each.passed.high * 100),
            each.is_best,
        )
        for each in points
    ]
    best = [each.name for each in points if each.is_best]
    what = "time" if "second" in unit else "price"
    told = f"Right answers against {what}"
    if len(best) == 1:
        told = f"{best[0]} is best in right answers and in {what}"
    return pareto(told, ways, unit, "right, %", desk.look)


def _offered(run: Run, same: bool) -> str:
    passed = words.passed(run)
    share = words.percent(passed["mean"]) if passed else DASH
    suite = "" if same else f"{text(run.suite)} · "
    return f"{suite}{text(words.called(run))} <small>{share} of {count(run.done)}</small>"
