"""The stored runs as HTML: what each came to, and how one is brought from elsewhere.

It knows the list of runs. It opens none of them.
"""

from core.present.numbers import count, size
from eval.stress.drawing import parts
from eval.stress.service import Listed
from pages import _stress_words as words
from pages._html import badge, empty, text, when
from pages._stress_asked import Asked, go
from pages._stress_desk import OPEN_STATES, Desk, Shown, button, framed

NOTHING = (
    "A run lets a session outgrow its memory with and without a flash tier. None has been made yet."
)
BROUGHT = "Was made elsewhere, or earlier; every figure of it is shown as stored."


def show(desk: Desk, asked: Asked) -> Shown:
    """Return the runs, the newest first."""
    del asked
    runs = desk.stress.list()
    tools = go(Asked(), "New run", "button strong")
    if not runs:
        inner = empty(NOTHING, go(Asked(), "Choose a session", "button strong"))
        return Shown(framed(sentence(runs), inner + _bring(desk), tools))
    rows = [_row(desk, run) for run in runs]
    columns = ("Session", "State", "#Budget", "What it came to", "Begun", "")
    table = words.table("Stored runs", columns, rows)
    return Shown(framed(sentence(runs), f'<div class="stored">{table}</div>{_bring(desk)}', tools))


def sentence(runs: list[Listed]) -> str:
    """Return how many runs there are."""
    if not runs:
        return "No session was put under stress yet."
    now = sum(1 for run in runs if run.state in OPEN_STATES)
    return f"{count(len(runs), 'stored run')}{f', {now} under way' if now else ''}."


def _row(desk: Desk, run: Listed) -> str:
    mark = badge("replayed", BROUGHT) if run.replayed else ""
    ways = words.ways(run.modes)
    # A long summary is cut in the list; what is whole of it is shown.
    whole = [part for part in parts(run.summary) if not part.endswith("…")]
    lines = "".join(f"<p>{text(part)}</p>" for part in whole)
    is_open = run.state in OPEN_STATES
    play = "" if is_open else go(Asked(run=run.id, play=True), "▶ Replay", "button")
    end = button("Cancel", "cancel", run=run.id) if is_open and desk.may_change(run.id) else ""
    watch = go(Asked(run=run.id), "Watch", "button") if is_open else ""
    return (
        f'<tr><th scope="row">{go(Asked(run=run.id), text(run.title))} {mark}<p class="quiet">'
        f"{text(ways)}{f', {text(run.model)}' if run.model else ''}</p></th>"
        f'<td>{words.chip(run.state)}</td><td class="number">{size(run.budget_bytes)}</td>'
        f'<td class="summed">{lines}</td><td>{when(run.created)}</td>'
        f'<td class="doing-row">{play}{watch}{end}</td></tr>'
    )


def _bring(desk: Desk) -> str:
    if desk.shared:
        return ""
    return (
        '<section class="bring"><h2>Bring a run or a trace</h2><p class="says">A run that was '
        "exported as JSON is replayed here. A trace of turn lengths (JSONL) becomes a session "
        "that can be run.</p>"
        '<form class="bring-form" data-stress="bring"><p class="field"><label for="stress-file">'
        'File</label><input id="stress-file" name="file" type="file" accept=".json,.jsonl">'
        '</p><button type="submit" class="button">Bring it</button></form></section>'
    )
