"""The history of runs as HTML: filters, a table that can be sorted, what runs now.

It knows runs and their summaries. It starts and reads nothing but the page that is asked for.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.present.numbers import DASH, count
from core.present.times import seconds
from core.records import Page, Run
from pages import _evals_words as words
from pages._evals_asked import Asked, go, pages
from pages._evals_desk import OPEN_STATES, Desk, Shown, button, framed
from pages._html import empty, icon, text, when
from pages._ways import LABELS

SIZE = 20
NOTHING = (
    "A run asks a suite of questions in one way and says how many answers are right, with an "
    "interval. None has been made yet."
)
NONE_FIT = "No run fits these filters."
NONE_DELETED = "Nothing was deleted. A run that is deleted can be brought back here."
COLUMNS = (
    ("", "", ""),
    ("Run", "name", ""),
    ("State", "state", ""),
    ("Suite", "suite", ""),
    ("Method", "method", ""),
    ("Samples", "total", "number"),
    ("Right, %", "passed", "number"),
    ("Median, s", "", "number"),
    ("Asked for", "created", ""),
    ("", "", ""),
)


def show(desk: Desk, asked: Asked) -> Shown:
    """Return a page of the history."""
    name = asked.sort or "-created"
    found: Page[Run] = desk.evals.list(
        desk.owner,
        asked.page,
        SIZE,
        suite=asked.suite,
        method=asked.method,
        state=asked.state,
        text=asked.q,
        deleted=asked.deleted,
        sort=name.lstrip("-"),
        descending=name.startswith("-"),
    )
    asked = replace(asked, page=found.page)
    tools = go(Asked(view="new"), "New run", "button strong")
    inner = table(desk, asked, found) if found.total else _nothing(desk, asked)
    bar = _filters(desk, asked) if found.total or asked.narrowed or asked.deleted else ""
    return Shown(framed(text(sentence(asked, found)), bar + inner, tools))


def sentence(asked: Asked, found: Page[Run]) -> str:
    """Return what the page shows."""
    if asked.deleted:
        return f"{count(found.total, 'deleted run')}." if found.total else "No run is deleted."
    if not found.total:
        return NONE_FIT if asked.narrowed else "Nothing has been measured yet."
    now = sum(1 for run in found.rows if run.state in OPEN_STATES)
    under_way = f" {count(now)} of them under way." if now else ""
    fitting = " that fit" if asked.narrowed else ""
    newest = next((run for run in found.rows if words.passed(run)), None)
    latest = ""
    if newest and not asked.sort and asked.page == 1:
        share = words.percent((words.passed(newest) or {})["mean"])
        latest = f" The latest, {words.called(newest)}: {share} right."
    return f"{count(found.total, 'run')}{fitting}.{under_way}{latest}"


def table(desk: Desk, asked: Asked, found: Page[Run]) -> str:
    """Return the runs as a table, with what can be done with several."""
    head = "".join(_column(asked, *column) for column in COLUMNS)
    rows = "".join(_row(desk, run) for run in found.rows)
    several = (
        '<div class="several"><button type="button" class="button" data-act="evals-compare" '
        'disabled>Compare the chosen runs</button><span class="quiet">Choose two or more of one '
        "suite.</span></div>"
        if not asked.deleted and len(found.rows) > 1
        else ""
    )
    return (
        '<div class="table runs" tabindex="0" role="region" aria-label="Runs"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        f"{several}{pages(asked, found.total, SIZE)}"
    )


def live(desk: Desk, runs: Sequence[Run]) -> str:
    """Return how far each run under way is, in a bar and in words."""
    return "".join(_live(desk, run) for run in runs)


def under_way(desk: Desk) -> list[Run]:
    """Return the runs that are queued or running, as far as this visitor may see them."""
    return [
        run
        for state in reversed(OPEN_STATES)
        for run in desk.evals.list(desk.owner, 1, SIZE, state=state, descending=False).rows
    ]


def doing(desk: Desk, run: Run, back: bool = False) -> str:
    """Return the buttons of a run, as far as this visitor may press them."""
    if not desk.may_change(run):
        return ""
    if run.deleted:
        return button("Restore", "restore", run=run.id)
    if run.state in OPEN_STATES:
        return button("Cancel", "cancel", run=run.id)
    again = run.state != "completed" or run.failed
    words_of = "Go on" if run.state != "completed" else "Ask the failed ones again"
    resume = button(words_of, "resume", run=run.id) if again else ""
    return resume + button("Delete", "delete", run=run.id, back="1" if back else "")


def _live(desk: Desk, run: Run) -> str:
    told = desk.evals.progress(run.id, desk.owner)
    share = told.fraction
    wide = f' style="width:{share * 100:.1f}%"' if share is not None else ""
    now = f' aria-valuenow="{share * 100:.0f}"' if share is not None else ""
    left = f" About {seconds(round(told.seconds_left))} left." if told.seconds_left else ""
    return (
        f'<div class="under-way"><p><b>{text(words.called(run))}</b> {text(told.said)}{left}</p>'
        f'<div class="progress{"" if share is not None else " open"}" role="progressbar" '
        f'aria-valuemin="0" aria-valuemax="100"{now} aria-label="{text(words.called(run))}">'
        f"<span{wide}></span></div>"
        f"{button('Cancel', 'cancel', run=run.id) if desk.may_change(run) else ''}</div>"
    )


def _nothing(desk: Desk, asked: Asked) -> str:
    if asked.deleted:
        return empty(NONE_DELETED, go(Asked(), "All runs", "button"))
    if asked.narrowed:
        return empty(NONE_FIT, go(Asked(), "Show all runs", "button"))
    first = button("Measure the model on 20 sums", "first", "strong")
    return empty(NOTHING, first if not desk.shared else go(Asked(view="new"), "New run", "button"))


def _column(asked: Asked, name: str, sort: str, kind: str) -> str:
    of = f' class="{kind}"' if kind else ""
    if not name:
        return f'<th scope="col"{of}><span class="offscreen">Choose or do</span></th>'
    if not sort:
        return f'<th scope="col"{of}>{name}</th>'
    now = asked.sort or "-created"
    down = now == f"-{sort}"
    up = now == sort
    state = ' aria-sort="descending"' if down else ' aria-sort="ascending"' if up else ""
    to = sort if down else f"-{sort}"
    return f'<th scope="col"{of}{state}>{go(replace(asked, sort=to, page=1), name, "sort")}</th>'


def _row(desk: Desk, run: Run) -> str:
    passed, latency = words.passed(run), run.summary.get("latency") or {}
    median = (latency.get("p50") or {}).get("value")
    told = text(words.called(run))
    chosen = (
        f'<input type="checkbox" name="chosen" value="{run.id}" data-suite="{text(run.suite)}" '
        f'aria-label="Choose {told}">'
        if run.done and not run.deleted
        else ""
    )
    failed = f' <span class="quiet">{count(run.failed)} failed</span>' if run.failed else ""
    model = f'<br><span class="quiet">{text(run.model)}</span>' if run.model else ""
    right = (
        f"{passed['mean'] * 100:.1f}<br><span class='quiet'>{words.interval(passed)}</span>"
        if passed
        else DASH
    )
    return (
        f'<tr><td class="choose">{chosen}</td><th scope="row">'
        f"{go(Asked(view='run', run=run.id), told)}{model}</th>"
        f"<td>{words.chip(run.state)}</td><td>{text(run.suite)}</td>"
        f"<td>{text(words.method(run.method))}</td>"
        f'<td class="number">{count(run.done)} of {count(run.total)}{failed}</td>'
        f'<td class="number">{right}</td>'
        f'<td class="number">{DASH if median is None else f"{median:.3g}"}</td>'
        f"<td>{when(run.created)}</td>"
        f'<td class="doing-row">{doing(desk, run)}</td></tr>'
    )


def _filters(desk: Desk, asked: Asked) -> str:
    names = desk.evals.names(desk.owner)
    deleted = " checked" if asked.deleted else ""
    sort = f'<input type="hidden" name="sort" value="{text(asked.sort)}">' if asked.sort else ""
    return (
        '<form class="filter-bar" data-evals="filter" role="search">'
        f'<label class="pick grow">{icon("tune")}<span class="offscreen">Name or model</span>'
        f'<input type="search" name="q" value="{text(asked.q)}" placeholder="Name or model" '
        f'autocomplete="off"></label>{sort}'
        f"{choice('suite', 'Suite', [(n, n) for n in names['suites']], asked.suite)}"
        f"{choice('method', 'Method', [(n, w) for n, w in LABELS.items()], asked.method)}"
        f"{choice('state', 'State', [(n, n) for n in words.STATES], asked.state)}"
        f'<label class="pick"><input type="checkbox" name="deleted" value="1"{deleted}>Deleted'
        "</label></form>"
    )


def choice(name: str, label: str, options: Sequence[tuple[str, str]], chosen: str) -> str:
    """Return a field with one of several values, or any."""
    listed = "".join(
        f'<option value="{text(value)}"{" selected" if value == chosen else ""}>{text(said)}'
        "</option>"
        for value, said in options
    )
    return (
        f'<label class="pick">{label} <select name="{name}"><option value="">any</option>'
        f"{listed}</select></label>"
    )
