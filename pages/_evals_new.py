"""A new run as HTML: its fields, what it can show, what it costs, and its configuration.

It knows fields and estimates. The form is read by `_evals_form`; nothing is started here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.assistant.way import METHODS, MOST_PASSAGES
from core.errors import PlumblineError
from core.present.numbers import DASH, count
from core.present.times import seconds
from core.records import SavedConfig
from core.retrieval.found import MODES
from eval.config import unfold
from eval.estimate import Estimated
from eval.rights import STRANGER_N
from pages import _evals_form as form
from pages import _evals_words as words
from pages._evals_asked import Asked, go
from pages._evals_desk import Desk, Shown, button, framed
from pages._html import badge, problem, text
from pages._stream import attempt
from pages._ways import DOES, LABELS, SEARCHES

SAYS = "Choose what is asked, and in which way. What it can show stands beside it before it starts."
DEFAULTS = {"suite": "arith", "n": 100, "seed": 0, "method": "naive", "retrieval": "hybrid"}
COMMAND = "python -m eval run --config run.yaml"
EFFECT = "found 8 times in 10"
FORMULA = "Connor’s formula for paired shares, if 3 of 10 samples come out differently"
PRICE = "The price of an earlier run, for so many samples"
NEVER = "This was never timed here; the first run tells how long it takes"

Fields = Mapping[str, Any]


def show(desk: Desk, asked: Asked) -> Shown:
    """Return the form, holding what the address says: a saved configuration, or an earlier run."""
    few = {"n": STRANGER_N} if desk.shared else {}
    given = form.fields({**DEFAULTS, **few, **_begun(desk, asked)})
    saved = desk.evals.saved(desk.owner)
    head = framed(
        "Measure something new.", f'<p class="says">{SAYS}</p>' + _form(desk, given, saved)
    )
    return Shown(head, planned(desk, given))


def planned(desk: Desk, fields: Fields) -> str:
    """Return what the fields come to before anything starts, or what is wrong with them."""
    made = attempt(lambda: plan(desk, form.config(fields)))
    return _faulty(made) if isinstance(made, PlumblineError) else made


def plan(desk: Desk, config: form.Config) -> str:
    """Return what a configuration comes to before it runs, and how to keep it."""
    planned = [desk.evals.estimate(each, desk.owner) for each in unfold(dict(config))]
    runs = len(planned)
    name = text(config.get("name") or "")
    return (
        f'<section class="plan" aria-live="polite"><h2>Before it starts</h2>'
        f'<p class="finding">{text(shows(planned))}</p>{_costs(desk, config, planned)}'
        f'<div class="plan-do"><button type="submit" form="run-form" class="button strong">'
        f"{'Start' if runs == 1 else f'Start {runs} runs'}</button></div>"
        '<details class="fold" open><summary>As YAML</summary>'
        f'<pre class="yaml" tabindex="0"><code>{text(form.yaml(config))}</code></pre>'
        f'<p class="quiet">Saved as run.yaml it runs with <code>{COMMAND}</code>.</p>'
        '<button type="button" class="button" data-act="evals-copy">Copy</button></details>'
        '<form class="keep" data-evals="save-config"><label class="pick grow">Keep it as '
        f'<input type="text" name="kept" value="{name}" maxlength="200" autocomplete="off">'
        '</label><button type="submit" class="button">Save</button></form></section>'
    )


def _faulty(error: PlumblineError) -> str:
    """Return what stands there while the fields make no run."""
    lines = error.message.split("\n")
    return (
        '<section class="plan" aria-live="polite"><h2>Before it starts</h2>'
        f"{problem(' '.join(lines), error.hint, 'Nothing was started.')}</section>"
    )


def shows(planned: Sequence[Estimated]) -> str:
    """Return what so many samples can show."""
    first = planned[0]
    each = " in each run" if len(planned) > 1 else ""
    if first.detectable is None:
        return f"{count(first.samples, 'sample')}{each} are too few to show any difference."
    points = first.detectable * 100
    return f"{count(first.samples, 'sample')}{each} would show a difference of {points:.1f} points."


def _costs(desk: Desk, config: form.Config, planned: Sequence[Estimated]) -> str:
    calls, time = _sum([e.calls for e in planned]), _sum([e.seconds for e in planned])
    runs = len(planned)
    of = next((each.of for each in planned if each.of), "")
    how = f"From {of}" if of else NEVER
    price = _price(desk, config, sum(each.samples for each in planned))
    rows = (
        ("Model calls", "as many as the agent needs" if calls is None else count(int(calls)), ""),
        ("Time", seconds(time), "" if time is None else badge("modelled", how)),
        ("Price", price, "" if price == DASH else badge("modelled", PRICE)),
        ("Difference", EFFECT, badge("modelled", FORMULA)),
    )
    lines = "".join(
        f'<div><dt>{name}</dt><dd class="num">{text(value)} {mark}</dd></div>'
        for name, value, mark in rows
    )
    many = f"<p>{count(runs, 'run')}, one after the other.</p>" if runs > 1 else ""
    never = f'<p class="quiet">{text(how)}.</p>'
    return f'{many}<dl class="facts-list costs">{lines}</dl>{never}'


def _price(desk: Desk, config: form.Config, samples: int) -> str:
    """Return what so many samples cost at the price of the newest run like it, if it has one."""
    method = str(config.get("method") or "")
    if not method:
        return DASH
    for run in desk.evals.list(desk.owner, 1, 20, method=method, state="completed").rows:
        known = list((run.summary.get("scores") or {}).get("price", {}).values())
        if known and known[-1].get("mean") is not None:
            return f"{known[-1]['mean'] * samples / 1000:.2f} $"
    return DASH


def _sum(values: Sequence[float | None]) -> float | None:
    """Return a sum, where every part of it is known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _begun(desk: Desk, asked: Asked) -> dict[str, Any]:
    if asked.config:
        kept = [each for each in desk.evals.saved(desk.owner) if each.id == asked.config]
        return dict(kept[0].config) if kept else {}
    if asked.run:
        return {**desk.evals.get(asked.run, desk.owner).config, "name": ""}
    return {"suite": asked.suite} if asked.suite else {}


def _form(desk: Desk, given: Fields, saved: Sequence[SavedConfig]) -> str:
    names = desk.evals.names(desk.owner)
    corpora = [(each.name, each.title or each.name) for each in desk.services.library.list()]
    suites = [(s.name, f"{s.title} ({s.count:,})") for s in desk.suites.list(desk.owner)]
    most = f"At most {STRANGER_N} here." if desk.shared else "Blank: all of them."
    known = {name for name, _ in suites}
    if given.get("suite") and given["suite"] not in known:
        suites.append((str(given["suite"]), str(given["suite"])))
    return (
        f'{_saved(saved)}<form id="run-form" class="run-form" data-evals="start" novalidate>'
        "<fieldset><legend>What is asked</legend>"
        f"{_select('suite', 'Suite', suites, given)}"
        f"{_number('n', 'Samples', given, most, 1)}"
        f"{_number('seed', 'Seed', given, 'Chooses which; the same seed chooses the same.', 0)}"
        "</fieldset><fieldset><legend>In which way</legend>"
        f"{_select('method', 'Method', [(n, f'{LABELS[n]}: {DOES[n]}') for n in METHODS], given)}"
        f"{_select('corpus', 'Corpus', [('', 'The one the suite asks about'), *corpora], given)}"
        f"{_select('retrieval', 'Searched', [(n, SEARCHES[n]) for n in MODES], given)}"
        f"{_number('top_k', 'Passages', given, f'1 to {MOST_PASSAGES}; blank: 4.', 1)}"
        f"{_model(desk, given)}</fieldset>"
        "<fieldset><legend>Judged by, and called</legend>"
        f"{_scorers(names['scorers'], given)}"
        f"{_word('name', 'Name', given, 'Blank: made of suite and method.')}</fieldset>"
        f"{_sweep(given)}{_rest(given)}</form>"
    )


def _saved(saved: Sequence[SavedConfig]) -> str:
    if not saved:
        return ""
    items = "".join(
        f"<li>{go(Asked(view='new', config=each.id), text(each.name))}"
        f"{button('Delete', 'delete-config', 'quiet', config=each.id)}</li>"
        for each in saved
    )
    return (
        f'<details class="fold saved"><summary>Saved configurations <span class="quiet">'
        f'{len(saved)}</span></summary><ul class="listed">{items}</ul></details>'
    )


def _model(desk: Desk, given: Fields) -> str:
    card = desk.services.catalog.state.card
    now = card.name if card else "chosen by the settings"
    help = f"Blank: {now}. Otherwise bundled, quote, an address, or a folder."
    if desk.shared:
        return f'<p class="field"><span class="quiet">Model: {text(now)}</span></p>'
    return _word("model", "Model", given, help)


def _scorers(names: Sequence[str], given: Fields) -> str:
    chosen = {str(name).partition("@")[0] for name in given.get("scorers") or ()}
    return (
        '<div class="field wide"><span class="field-name" id="scorers-name">Scored beside the '
        "suite’s own criterion</span>"
        f'<div class="chips" role="group" aria-labelledby="scorers-name">'
        f"{_chips('scorers', [(n, words.scorer(n)) for n in names], chosen)}</div></div>"
    )


def _sweep(given: Fields) -> str:
    methods: set[str] = {*(given.get("methods") or ())}
    modes: set[str] = {*(given.get("retrievals") or ())}
    opened = " open" if any(given.get(name) for name in form.SWEPT) else ""
    return (
        f'<details class="fold sweep"{opened}><summary>Sweep: a run for each combination</summary>'
        '<div class="field wide"><span class="field-name" id="sweep-m">Methods</span>'
        '<div class="chips" role="group" aria-labelledby="sweep-m">'
        f"{_chips('methods', [(n, LABELS[n]) for n in METHODS], methods)}</div></div>"
        '<div class="field wide"><span class="field-name" id="sweep-r">Searched</span>'
        '<div class="chips" role="group" aria-labelledby="sweep-r">'
        f"{_chips('retrievals', [(n, SEARCHES[n]) for n in MODES], modes)}</div></div>"
        f"{_many('top_ks', 'Passages', given, '2, 4, 8')}"
        f"{_many('seeds', 'Seeds', given, '0, 1, 2')}</details>"
    )


def _rest(given: Fields) -> str:
    return (
        '<details class="fold rest"><summary>Longest answer, temperature, repeats</summary>'
        f"{_number('max_tokens', 'Longest answer', given, 'Tokens; blank: 256.', 1)}"
        f"{_word('temperature', 'Temperature', given, 'Blank: 0, which is repeatable.')}"
        f"{_number('epochs', 'Times each is asked', given, 'Blank: once.', 1)}"
        f"{_number('concurrency', 'Calls at once', given, 'Most, to a server; blank: 8.', 1)}"
        "</details>"
    )


def _chips(name: str, options: Sequence[tuple[str, str]], chosen: set[str]) -> str:
    return "".join(
        f'<label class="chip"><input type="checkbox" name="{name}" value="{text(value)}"'
        f"{' checked' if value in chosen else ''}><span>{text(said)}</span></label>"
        for value, said in options
    )


def _select(name: str, label: str, options: Sequence[tuple[str, str]], given: Fields) -> str:
    listed = "".join(
        f'<option value="{text(value)}"{" selected" if value == (given.get(name) or "") else ""}>'
        f"{text(said)}</option>"
        for value, said in options
    )
    return _field(name, label, f'<select id="run-{name}" name="{name}">{listed}</select>')


def _number(name: str, label: str, given: Fields, help: str, least: int) -> str:
    value = given.get(name)
    shown = "" if value is None else str(value)
    return _field(
        name,
        label,
        f'<input id="run-{name}" name="{name}" type="number" inputmode="numeric" min="{least}" '
        f'step="1" value="{text(shown)}" aria-describedby="help-run-{name}">',
        help,
    )


def _word(name: str, label: str, given: Fields, help: str) -> str:
    value = given.get(name)
    return _field(
        name,
        label,
        f'<input id="run-{name}" name="{name}" type="text" value="'
        f'{text("" if value is None else value)}" autocomplete="off" autocapitalize="off" '
        f'spellcheck="false" aria-describedby="help-run-{name}">',
        help,
    )


def _many(name: str, label: str, given: Fields, example: str) -> str:
    value = ", ".join(given.get(name) or ())
    return _field(
        name,
        label,
        f'<input id="run-{name}" name="{name}" type="text" value="{text(value)}" '
        f'placeholder="{example}" autocomplete="off">',
    )


def _field(name: str, label: str, inner: str, help: str = "") -> str:
    told = f'<span id="help-run-{name}" class="quiet">{text(help)}</span>' if help else ""
    return f'<p class="field"><label for="run-{name}">{label}</label>{inner}{told}</p>'
