"""The figures of a run in cards: how far each way came, how much sooner, how much memory, the same?

It knows what a run counted and measured, and in which words. Unmeasured is a dash, never 0.
"""

from core.present.numbers import DASH, count, size
from core.present.times import seconds
from eval.stress.drawing import KINDS, steps
from eval.stress.plan import CONTROL
from eval.stress.state import Lane, State
from pages import _stress_words as words
from pages._html import text

SOONER = "than computing everything again"
FACT = "Fact of turn 1"


def cards(state: State) -> str:
    """Return the cards of a run, as far as it is."""
    shown = [lane for lane in state.lanes if lane.name != CONTROL and lane.turns]
    made = [_reached(state, lane) for lane in shown]
    flash = next((lane for lane in shown if lane.name == "flash"), None)
    if flash is not None:
        made += [_sooner(state, flash), _restarted(state, flash)]
        made += [_memory(state, flash), _flash(state, flash)]
    made += [_same(state, lane) for lane in shown[-1:]]
    made += [_needle(state, shown)] if state.scenario.needle else []
    return f'<ul class="cards">{"".join(made)}</ul>' if made else ""


def _reached(state: State, lane: Lane) -> str:
    ended, done, all_ = lane.death, len(lane.turns), steps(state)
    mark = words.mark(state, "counted" if lane.limit == "counted" else state.origin("turn"))
    if ended:
        tokens = f", {count(ended.token, 'token')}" if ended.token else ""
        below = f"{text(KINDS.get(ended.kind, ended.kind))}: {text(ended.type)}{tokens}"
        return words.card(words.way(lane.name), f"✕ turn {ended.turn}", below, mark, "bad")
    sign = "✓ " if lane.state == "done" else ""
    slow = sum(1 for failure in lane.failures if failure.kind == "slow")
    forgot = sum(1 for failure in lane.failures if failure.kind == "truncation")
    said = [count(slow, "slow turn")] if slow else []
    said += [f"left something out {count(forgot, 'time')}"] if forgot else []
    below = ", ".join(said) or ("none failed" if lane.state == "done" else "runs now")
    kind = "good" if lane.state == "done" else ""
    return words.card(words.way(lane.name), f"{sign}{done} of {all_}", below, mark, kind)


def _sooner(state: State, lane: Lane) -> str:
    found = state.figures.get("times_sooner")
    control = state.lane(CONTROL)
    again = control.turns[-1].recompute_s if control and control.turns else None
    last = lane.turns[-1].first_token_s
    if found is None or found.value is None:
        below = f"{seconds(last)} in the newest turn" if last is not None else "not measured"
        return words.card("First token", DASH, below, words.of(state, "first_token_s"))
    at_last = f"; {seconds(last)} against {seconds(again)} at last" if again and last else ""
    return words.card(
        "First token",
        f"{found.value:.3g}× sooner",
        SOONER + at_last,
        words.mark(state, found.origin),
    )


def _restarted(state: State, lane: Lane) -> str:
    found = state.figures.get("resumed_times_sooner")
    if lane.resumed is None or found is None:
        return ""
    first, again = lane.resumed.first_token_s, lane.resumed.recompute_s
    below = f"first token of a new process: {seconds(first)} read back, {seconds(again)} computed"
    return words.card(
        "After a restart", f"{found.value:.3g}× sooner", below, words.mark(state, found.origin)
    )


def _memory(state: State, lane: Lane) -> str:
    found = [turn.ram_bytes for turn in lane.turns if turn.ram_bytes is not None]
    below = f"of keys and values at most; budget {size(state.budget_bytes)}"
    figure = size(max(found)) if found else DASH
    return words.card("In memory", figure, below, words.of(state, "ram_bytes"))


def _flash(state: State, lane: Lane) -> str:
    found = [turn.flash_bytes for turn in lane.turns if turn.flash_bytes is not None]
    written = lane.counters.get("written_bytes")
    below = f"{size(written)} written in all" if written else "in files that outlive the session"
    figure = size(max(found)) if found else DASH
    return words.card("On flash", figure, below, words.of(state, "flash_bytes"))


def _same(state: State, lane: Lane) -> str:
    known = [turn for turn in lane.turns if turn.same is not None]
    mark = words.of(state, "same")
    if not known:
        return words.card("Tokens", DASH, "not compared yet", mark)
    control = state.lane(CONTROL)
    other = "without a limit" if control and control.turns else "in memory alone"
    wrong = next((turn for turn in known if not turn.same), None)
    if wrong:
        below = f"not what was written {other}, from turn {wrong.turn} on"
        return words.card("Tokens", "✕ different", below, mark, "bad")
    tokens = sum(turn.written_tokens or 0 for turn in known)
    below = f"all {count(tokens, 'token')} of {count(len(known), 'turn')} as {other}"
    return words.card("Tokens", "✔ identical", below, mark, "good")


def _needle(state: State, lanes: list[Lane]) -> str:
    told = {lane.name: [turn.needle for turn in lane.turns if turn.needle] for lane in lanes}
    last = next((name for name in reversed(told) if told[name]), "")
    mark = words.of(state, "needle")
    if not last:
        return words.card(FACT, DASH, "not asked yet", mark)
    if told[last][-1] == "lost" and _forgets(state):
        return words.card(FACT, "✕ lost", "without a limit too: by the model, not the tier", mark)
    good = told[last][-1] == "recalled"
    below = "; ".join(
        f"{words.way(name).lower()}: {found[-1] if found else 'never got there'}"
        for name, found in told.items()
    )
    figure = "✓ recalled" if good else "✕ lost"
    return words.card(FACT, figure, text(below), mark, "good" if good else "bad")


def _forgets(state: State) -> bool:
    """Say whether the model itself loses the fact, with all the memory it wants."""
    control = state.lane(CONTROL)
    asked = [turn.needle for turn in control.turns if turn.needle] if control else []
    return bool(asked) and asked[-1] == "lost"
