"""Sessions under a real limit of memory: the default one whole, and a map of what fits where.

The first part runs `python -m eval.stress run --mode both` on the bundled model as anybody would,
and keeps what came out. The second asks ever longer prompts, alone and two side by side, under
several budgets, with the plain cache and with the flash tier: each cell is the longest prompt that
was answered before memory ran out. Run: `python -m bench.stress [--tiny]`.
"""

import core.process  # noqa: F401  # isort: skip  must come before torch

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench._record import record
from core.jobs.queue import Jobs
from core.settings import load
from core.store.connection import Store
from eval.stress.export import export
from eval.stress.scenario import Scenario, Shelf, parse
from eval.stress.service import SHIPPED, Stress
from eval.stress.state import Lane, State

BUDGETS = (12, 24, 48)
CONTEXTS = (500, 1000, 2000, 3000, 4000)
BESIDE = (1, 2)
MODES = ("memory", "flash")
POLL_S = 0.5
Figures = dict[str, Any]


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="one small budget; keeps nothing")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, ExitStack() as ending:
        data = Path(place)
        store = Store.open(data, "512MB")
        ending.callback(store.close)
        jobs = Jobs(store, data)
        ending.callback(jobs.stop)
        jobs.start()
        stress = Stress(load({"data_dir": place}, env_file=None), jobs)
        figures = {} if asked.tiny else both(stress)
        budgets, contexts = ((16,), (200, 1000)) if asked.tiny else (BUDGETS, CONTEXTS)
        for budget in budgets:
            for beside in BESIDE:
                figures |= mapped(stress, data, budget, beside, contexts)
    if asked.tiny:
        print("\n".join(f"{name}: {value}" for name, value in figures.items()))
        return
    record("stress", figures, NOTES)


NOTES = (
    "The bundled model in fp32, one thread, greedy; limits are RLIMIT_DATA, beyond the loaded and "
    "warmed model. `both`: the default scenario as the command runs it, with its control and the "
    "restart; times to the first token are of the turns that only the flash tier reached, against "
    "computing the same conversation anew, medians; files are in the page cache (warm). Map: the "
    "longest prompt, in tokens, that was answered within the budget, of those tried "
    f"({', '.join(map(str, CONTEXTS))}); 0: not even the first. Two side by side are two prompts "
    "of that length whose keys and values are kept at the same time."
)


def both(stress: Stress) -> Figures:
    """Return what the default run comes to, and how long it takes."""
    since = time.perf_counter()
    state = over(stress, {})
    seconds = time.perf_counter() - since
    found = {f"both: {name}": figure.value for name, figure in state.figures.items()}
    flash = state.lane("flash")
    assert flash is not None
    # A booth without a minute to spare replays it.
    SHIPPED.mkdir(exist_ok=True)
    (SHIPPED / "needle.json").write_bytes(export(state, "json"))
    return {
        "both: seconds": round(seconds, 1),
        "both: budget MB": state.budget_bytes / 1_000_000,
        **found,
        "both: flash bytes written": flash.counters.get("written_bytes"),
        "both: summary": state.summary,
    }


def mapped(
    stress: Stress, data: Path, budget: int, beside: int, contexts: tuple[int, ...]
) -> Figures:
    """Return the longest prompt that each mode answered under a budget."""
    scenario = _sweep(budget, beside, contexts)
    Shelf(data).keep(scenario)
    asked = {"scenario": scenario.name, "modes": MODES, "control": False}
    state = over(stress, asked)
    side = "alone" if beside == 1 else f"{beside} side by side"
    return {
        f"{lane.name}, {budget} MB, {side}: longest prompt, tokens": _longest(lane, beside)
        for lane in state.lanes
    }


def over(stress: Stress, asked: Figures) -> State:
    """Run it to its end."""
    id = stress.submit(asked).id
    while (state := stress.state(id)).state in ("queued", "running"):
        time.sleep(POLL_S)
    if state.state != "completed":
        raise SystemExit(f"The run {state.state}: {state.error}; nothing was measured.")
    return state


def _sweep(budget: int, beside: int, contexts: tuple[int, ...]) -> Scenario:
    return parse(
        {
            "name": f"map-{budget}-{beside}",
            "title": f"{budget} MB, {beside}",
            "about": "Prompts for the map.",
            "kind": "sweep",
            "turns": len(contexts),
            "sessions": beside,
            "budget_mb": budget,
            "dtype": "fp32",
            "lengths": [{"tokens": tokens, "answer": 4} for tokens in contexts],
        }
    )


def _longest(lane: Lane, beside: int) -> int:
    """Return the length of the last step at which every prompt was answered."""
    whole: dict[int, list[int]] = {}
    for turn in lane.turns:
        whole.setdefault(turn.turn, []).append(turn.prompt_tokens or 0)
    return max((min(each) for each in whole.values() if len(each) == beside), default=0)


if __name__ == "__main__":
    main()
