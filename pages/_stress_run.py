"""One run as HTML: what it came to first, then its lanes, first tokens, speed, figures, every turn.

It knows the state of a run and its pictures. It adds nothing up itself.
"""

from dataclasses import replace
from typing import Any

from core.present import plots
from core.present.numbers import DASH, count, size
from core.present.times import rate, seconds
from eval.stress.drawing import Drawing, draw, parts, steps
from eval.stress.state import Lane, State, Turn
from pages import _stress_words as words
from pages._html import empty, problem, text, tip, when
from pages._stress_asked import Asked, go
from pages._stress_cards import cards
from pages._stress_desk import OPEN_STATES, Desk, Shown, button, framed

FORMS = (
    ("png", "Picture (PNG)"),
    ("html", "Report (HTML)"),
    ("csv", "Turns (CSV)"),
    ("json", "All of it (JSON)"),
    ("trace", "Trace (JSONL)"),
)
UNDER_WAY = ("waiting", "running")
WAITS = "The run waits until other work has ended. It begins by itself."
BEGINS = "The model is being loaded. The first turn is drawn as soon as it is over."
COUNTS = (
    "All memory the process took beyond the loaded model, at the end of a turn. While it computes "
    "it needs more; and at first it reuses what loading left free."
)
PAGES = (
    "Files are read through the kernel’s page cache. Their pages count as file memory, which the "
    "kernel takes back when it needs it; what stays is the anonymous memory."
)


def show(desk: Desk, asked: Asked) -> Shown:
    """Return a run; one that is played is shown as stored, whenever it was made."""
    state = desk.stress.state(asked.run)
    asked = replace(asked, run=state.id)
    if asked.play and state.state not in OPEN_STATES:
        state = replace(state, replayed=True)
        return Shown(_head(desk, asked, state) + player(state), figures(state), cards(state))
    return Shown(_head(desk, asked, state), figures(state), body(state))


def live(state: State) -> str:
    """Return how far a run is, in a bar and in words; nothing once it is over."""
    if state.state not in OPEN_STATES:
        return ""
    share = state.progress
    wide = f' style="width:{share * 100:.1f}%"' if share is not None else ""
    now = f' aria-valuenow="{share * 100:.0f}"' if share is not None else ""
    name, colon, rest = state.status.partition(":")
    said = f"{words.way(name)}{colon}{rest}" or (WAITS if state.state == "queued" else BEGINS)
    return (
        f'<div class="under-way"><p class="num">{text(said)}</p>'
        f'<div class="progress{"" if share is not None else " open"}" role="progressbar" '
        f'aria-valuemin="0" aria-valuemax="100"{now} aria-label="How far the run is">'
        f"<span{wide}></span></div></div>"
    )


def standing(state: State) -> str:
    """Return what must be the same for the head of a run to be still right."""
    return f"{state.id} {state.state} {' '.join(lane.state for lane in state.lanes)}"


def figures(state: State) -> str:
    """Return the pictures of a run, as far as it is."""
    if not state.lanes:
        return ""
    drawing = draw(state)
    return f"{_lanes(state, drawing)}{_small(state, drawing)}"


def body(state: State) -> str:
    """Return what stands below the pictures; turns and origins once the run is over."""
    if state.state in OPEN_STATES:
        return cards(state)
    if not any(lane.turns for lane in state.lanes):
        return empty("No turn of this run was finished; there is nothing to show.")
    return (
        f"{cards(state)}{_needle(state)}{''.join(_turns(state, lane) for lane in state.lanes)}"
        f"{_origin(state)}"
    )


def sentence(state: State) -> str:
    """Return what a run says first, as HTML: each way in a line of its own."""
    said = [text(part) for part in parts(state.summary)]
    if state.state in OPEN_STATES:
        names = [words.way(lane.name) for lane in state.lanes if lane.state in UNDER_WAY]
        then = ", then ".join(name[:1].lower() + name[1:] for name in names)
        said += [f"{text(state.scenario.title)}: {text(then)}."] if names else []
    return "".join(f"<span>{part}</span>" for part in said) or text(
        state.error or f"The run is {state.state}."
    )


def player(state: State) -> str:
    """Return what plays a stored run: a button, a slider over its time, and the time itself."""
    last = max((turn.at_s for lane in state.lanes for turn in lane.turns), default=0)
    ended = max((f.at_s for lane in state.lanes for f in lane.failures), default=0)
    length = max(last, ended)
    return (
        f'<div class="player" data-length="{length:.2f}"><button type="button" '
        'class="button strong" data-act="stress-play" aria-pressed="false">▶ Play</button>'
        f'<input type="range" min="0" max="{length:.2f}" step="0.1" value="{length:.2f}" '
        f'aria-label="Second of the run"><span class="num"><output>{seconds(length)}</output> of '
        f"{seconds(length)}</span></div>"
    )


def _head(desk: Desk, asked: Asked, state: State) -> str:
    facts = [
        words.chip(state.state),
        text(state.scenario.title),
        text(_model(state)),
        f"budget {size(state.budget_bytes)}",
        when(state.created),
        words.mark(state, "measured"),
    ]
    line = f'<p class="run-facts">{" · ".join(facts[:-1])} {facts[-1]}</p>'
    return framed(sentence(state), line + _trouble(state), _tools(desk, asked, state))


def _model(state: State) -> str:
    name, dtype = state.model.get("name"), state.model.get("dtype")
    return ", ".join(str(part) for part in (name, dtype) if part) or "the model is being loaded"


def _trouble(state: State) -> str:
    if state.state == "failed":
        kept = "What was measured until then is kept and shown."
        return problem(state.error or "The run failed.", kept, f"run {state.id}")
    if state.state in ("cancelled", "interrupted"):
        return f'<p class="notice">{text(state.error or f"The run is {state.state}.")}</p>'
    return ""


def _tools(desk: Desk, asked: Asked, state: State) -> str:
    mine = desk.may_change(state.id)
    if state.state in OPEN_STATES:
        return button("Cancel", "cancel", run=state.id) if mine else ""
    if asked.play:
        return go(replace(asked, play=False), "All figures", "button")
    replay = go(replace(asked, play=True), "▶ Replay", "button strong")
    again = go(
        Asked(scenario=state.scenario.name, budget=str(round(state.budget_bytes / 10**6))),
        "Run again",
        "button",
    )
    forms = "".join(f'<option value="{form}">{name}</option>' for form, name in FORMS)
    export = (
        f'<form class="export" data-stress="export" data-run="{text(state.id)}">'
        f'<label class="pick"><span class="offscreen">Format</span><select name="form">{forms}'
        '</select></label><button type="submit" class="button">Export</button></form>'
    )
    unfinished = state.state in ("failed", "cancelled", "interrupted") and mine
    resume = button("Go on", "resume", run=state.id) if unfinished else ""
    return f"{replay}{resume}{again}{export}"


def _lanes(state: State, drawing: Drawing) -> str:
    drawn = "".join(_lane(state, lane, chart) for lane, chart in drawing.lanes)
    legend = (
        '<p class="plot-legend"><span><i class="near"></i>in memory '
        f'{words.of(state, "ram_bytes")}</span><span><i class="far"></i>on flash alone '
        f'{words.of(state, "flash_bytes")}</span><span><i class="mark"></i>counted by the limit '
        f"{words.of(state, 'data_bytes')} {tip('What the limit counts', COUNTS)}</span></p>"
    )
    return (
        f'<section class="lanes"><h2>Keys and values after every turn</h2>{legend}{drawn}</section>'
    )


def _lane(state: State, lane: Lane, chart: plots.Bars) -> str:
    told = {"waiting": "waits", "running": "runs now", "skipped": "was left out"}.get(
        lane.state, ""
    )
    done = f"{len(lane.turns)} of {count(steps(state), 'turn')}"
    sign = "✕ " if lane.death else "✓ " if lane.state == "done" else ""
    kind = "bad" if lane.death else "good" if lane.state == "done" else ""
    notices = "".join(f'<p class="notice">{text(notice)}</p>' for notice in lane.notices)
    return (
        f'<figure class="lane {lane.name}"><figcaption><b>{text(words.way(lane.name))}</b> '
        f"{tip('What this way does', words.DOES.get(lane.name, ''))}"
        f'<span class="num {kind}">{sign}{told or done}</span></figcaption>'
        f"{plots.bars(chart)}{notices}</figure>"
    )


def _small(state: State, drawing: Drawing) -> str:
    charts = (
        ("Time to the first token", drawing.first, "first_token_s"),
        ("Tokens a second", drawing.speed, "tokens_per_s"),
        ("Reading back or computing again", drawing.even, "first_token_s"),
    )
    made = "".join(
        f'<figure class="small"><figcaption><b>{title}</b> {words.of(state, field)}</figcaption>'
        f"{plots.lines(chart)}</figure>"
        for title, chart, field in charts
        if chart is not None
    )
    return f'<div class="smalls">{made}</div>' if made else ""


def _needle(state: State) -> str:
    needle = state.scenario.needle
    asked = [(lane, turn) for lane in state.lanes for turn in lane.turns if turn.needle]
    if needle is None or not asked:
        return ""
    rows = [
        f'<tr><th scope="row">{text(words.way(lane.name))}</th>'
        f'<td class="number">{turn.turn}</td><td>{_recalled(turn)}</td>'
        f'<td class="answer">{text(turn.answer)}</td></tr>'
        for lane, turn in asked
    ]
    never = [
        f'<tr><th scope="row">{text(words.way(lane.name))}</th><td class="number">{DASH}</td>'
        '<td class="quiet">never got there</td><td></td></tr>'
        for lane in state.lanes
        if not any(turn.needle for turn in lane.turns)
    ]
    table = words.table(
        "What was recalled", ("Way", "#Turn", "Recalled", "Answer"), [*rows, *never]
    )
    return (
        f"<section><h2>What the first turn said, asked at the end</h2>"
        f'<p class="says">Said: “{text(needle.tell)}” Asked: “{text(needle.ask)}” '
        f"{words.of(state, 'needle')}</p>{table}</section>"
    )


def _recalled(turn: Turn) -> str:
    good = turn.needle == "recalled"
    return f'<span class="{"good" if good else "bad"}">{"✓ recalled" if good else "✕ lost"}</span>'


COLUMNS: tuple[tuple[str, str], ...] = (
    ("Turn", ""),
    ("#Context, tokens", "prompt_tokens"),
    ("#Kept, tokens", "reused_tokens"),
    ("#First token", "first_token_s"),
    ("#Computed again", "recompute_s"),
    ("#Tokens/s", "tokens_per_s"),
    ("#In memory", "ram_bytes"),
    ("#On flash", "flash_bytes"),
    ("#Process, anonymous", "anonymous_bytes"),
    ("Same tokens", "same"),
)


def _turns(state: State, lane: Lane) -> str:
    if not lane.turns:
        return ""
    values = {field: [_cell(turn, field) for turn in lane.turns] for _, field in COLUMNS if field}
    kept = [
        (name, field)
        for name, field in COLUMNS
        if not field or any(cell != DASH for cell in values[field])
    ]
    rows = [
        f'<tr><th scope="row">{_number(turn, state)}</th>'
        + "".join(_td(name, values[field][n]) for name, field in kept if field)
        + "</tr>"
        for n, turn in enumerate(lane.turns)
    ]
    columns = [f"{name} {words.of(state, field)}" if field else name for name, field in kept]
    name = words.way(lane.name)
    return (
        f'<details class="fold turns"><summary><h2>{text(name)}, turn by turn</h2>'
        f"</summary>{words.table(f'{name}, turn by turn', columns, rows)}</details>"
    )


def _td(name: str, cell: str) -> str:
    return f'<td class="number">{cell}</td>' if name[0] == "#" else f"<td>{cell}</td>"


def _number(turn: Turn, state: State) -> str:
    return f"{turn.session + 1}.{turn.turn}" if state.scenario.sessions > 1 else str(turn.turn)


def _cell(turn: Turn, field: str) -> str:
    value: Any = getattr(turn, field)
    if value is None:
        return DASH
    if field == "same":
        return (
            '<span class="good">✓ same</span>' if value else '<span class="bad">✕ different</span>'
        )
    if field.endswith("_bytes"):
        return size(value)
    if field == "tokens_per_s":
        return rate(value, "").removesuffix("/s").strip()
    slow = ' <span class="warn">slow</span>' if field == "first_token_s" and turn.slow else ""
    return seconds(value) + slow if field.endswith("_s") else f"{value:,}"


def _origin(state: State) -> str:
    facts = [
        *((f"Model: {key.replace('_', ' ')}", value) for key, value in state.model.items()),
        *((f"Machine: {key.replace('_', ' ')}", value) for key, value in state.machine.items()),
        *((words.way(lane.name), words.limit(lane)) for lane in state.lanes),
        ("Page cache", PAGES),
    ]
    rows = "".join(
        f"<div><dt>{text(name)}</dt><dd>{_fact(name, value)}</dd></div>"
        for name, value in facts
        if value
    )
    return (
        '<section class="origin"><h2>Where these figures come from</h2>'
        f'<p class="says">{text(state.scenario.about)}</p>'
        f'<dl class="facts-list">{rows}</dl></section>'
    )


def _fact(name: str, value: object) -> str:
    if isinstance(value, dict):
        return text(", ".join(f"{key} {each}" for key, each in value.items()))
    if isinstance(value, int):
        return text(size(value) if "bytes" in name else f"{value:,}")
    return text(value)
