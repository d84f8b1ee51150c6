"""What came out of a stress run, in plain sentences and as figures with where they come from.

It reads folded lanes. Every figure was measured by the run itself; what was not is left out.
"""

import statistics
from collections.abc import Sequence

from core.present.numbers import size
from eval.stress.plan import CONTROL, ENDPOINT
from eval.stress.scenario import Scenario
from eval.stress.state import Failure, Figure, Lane, Origin, Turn

NAMES = {
    "memory": "Without",
    "flash": "With",
    "truncate": "Dropping the oldest turns",
    "recompute": "Recomputing every turn",
    ENDPOINT: "The server",
}


def sentence(lanes: Sequence[Lane], scenario: Scenario) -> str:
    """Return the run in a few sentences; blank while no lane has ended."""
    known = {lane.name: lane for lane in lanes if lane.state in ("failed", "done")}
    told = [
        f"{NAMES[name]}: {_told(lane, known)}." for name, lane in known.items() if name in NAMES
    ]
    needle = _needle(known, scenario)
    return " ".join([*told, needle] if needle else told)


def figures(lanes: Sequence[Lane], replayed: bool = False) -> dict[str, Figure]:
    """Return the summary's numbers by name."""
    origin: Origin = "replayed" if replayed else "measured"
    known = {lane.name: lane for lane in lanes}
    found: dict[str, Figure] = {}
    memory, flash = known.get("memory"), known.get("flash")
    if memory and memory.death:
        death = memory.death
        counted: Origin = "counted" if memory.limit == "counted" and not replayed else origin
        found["died_turn"] = Figure(death.turn, "", counted, f"turn {death.turn:,}")
        if death.token is not None:
            text = f"{death.token:,} tokens"
            found["died_token"] = Figure(death.token, "tokens", counted, text)
    if flash and flash.turns:
        found |= _of_flash(flash, known, origin)
    return found


def _of_flash(flash: Lane, known: dict[str, Lane], origin: Origin) -> dict[str, Figure]:
    held, stored = _held(flash), flash.turns[-1].flash_bytes or 0
    found = {
        "turns": Figure(len(flash.turns), "turns", origin, f"{len(flash.turns):,} turns"),
        "ram_bytes": Figure(held, "bytes", origin, size(held)),
        "flash_bytes": Figure(stored, "bytes", origin, size(stored)),
    }
    same = _same(flash)
    if same is not None:
        found["identical"] = Figure(same, "", origin, "yes" if same else "no")
    sooner = times_sooner(known)
    if sooner:
        found["times_sooner"] = Figure(round(sooner, 2), "times", origin, f"{_times(sooner)}×")
    if flash.resumed:
        ratio = flash.resumed.recompute_s / flash.resumed.first_token_s
        found["resumed_times_sooner"] = Figure(ratio, "times", origin, f"{_times(ratio)}×")
    if flash.break_even_tokens:
        text = f"{flash.break_even_tokens:,} tokens"
        found["break_even_tokens"] = Figure(flash.break_even_tokens, "tokens", origin, text)
    return found


def times_sooner(known: dict[str, Lane]) -> float | None:
    """Return how many times sooner the first token came than by recomputing, in the middle.

    It compares the turns that only the flash tier reached; where all were reached, the last third.
    """
    flash, control, memory = known.get("flash"), known.get(CONTROL), known.get("memory")
    if not flash or not control:
        return None
    again = {(turn.session, turn.turn): turn.recompute_s for turn in control.turns}
    death = memory.death if memory else None
    since = death.turn if death else len(flash.turns) * 2 // 3
    ratios = [
        seconds / turn.first_token_s
        for turn in flash.turns
        if turn.turn >= since
        and turn.first_token_s
        and (seconds := again.get((turn.session, turn.turn)))
    ]
    return statistics.median(ratios) if ratios else None


def _told(lane: Lane, known: dict[str, Lane]) -> str:
    if lane.death and lane.death.kind != "context":
        return _died(lane, lane.death)
    parts = [_turns(lane)]
    if lane.name == "flash":
        parts += _with(lane, known)
    elif lane.name == "truncate":
        lost = next((turn.turn for turn in lane.turns if turn.dropped), None)
        parts.append(f"the oldest left out from turn {lost:,} on" if lost else "none left out")
    elif lane.name == ENDPOINT:
        parts += _of_server(lane)
    elif lane.name == "memory" and not lane.death:
        parts.append("it did not run out of the budget")
    if lane.death:
        parts.append("then longer than the model reads")
    slow = sum(turn.slow for turn in lane.turns)
    if slow:
        parts.append(f"{slow:,} of them slow")
    return ", ".join(parts)


def _died(lane: Lane, death: Failure) -> str:
    how = "counted limit" if lane.limit == "counted" else _words(death)
    where = f"died at turn {death.turn:,}"
    return ", ".join([where, *([f"{death.token:,} tokens"] if death.token else []), how])


def _words(death: Failure) -> str:
    if "Allocator" in death.message:
        return "allocator error"
    return f"{'out of memory' if death.kind == 'memory' else 'error'} ({death.type})"


def _with(flash: Lane, known: dict[str, Lane]) -> list[str]:
    parts = _answers(flash)
    sooner = times_sooner(known)
    if sooner:
        parts.append(f"first token {_times(sooner)}× sooner than recomputing")
    if flash.resumed:
        ratio = flash.resumed.recompute_s / flash.resumed.first_token_s
        parts.append(f"{_times(ratio)}× after a restart")
    stored = flash.turns[-1].flash_bytes if flash.turns else None
    return [*parts, f"{size(_held(flash))} in memory", f"{size(stored)} on flash"]


def _of_server(lane: Lane) -> list[str]:
    firsts = [turn.first_token_s for turn in lane.turns if turn.first_token_s is not None]
    gaps = [turn.gap_s for turn in lane.turns if turn.gap_s is not None]
    lost = next((each for each in lane.failures if each.kind == "truncation"), None)
    return [
        *([f"first token after {statistics.median(firsts):.2f} s"] if firsts else []),
        *([f"{statistics.median(gaps) * 1000:.0f} ms between pieces"] if gaps else []),
        *([f"old turns left out from turn {lost.turn:,} on"] if lost else []),
    ]


def _needle(known: dict[str, Lane], scenario: Scenario) -> str:
    if not scenario.needle or scenario.kind == "sweep":
        return ""
    last = {name: turn for name, lane in known.items() if (turn := _asked_last(lane))}
    if not last:
        return ""
    control = last.get(CONTROL)
    if control and control.needle == "lost":
        length = f"{control.prompt_tokens:,} tokens" if control.prompt_tokens else "this length"
        return f"The model loses the fact of turn 1 over {length} even without a limit."
    words = {name: "the control" if name == CONTROL else name for name in last}
    kept = [words[name] for name, turn in last.items() if turn.needle == "recalled"]
    lost = [words[name] for name, turn in last.items() if turn.needle == "lost"]
    told = [
        *([f"recalled by {', '.join(kept)}"] if kept else []),
        *([f"lost by {', '.join(lost)}"] if lost else []),
    ]
    return f"The fact of turn 1, asked at the end: {'; '.join(told)}."


def _asked_last(lane: Lane) -> Turn | None:
    asked = [turn for turn in lane.turns if turn.needle]
    return asked[-1] if asked and not lane.death else None


def _turns(lane: Lane) -> str:
    sessions = len({turn.session for turn in lane.turns})
    each = len(lane.turns) // max(1, sessions)
    return f"{each:,} turns" + (f" in each of {sessions} sessions" if sessions > 1 else "")


def _same(lane: Lane) -> bool | None:
    compared = [turn.same for turn in lane.turns if turn.same is not None]
    return all(compared) if compared else None


def _answers(lane: Lane) -> list[str]:
    """Say whether the answers were those without a limit, and how far that was looked at."""
    wrong = next((turn.turn for turn in lane.turns if turn.same is False), None)
    if wrong is not None:
        return [f"other answers from turn {wrong:,} on"]
    if all(turn.same for turn in lane.turns):
        return ["same answers"]
    last = max((turn.turn for turn in lane.turns if turn.same), default=0)
    return [f"same answers up to turn {last:,}"] if last else []


def _held(lane: Lane) -> int:
    return max(((turn.ram_bytes or 0) + (turn.vram_bytes or 0) for turn in lane.turns), default=0)


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"
