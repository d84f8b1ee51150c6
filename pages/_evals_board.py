"""The leaderboard of a suite as HTML: the largest run of each way of answering, best first.

It knows runs and what they came to. It says that neighbours may be equal: only Compare can tell.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.present.measured import Range, forest
from core.present.numbers import DASH, count
from core.present.times import seconds
from core.records import Run
from pages import _evals_words as words
from pages._evals_asked import MOST_COMPARED, Asked, go
from pages._evals_desk import Desk, Shown, framed
from pages._evals_runs import choice
from pages._html import empty, text, when

READ = 200
SAYS = (
    "The largest complete run of each way of answering. Intervals that overlap leave open which is "
    "better; Compare tells, on the same samples."
)
NOTHING = "No complete run of this suite is there yet. The ways of answering are ranked here."


def show(desk: Desk, asked: Asked) -> Shown:
    """Return the ranking of one suite: the one that is asked for, or the one with most runs."""
    runs = list(desk.evals.list(desk.owner, 1, READ, state="completed").rows)
    suite = asked.suite or _busiest(runs)
    asked = replace(asked, suite=suite)
    names = [(each.name, each.title) for each in desk.suites.list(desk.owner)]
    picker = (
        '<form class="filter-bar" data-evals="filter" data-keep="view=leaderboard">'
        f"{choice('suite', 'Suite', names, suite)}</form>"
    )
    if suite:
        runs = list(desk.evals.list(desk.owner, 1, READ, suite=suite, state="completed").rows)
    ranked, older = rank([run for run in runs if run.suite == suite])
    if not ranked:
        start = go(Asked(view="new", suite=suite), "New run", "button strong")
        return Shown(framed("Nothing is ranked yet.", picker + empty(NOTHING, start)))
    inner = f'{picker}<p class="says">{SAYS}</p>{table(ranked)}{_together(ranked)}{_older(older)}'
    return Shown(framed(text(sentence(ranked)), inner), "", _chart(desk, suite, ranked))


def rank(runs: Sequence[Run]) -> tuple[list[Run], int]:
    """Return the largest judged run of each way on the newest version, best first; and how many
    are of an older version. Of equally large ones the newest counts."""
    judged = [run for run in runs if words.passed(run)]
    newest = max(judged, key=lambda run: run.created, default=None)
    if newest is None:
        return [], 0
    now = [run for run in judged if run.suite_version == newest.suite_version]
    ways: dict[tuple[Any, ...], Run] = {}
    for run in sorted(now, key=lambda run: (run.done, run.created)):
        ways[_way(run)] = run
    best = sorted(ways.values(), key=lambda run: -_share(run))
    return best, len(judged) - len(now)


def sentence(ranked: Sequence[Run]) -> str:
    """Return who leads, and by what."""
    first = ranked[0]
    passed = words.passed(first) or {}
    led = f"{_called(first)} leads with {words.percent(passed.get('mean'))}"
    return f"{led} ({words.interval(passed)})."


def table(ranked: Sequence[Run]) -> str:
    """Return the ranking."""
    rows = [_row(n, run) for n, run in enumerate(ranked, 1)]
    columns = (
        "#", "Way of answering", "Model", "#Right, %", "#Interval", "#Samples", "#Median time",
        "Run", "Made",
    )  # fmt: skip
    return words.table(columns, rows)


def _row(n: int, run: Run) -> str:
    passed = words.passed(run) or {}
    median = ((run.summary.get("latency") or {}).get("p50") or {}).get("value")
    name = words.called(run)
    return (
        f'<tr><td class="number">{n}</td><th scope="row">{text(_called(run))}</th>'
        f"<td>{text(run.model or DASH)}</td>"
        f'<td class="number">{words.percent(passed.get("mean"))}</td>'
        f'<td class="number">{words.interval(passed)}</td>'
        f'<td class="number">{count(passed.get("n"))}</td>'
        f'<td class="number">{seconds(median)}</td>'
        f"<td>{go(Asked(view='run', run=run.id), text(name))}</td><td>{when(run.created)}</td></tr>"
    )


def _together(ranked: Sequence[Run]) -> str:
    """Return the way to compare those that answered the same samples."""
    first = ranked[0]
    same = [run for run in ranked if _drawn(run) == _drawn(first)][:MOST_COMPARED]
    if len(same) < 2:
        return ""
    to = Asked(view="compare", compare=tuple(run.id for run in same))
    link = go(to, f"Compare these {len(same)} on the same samples", "button")
    return f'<p class="submit">{link}</p>'


def _older(many: int) -> str:
    if not many:
        return ""
    of = count(many, "run answers", "runs answer")
    return (
        f'<p class="quiet">{of} an older version of the suite and cannot be ranked with these.</p>'
    )


def _chart(desk: Desk, suite: str, ranked: Sequence[Run]) -> tuple[Any, ...]:
    rows = []
    for run in ranked:
        passed = words.passed(run) or {}
        low, high = passed.get("low"), passed.get("high")
        span = (None, None) if low is None or high is None else (low * 100, high * 100)
        rows.append((_called(run), Range(passed["mean"] * 100, *span)))
    title = f"Right answers on {suite}, with 95 % intervals"
    return (forest(title, rows, "right, %", desk.look, zero=False),)


def _busiest(runs: Sequence[Run]) -> str:
    names = [run.suite for run in runs]
    return max(sorted(set(names)), key=names.count, default="arith")


def _way(run: Run) -> tuple[Any, ...]:
    config = run.config
    searches = run.method in ("rag", "agent")
    how = (config.get("corpus"), config.get("retrieval"), config.get("top_k")) if searches else ()
    rest = (config.get("examples"), config.get("shape"), config.get("temperature"))
    return (run.method, run.model, *how, *rest)


def _drawn(run: Run) -> tuple[Any, ...]:
    return run.total, run.config.get("seed"), run.config.get("n")


def _share(run: Run) -> float:
    return float((words.passed(run) or {}).get("mean") or 0.0)


def _called(run: Run) -> str:
    name, config = words.method(run.method), run.config
    if run.method == "cot" and config.get("examples"):
        return f"{name}, {count(config['examples'], 'example')}"
    if run.method not in ("rag", "agent"):
        return name
    shown = count(config.get("top_k", 4), "passage")
    corpus = f" of {config['corpus']}" if config.get("corpus") else ""
    return f"{name}, {config.get('retrieval', 'hybrid')}, {shown}{corpus}"
