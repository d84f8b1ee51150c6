"""Stress runs as the façade hands them out, made for the tests of the pages."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from eval.stress.plan import Asked
from eval.stress.scenario import Needle, Scenario
from eval.stress.state import Failure, Figure, Lane, State, Turn

WHEN = datetime(2026, 11, 21, 18, 40, tzinfo=UTC)
TOKEN, BASE, BUDGET = 10_000, 90_000_000, 8_000_000
TURNS, DIED = 12, 8
NEEDLE = Needle(tell="It is <called> Plumb.", ask="What is it called?", value="Plumb", at=(12,))
SCENARIO = Scenario(
    name="small", title="A small session", about="Twelve turns.", turns=TURNS, budget_mb=8,
    needle=NEEDLE,
)  # fmt: skip
MESSAGE = "DefaultCPUAllocator: can't allocate memory <here>"
SUMMARY = f"Without: died at turn {DIED}, 800 tokens. With: {TURNS} turns, same answers."


def turn(lane: str, n: int, **more: Any) -> Turn:
    """Return a turn that adds 100 tokens to the conversation."""
    ram = min(n * 100 * TOKEN, 5_000_000) if lane == "flash" else n * 100 * TOKEN
    given: dict[str, Any] = {
        "session": 0,
        "turn": n,
        "at_s": float(n),
        "prompt_tokens": n * 100,
        "reused_tokens": n * 100 - 80,
        "written_tokens": 16,
        "first_token_s": 0.05,
        "total_s": 0.4,
        "tokens_per_s": 50.0,
        "kv_bytes": n * 100 * TOKEN,
        "ram_bytes": ram,
        "flash_bytes": n * 100 * TOKEN if lane == "flash" else None,
        "data_bytes": BASE + ram + 500_000,
        "answer": "It is <b>here</b>.",
        "same": True,
    }
    return Turn(lane, **{**given, **more})


def memory(turns: int = DIED - 1) -> Lane:
    """Return the lane that dies."""
    made = tuple(turn("memory", n) for n in range(1, turns + 1))
    died = Failure("memory", "memory", "RuntimeError", MESSAGE, 8.5, 0, DIED, 800)
    return Lane("memory", "failed", "rlimit", BASE, BASE + BUDGET, turns=made, failures=(died,))


def flash(turns: int = TURNS) -> Lane:
    """Return the lane that goes on."""
    made = [turn("flash", n, at_s=10.0 + n) for n in range(1, turns + 1)]
    if turns == TURNS:
        made[-1] = replace(made[-1], needle="recalled", answer="It is called Plumb.")
    state = "done" if turns == TURNS else "running"
    lane = Lane("flash", state, "rlimit", BASE, BASE + BUDGET, turns=tuple(made))
    return replace(lane, break_even_tokens=310)


def control() -> Lane:
    """Return the lane without a limit, which is computed again too."""
    made = tuple(turn("control", n, at_s=30.0 + n, recompute_s=n / 10) for n in range(1, TURNS + 1))
    return Lane("control", "done", "none", turns=made)


def state(*lanes: Lane, **more: Any) -> State:
    """Return a run that is over, or what is given of it."""
    given: dict[str, Any] = {
        "turns": TURNS,
        "ended": WHEN,
        "model": {"name": "tiny", "dtype": "fp32"},
        "machine": {"processor": "a processor", "system": "Linux"},
        "summary": SUMMARY,
        "figures": {"times_sooner": Figure(24.0, "×", "measured", "24 times sooner")},
    }
    shown = lanes or (memory(), flash(), control())
    made = {**given, **more}
    name = made.pop("state", "completed")
    scenario = made.pop("scenario", SCENARIO)
    return State("run-1", name, Asked(), scenario, BUDGET, shown, WHEN, **made)
