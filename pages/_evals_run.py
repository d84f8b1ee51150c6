"""One run as HTML: what it came to first, then kinds, times, every sample, and what went wrong.

It knows the report of a run and pages of its samples. It adds nothing up itself.
"""

from dataclasses import replace
from typing import Any

from core.present.measured import histogram
from core.present.numbers import DASH, count
from core.present.times import moment, seconds
from core.records import Run
from pages import _evals_sample
from pages import _evals_words as words
from pages._evals_asked import Asked, go
from pages._evals_desk import OPEN_STATES, Desk, Shown, button, framed
from pages._evals_grid import SHOWN, first, grid
from pages._evals_listed import extremes, samples, taxonomy
from pages._evals_origin import origin
from pages._evals_runs import doing
from pages._html import empty, problem, text, when

LONG = 3
FORMS = (("csv", "CSV"), ("jsonl", "JSONL"), ("parquet", "Parquet"), ("junit", "JUnit"))
NO_ANSWER_YET = "No sample is there yet. Each is shown here as soon as it is kept."
FEW_TIMES = 5


def show(desk: Desk, asked: Asked) -> Shown:
    """Return the run, or one of its samples."""
    run = desk.evals.get(asked.run, desk.owner)
    asked = replace(asked, run=run.id)
    if asked.place:
        return _evals_sample.show(desk, asked, run)
    told = desk.evals.report(run.id, desk.owner)
    head = f"{_about(run)}{_trouble(run)}{_cards(run, told)}{_kinds(asked, told)}"
    if not run.done:
        inner = "" if run.state in OPEN_STATES else empty(NO_ANSWER_YET)
        return Shown(framed(text(sentence(run, told)), head + inner, _tools(desk, run)))
    body = (
        f"{_grid(desk, asked, run, told)}{taxonomy(asked, told)}"
        f"{samples(desk, asked)}{extremes(asked, told)}{origin(run)}"
    )
    top = framed(text(sentence(run, told)), head, _tools(desk, run))
    return Shown(top, body, _charts(desk, run, told))


def _grid(desk: Desk, asked: Asked, run: Run, told: words.Told) -> str:
    tallies = told.get("outcomes") or {}
    at = first(asked, sum(tallies.values()))
    cells = desk.evals.grid(run.id, desk.owner, at, SHOWN)
    return grid(asked, cells, tallies, int(run.config.get("epochs") or 1) > 1)


def sentence(run: Run, told: words.Told) -> str:
    """Return what the run came to, as far as it is."""
    passed = told.get("passed")
    so_far = "so far " if run.state in OPEN_STATES else ""
    if not run.done:
        waits = {"queued": "waits for its turn", "running": "has begun; no answer is there yet"}
        return f"{words.called(run)} {waits.get(run.state, f'is {run.state} without an answer')}."
    if not passed:
        return f"{count(run.done, 'answer')} {so_far}; none of them could be judged."
    share = words.percent(passed["mean"])
    return (
        f"{share} of {count(passed['n'], 'answer')} {so_far}are right ({words.interval(passed)})."
    )


def _about(run: Run) -> str:
    facts = [
        f"<b>{text(words.called(run))}</b>",
        words.chip(run.state),
        text(run.suite),
        text(words.method(run.method)),
        text(run.model) if run.model else "",
        when(run.started or run.created),
    ]
    return f'<p class="run-facts">{" · ".join(fact for fact in facts if fact)}</p>'


def _trouble(run: Run) -> str:
    """Return why a run ended before its end, and what happens next."""
    if run.state in OPEN_STATES or run.state == "completed":
        if run.state == "completed" and run.failed:
            return (
                f'<p class="notice">{count(run.failed, "sample")} failed and were not judged. '
                "They can be asked again; what is there stays until then.</p>"
            )
        return ""
    left = run.total - run.done
    next_ = f"{count(left, 'sample')} are left; Go on asks only those." if left else ""
    kept = f"{count(run.done, 'sample')} are kept. {next_}"
    if run.state == "failed":
        return problem(run.error or "The run failed.", kept, f"run {run.id}")
    return f'<p class="notice">{text(run.error or f"The run is {run.state}.")} {kept}</p>'


def _cards(run: Run, told: words.Told) -> str:
    if not run.done:
        return ""
    how = f"Measured on this machine, {moment(run.started or run.created)}"
    passed, latency, first = told.get("passed"), told.get("latency"), told.get("first_token")
    tokens = (told.get("tokens") or {}).get("out")
    cards = [
        words.card(
            "Right",
            words.percent(passed["mean"]) if passed else DASH,
            f"{words.interval(passed)}<br>{words.counted(passed)}",
            f"{how}; interval: {passed['how'] if passed else DASH}",
        ),
        _timed("Median time", latency, "p50", how),
        _timed("95th percentile", latency, "p95", how),
    ]
    if first:
        cards.append(_timed("To first token", first, "p50", how))
    if tokens:
        below = f"{count(tokens['sum'])} in all"
        cards.append(words.card("Tokens written", f"{tokens['mean']:.0f}", below, how))
    cards += _scores(run, told, how)
    done = told.get("samples") or {}
    cached = f"{count(done['cached'])} from earlier answers" if done.get("cached") else ""
    failed = f"{count(run.failed)} failed" if run.failed else "none failed"
    below = ", ".join(part for part in (failed, cached) if part)
    cards.append(words.card("Samples", count(run.done), f"of {count(run.total)}, {below}", how))
    return f'<ul class="cards">{"".join(cards)}</ul>'


def _timed(label: str, told: words.Told | None, name: str, how: str) -> str:
    one = (told or {}).get(name) or {}
    if one.get("value") is None:
        return words.card(label, DASH, text(one.get("why") or "not measured"), how)
    below = f"95 % {seconds(one['low'])} to {seconds(one['high'])}" if one.get("low") else ""
    return words.card(label, seconds(one["value"]), below, how)


def _scores(run: Run, told: words.Told, how: str) -> list[str]:
    cards = []
    for name, versions in (told.get("scores") or {}).items():
        if (name == run.criterion and len(versions) < 2) or name in ("latency", "first_token"):
            continue
        for version, one in versions.items():
            label = words.scorer(name) + (f" @{version}" if len(versions) > 1 else "")
            lacking = f"{count(one['unscored'])} not scored" if one.get("unscored") else ""
            below = words.between(name, one) if one.get("n") else "not scored"
            cards.append(
                words.card(
                    label,
                    words.value(name, one.get("mean")),
                    "<br>".join(part for part in (below, lacking) if part),
                    f"{how}; scorer {name}@{version}",
                )
            )
    return cards


def _kinds(asked: Asked, told: words.Told) -> str:
    kinds = {kind: each for kind, each in (told.get("kinds") or {}).items()}
    if len(kinds) < 2:
        return ""
    rows = [
        f'<tr><th scope="row">{go(replace(asked, kind=kind, page=1), text(kind))}</th>'
        f'<td class="number">{count((each or {}).get("n"))}</td>'
        f'<td class="number">{words.percent((each or {}).get("mean"))}</td>'
        f'<td class="number">{words.interval(each)}</td><td class="span">{_span(each)}</td></tr>'
        for kind, each in kinds.items()
    ]
    columns = ("Kind of question", "#Judged", "#Right", "#Interval", "0 to 100 %")
    return f"<section><h2>By kind</h2>{words.table(columns, rows)}</section>"


def _span(each: words.Told | None) -> str:
    """Return an interval as a line from 0 to 100 %."""
    if not each or each.get("mean") is None:
        return ""
    low, high = each.get("low"), each.get("high")
    arm = (
        f'<i class="arm" style="left:{low * 100:.1f}%;width:{(high - low) * 100:.1f}%"></i>'
        if low is not None and high is not None
        else ""
    )
    return (
        f'<span class="span-of" aria-hidden="true">{arm}'
        f'<i class="at" style="left:{each["mean"] * 100:.1f}%"></i></span>'
    )


def _charts(desk: Desk, run: Run, told: words.Told) -> tuple[Any, ...]:
    latency = told.get("latency") or {}
    bars = latency.get("histogram")
    if not bars or latency.get("n", 0) < FEW_TIMES:
        return ()
    marked = [
        (name, latency[name]["value"])
        for name in ("p50", "p95")
        if (latency.get(name) or {}).get("value") is not None
    ]
    middle = (latency.get("p50") or {}).get("value")
    title = (
        f"Half of the answers took {seconds(middle)} or less"
        if middle is not None
        else "How long did the answers take?"
    )
    badge = f"measured on this machine, {moment(run.started or run.created)}"
    drawn = histogram(title, bars["counts"], bars["edges"], marked, desk.look, badge)
    return (drawn,)


def _tools(desk: Desk, run: Run) -> str:
    """Return what can be done with the run."""
    if not run.done:
        return doing(desk, run, back=True)
    forms = "".join(f'<option value="{form}">{name}</option>' for form, name in FORMS)
    export = (
        f'<form class="export" data-evals="export" data-run="{run.id}"><label class="pick">'
        f'<span class="offscreen">Format</span><select name="form">{forms}</select></label>'
        '<button type="submit" class="button">Export</button></form>'
    )
    again = go(Asked(view="new", run=run.id), "Run again with changes", "button")
    compare = go(Asked(view="compare", compare=(run.id,)), "Compare", "button")
    share = button("Publish", "publish", runs=run.id) if run.state not in OPEN_STATES else ""
    return f"{compare}{again}{export}{share}{doing(desk, run, back=True)}"
