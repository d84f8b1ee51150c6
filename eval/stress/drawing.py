"""A run as pictures: its lanes against the budget, first tokens, speed, where reading back pays.

It knows states and turns them into bars and lines. Nothing that was not measured is drawn.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.present.numbers import THIN, count, digits, size
from core.present.plots import Axis, Bar, Bars, Cross, Level, Line, Lines, Part, Point
from core.present.times import rate, seconds
from eval.stress.plan import CONTROL
from eval.stress.state import Failure, Lane, State, Turn

NAMES = {
    "memory": "In memory alone",
    "flash": "With the flash tier",
    "truncate": "Dropping the oldest turns",
    "recompute": "Computing everything again",
    "endpoint": "At the endpoint",
    CONTROL: "Without a limit",
}
# How a lane is called where there is little room.
SHORT = {
    "memory": "without",
    "flash": "with flash",
    "truncate": "dropping",
    "recompute": "again",
    "endpoint": "endpoint",
    CONTROL: "no limit",
}
AGAIN = "computed again"
# A picture reaches a little above its highest value.
AIR = 1.12
KINDS = {
    "memory": "out of memory",
    "context": "longer than the model reads",
    "truncation": "left something out",
    "slow": "too slow",
    "error": "failed",
}
Value = Callable[[Turn], float | None]
_PARTS = re.compile(r"(?<=\.) (?=[A-Z][\w ]{2,40}[:,]|The )")


@dataclass(frozen=True, slots=True)
class Drawing:
    """The pictures of a run; None where nothing of it was measured."""

    lanes: tuple[tuple[Lane, Bars], ...]
    first: Lines | None
    speed: Lines | None
    even: Lines | None


def draw(state: State) -> Drawing:
    """Return the pictures of a run, as far as it is."""
    shown = [lane for lane in state.lanes if lane.name != CONTROL]
    top = max([state.budget_bytes, *(part for lane in shown for part in _heights(state, lane))])
    return Drawing(
        tuple((lane, _bars(state, lane, top * AIR)) for lane in shown),
        _by_turn(state, "Time to the first token, by turn", lambda t: t.first_token_s, seconds),
        _by_turn(state, "Tokens a second, by turn", lambda t: t.tokens_per_s, _rate, again=False),
        _even(state),
    )


def parts(summary: str) -> list[str]:
    """Return a summary as its sentences: one for each way, and what became of the fact."""
    return [part for part in _PARTS.split(summary) if part]


def held(state: State, lane: Lane) -> list[tuple[int, int]]:
    """Return for every turn the bytes in memory, and those that lie on flash alone.

    What is in memory may lie on flash too; so flash alone is what the keys and values of every
    session weigh beyond the memory. In a sweep each turn is a session that ends with it.
    """
    weights: dict[int, int] = {}
    found = []
    for turn in lane.turns:
        if state.scenario.kind == "sweep":
            weights.clear()
        weights[turn.session] = turn.kv_bytes or 0
        near = (turn.ram_bytes or 0) + (turn.vram_bytes or 0)
        far = max(0, sum(weights.values()) - near) if turn.flash_bytes else 0
        found.append((near, far))
    return found


def beyond(lane: Lane, turn: Turn) -> int | None:
    """Return what the process had taken beyond the model, by the count the limit goes by."""
    if turn.data_bytes is None or lane.base_bytes is None:
        return None
    return max(0, turn.data_bytes - lane.base_bytes)


def steps(state: State) -> int:
    """Return how many turns the run has in a lane, those of every session together."""
    most = max((len(lane.turns) for lane in state.lanes), default=0)
    return max(state.turns, most, 1)


def _heights(state: State, lane: Lane) -> Iterator[int]:
    yield from (near + far for near, far in held(state, lane))
    yield from (found for turn in lane.turns if (found := beyond(lane, turn)) is not None)


def _bars(state: State, lane: Lane, top: float) -> Bars:
    made = tuple(
        Bar(
            str(turn.turn),
            (Part("near", near), Part("far", far)),
            _told(lane, turn, near, far),
            turn.at_s,
            beyond(lane, turn),
        )
        for turn, (near, far) in zip(lane.turns, held(state, lane), strict=True)
    )
    ended = lane.death
    cross = Cross(len(made), _why(ended), ended.at_s) if ended else None
    level = Level(state.budget_bytes, f"budget {size(state.budget_bytes)}")
    return Bars(_said(state, lane), made, steps(state), top, size, lane.name, level, cross)


def _told(lane: Lane, turn: Turn, near: int, far: int) -> str:
    session = f" of session {turn.session + 1}" if turn.session else ""
    more = beyond(lane, turn)
    parts = [
        f"Turn {turn.turn}{session}",
        count(turn.prompt_tokens, "token") if turn.prompt_tokens is not None else "",
        f"{size(near)} in memory",
        f"{size(far)} on flash alone" if far else "",
        f"{size(more)} counted by the limit" if more is not None else "",
        f"first token {seconds(turn.first_token_s)}" if turn.first_token_s is not None else "",
    ]
    return " · ".join(part for part in parts if part)


def _why(failure: Failure) -> str:
    tokens = f", {count(failure.token, 'token')}" if failure.token else ""
    what = KINDS.get(failure.kind, failure.kind)
    return f"Turn {failure.turn}{tokens}: {what}. {failure.type}: {failure.message}"


def _said(state: State, lane: Lane) -> str:
    """Return a lane in one sentence, for those who do not see it."""
    done, near = len(lane.turns), [near for near, _ in held(state, lane)]
    most = f"at most {size(max(near))} in memory" if near else "nothing in memory yet"
    ended = lane.death
    end = f", ended by {ended.type} in turn {ended.turn}" if ended else ""
    name = NAMES.get(lane.name, lane.name)
    return (
        f"{name}: {done} of {count(steps(state), 'turn')}, {most}, "
        f"budget {size(state.budget_bytes)}{end}."
    )


def _by_turn(
    state: State, title: str, value: Value, told: Callable[[float], str], again: bool = True
) -> Lines | None:
    made = [
        _line(lane.name, SHORT.get(lane.name, lane.name), lane, value, told)
        for lane in state.lanes
        if lane.name != CONTROL
    ]
    control = state.lane(CONTROL)
    if control and again:
        made.append(_line("again", AGAIN, control, lambda t: t.recompute_s, told))
    return _lines(title, made, Axis(0.5, steps(state) + 0.5, "turn", _whole), told)


def _line(kind: str, name: str, lane: Lane, value: Value, told: Callable[[float], str]) -> Line:
    points = (
        Point(n, found, f"turn {turn.turn}, {name} {told(found)}", turn.at_s)
        for n, turn in enumerate(lane.turns, 1)
        if (found := value(turn)) is not None
    )
    return Line(name, kind, tuple(points))


def _even(state: State) -> Lines | None:
    """Return first tokens by the length of the context: what is read back, what is computed."""
    made, level = [], None
    for lane in state.lanes:
        if lane.name == "flash":
            made.append(_by_context(lane, "flash", "read back", lambda t: t.first_token_s))
            even = lane.break_even_tokens
            level = Level(even, f"even at {count(even, 'token')}") if even else None
        elif lane.name == CONTROL:
            made.append(_by_context(lane, "again", AGAIN, lambda t: t.recompute_s))
    most = max((p.x for line in made for p in line.points), default=0)
    if sum(1 for line in made if line.points) < 2:
        return None
    reach = max(most, level.value if level else 0) * 1.02
    title = "Time to the first token, by tokens of context"
    return _lines(title, made, Axis(0, reach, "tokens of context", count_of), seconds, level)


def _by_context(lane: Lane, kind: str, name: str, value: Value) -> Line:
    points = (
        Point(turn.prompt_tokens, found, f"{name} {seconds(found)}", turn.at_s)
        for turn in lane.turns
        if turn.prompt_tokens is not None and (found := value(turn)) is not None
    )
    return Line(name, kind, tuple(sorted(points, key=lambda point: point.x)))


def _lines(
    title: str,
    made: list[Line],
    x: Axis,
    told: Callable[[float], str],
    level: Level | None = None,
) -> Lines | None:
    top = max((point.y for line in made for point in line.points), default=0)
    if not top:
        return None
    ends = ", ".join(
        f"{line.name} {told(line.points[-1].y)} at last" for line in made if line.points
    )
    axis = Axis(0, top * AIR, "", digits if told is _rate else told)
    return Lines(f"{title}: {ends}.", tuple(made), x, axis, level)


def count_of(value: float) -> str:
    """Return a number of tokens as an axis shows it."""
    return count(round(value))


def _whole(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else ""


def _rate(value: float) -> str:
    return rate(value, "").replace(f"{THIN}/s", f"{THIN}tokens/s")
