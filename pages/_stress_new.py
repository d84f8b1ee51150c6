"""A new run as HTML: which session, which model, which budget, and what that comes to.

It knows fields and scenarios. Nothing is started here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import BadInput, PlumblineError
from core.memory.arithmetic import BYTES
from core.memory.fitting import Known, known
from core.present.numbers import count, size
from eval.stress.plan import BOTH, MODES, parse
from eval.stress.plan import Asked as Config
from eval.stress.scenario import DEFAULT, Scenario
from eval.stress.service import Allowed, Listed
from eval.stress.where import find
from pages import _stress_fields as fields
from pages import _stress_run
from pages import _stress_words as words
from pages._html import badge, problem, text
from pages._stream import attempt
from pages._stress_asked import Asked, go
from pages._stress_desk import OPEN_STATES, Desk, Shown, framed

TITLE = "Let a session run out of memory, and let it survive on flash."
SAYS = (
    "The same session runs in a process that may use so much memory and no more: first without a "
    "flash tier, then with it. Both must write the same tokens."
)
MB = 10**6
FORMULA = "Budget divided by 2 · layers · KV heads · head size · bytes of the format"
GROUND = "assets/models/"

Fields = Mapping[str, Any]


def show(desk: Desk, asked: Asked) -> Shown:
    """Return the form, and below it the newest run that is over."""
    allowed = desk.stress.allowed()
    scenarios = [each for each in desk.stress.scenarios() if each.name in allowed.scenarios]
    given = _begun(scenarios, asked)
    why = f'<p class="notice">{text(allowed.why)}</p>' if allowed.why else ""
    form = _form(desk, allowed, scenarios, given)
    head = framed(TITLE, f'<p class="says">{SAYS}</p>{why}{form}')
    return Shown(head, planned(desk, given), _newest(desk))


def config(given: Fields) -> Config:
    """Return what the fields ask for; a blank field is left out."""
    made: dict[str, Any] = {}
    for name in ("scenario", "model", "url", "model_name"):
        if value := str(given.get(name) or "").strip():
            made[name] = value
    folder = str(given.get("folder") or "").strip()
    if folder:
        made["model"] = folder
    if value := str(given.get("budget_mb") or "").strip():
        made["budget_mb"] = _whole(value)
    if value := str(given.get("slow_s") or "").strip():
        made["slow_s"] = _seconds(value)
    chosen = given.get("modes") or ()
    listed = [chosen] if isinstance(chosen, str) else list(chosen)
    modes = tuple(mode for mode in MODES if mode in listed)
    if modes:
        made["modes"] = modes
    elif "url" not in made:
        raise BadInput("No way of keeping the session is chosen.", "Choose at least one.")
    return parse({**made, "control": bool(given.get("control"))})


def planned(desk: Desk, given: Fields) -> str:
    """Return what the fields come to before anything starts, or what is wrong with them."""
    made = attempt(lambda: _planned(desk, config(given)))
    if isinstance(made, PlumblineError):
        made = problem(made.message, made.hint, "Nothing was started.")
    return f'<section class="plan" aria-live="polite"><h2>Before it starts</h2>{made}</section>'


def _planned(desk: Desk, asked: Config) -> str:
    scenario = next((s for s in desk.stress.scenarios() if s.name == asked.scenario), None)
    if scenario is None:
        raise BadInput(f"There is no scenario {asked.scenario!r}.", "Choose one of the list.")
    budget = (asked.budget_mb or scenario.budget_mb) * MB
    ways = ", then ".join(words.way(name)[:1].lower() + words.way(name)[1:] for name in asked.lanes)
    label = "Run both" if asked.modes == BOTH and not asked.url else "Run"
    waiting = len(desk.under_way())
    behind = f'<p class="quiet">It waits behind {count(waiting, "run")}.</p>' if waiting else ""
    return (
        f"{_holds(asked, budget)}"
        f'<p class="says">{count(scenario.turns, "turn")}'
        f"{f' in {scenario.sessions} sessions' if scenario.sessions > 1 else ''}: {text(ways)}.</p>"
        f'<div class="plan-do"><button type="submit" form="stress-form" class="button strong">'
        f"{label}</button></div>{behind}"
        '<details class="fold"><summary>As a command</summary>'
        f'<pre class="yaml" tabindex="0"><code>{text(command(asked, budget))}</code></pre>'
        "</details>"
    )


def command(asked: Config, budget: int) -> str:
    """Return the command line that runs the same."""
    modes = "both" if asked.modes == BOTH else ",".join(asked.modes)
    parts = ["python -m eval.stress run", f"--scenario {asked.scenario}", f"--mode {modes}"]
    return " ".join([*parts, f"--budget {budget // MB}MB"])


def _holds(asked: Config, budget: int) -> str:
    """Return how many tokens the budget holds of a model whose shape is known here."""
    model = next((each for each in known() if each.source.startswith(GROUND)), None)
    if model is None or asked.url or asked.model not in ("", "bundled"):
        return f'<p class="finding">{size(budget)} beyond the loaded model.</p>'
    return (
        f'<p class="finding">{size(budget)} hold at most {_tokens(model, budget, "bf16")} of '
        f"{text(model.name)} in bf16, {_tokens(model, budget, 'fp32')} in fp32. "
        f"{badge('modelled', FORMULA)}</p>"
    )


def _tokens(model: Known, budget: int, dtype: str) -> str:
    assert dtype in BYTES
    return f"{budget // model.shape.per_token(dtype):,} tokens"


def _begun(scenarios: Sequence[Scenario], asked: Asked) -> dict[str, Any]:
    """Return the fields as an address sets them, or as they are at first."""
    names = [each.name for each in scenarios]
    wanted = (asked.scenario, DEFAULT, *names)
    name = next(each for each in wanted if each in names)
    budget = next(each.budget_mb for each in scenarios if each.name == name)
    return {
        "scenario": name,
        "budget_mb": asked.budget or str(budget),
        "model": asked.model,
        "modes": BOTH,
        "control": "1",
    }


def _form(desk: Desk, allowed: Allowed, scenarios: Sequence[Scenario], given: Fields) -> str:
    most = str(allowed.most_mb)
    cards = "".join(_scenario(each, each.name == given["scenario"]) for each in scenarios)
    return (
        '<form id="stress-form" class="stress-fields" data-stress="start" novalidate>'
        f'<fieldset class="scenarios"><legend>The session</legend>{cards}</fieldset>'
        "<fieldset><legend>The model and its memory</legend>"
        f"{_models(desk, given)}"
        f"{fields.number('budget_mb', 'Budget, MB', str(given['budget_mb']), '1', most, BUDGET)}"
        f"</fieldset>{_rest(allowed, given)}</form>"
    )


BUDGET = "Memory beyond the loaded model."


def _scenario(each: Scenario, chosen: bool) -> str:
    sessions = f", {count(each.sessions, 'session')}" if each.sessions > 1 else ""
    return (
        f'<label class="scenario"><input type="radio" name="scenario" value="{text(each.name)}" '
        f'data-budget="{each.budget_mb}"{" checked" if chosen else ""}><span><b>{text(each.title)}'
        f'</b><span class="about">{text(each.about)}</span><small class="num">'
        f"{count(each.turns, 'turn')}{sessions}, {each.budget_mb}\u2009MB</small></span></label>"
    )


def _models(desk: Desk, given: Fields) -> str:
    found = attempt(lambda: find("", desk.services.settings))
    if isinstance(found, PlumblineError):
        options = [("", "As the settings choose")]
    else:
        folder, bundled = found
        options = [("", f"{folder.name}, {'bundled' if bundled else 'as the settings choose'}")]
        options += [] if bundled else [("bundled", "The bundled model")]
    return fields.select("model", "Model", options, str(given["model"]))


def _rest(allowed: Allowed, given: Fields) -> str:
    modes = [(mode, words.way(mode)) for mode in allowed.modes]
    own = (
        ""
        if not allowed.models
        else fields.word("folder", "Another model", "", "A folder on this machine.")
        + fields.word("url", "Or an endpoint", "", "Its address; it keeps its own budget.")
        + fields.word("model_name", "Model at the endpoint", "")
    )
    slow = fields.number("slow_s", "Slow from, s", "", "0.1", step="any", help="Blank: as set.")
    about = "".join(
        f"<div><dt>{text(words.way(mode))}</dt><dd>{text(words.DOES[mode])}</dd></div>"
        for mode in MODES
    )
    return (
        '<details class="fold rest"><summary>Other ways and limits</summary><fieldset>'
        '<legend class="offscreen">Other ways and limits</legend>'
        f"{fields.several('modes', 'Ways, one after the other', modes, given['modes'])}"
        f"{fields.several('control', 'Compared with', [('1', 'The session without a limit')], '1')}"
        f"{slow}{own}</fieldset>"
        f'<dl class="facts-list">{about}</dl></details>'
    )


def _newest(desk: Desk) -> str:
    """Return the newest run that is over, with its pictures."""
    found: Listed | None = next(
        (run for run in desk.stress.list() if run.state not in OPEN_STATES and run.summary), None
    )
    if found is None:
        return ""
    state = desk.stress.state(found.id)
    to = go(Asked(run=found.id), "All its figures", "button")
    play = go(Asked(run=found.id, play=True), "▶ Replay", "button")
    return (
        f'<section class="newest"><div class="newest-head"><h2>'
        f'{_stress_run.sentence(state)}</h2><div class="head-tools">{play}{to}</div></div>'
        f"{_stress_run.figures(state)}</section>"
    )


def _whole(told: str) -> int:
    if told.isascii() and told.isdecimal() and len(told) < 10:
        return int(told)
    raise BadInput(f"Budget: “{told[:40]}” is not a whole number.", "Write megabytes in digits.")


def _seconds(told: str) -> float:
    try:
        return float(told)
    except ValueError:
        raise BadInput(f"Slow from: “{told[:40]}” is not a number.", "Write seconds.") from None
