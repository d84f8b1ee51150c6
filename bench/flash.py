"""The flash tier beside transformers' own cache: the next turn after a restart, long, and free.

Three questions, on a random model of SmolLM2-135M's shape and on the bundled one. How soon does
the first token come when a stored context is read from a cold disk, instead of computed? Does a
session of 50 turns stay within 64 MB, with the same tokens? What does the tier cost while all of
it fits in memory? Both sides take turns and must write the same tokens.
Run: `python -m bench.flash [--tiny]`.
"""

import argparse
import gc
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import core.process  # noqa: F401  sets the environment before torch is imported

import torch  # isort: skip

from transformers import AutoModelForCausalLM, DynamicCache, LlamaConfig, PreTrainedModel

from bench._cold import anonymous_bytes, drop
from bench._record import record
from core.memory.arithmetic import shape
from core.memory.held import Held
from core.memory.key import Key
from core.memory.tier import Tier
from core.messages import Params, Stop
from core.models import decoding, devices
from core.models.catalog import BUNDLED, bundled_folder

MB = 1_000_000
CONTEXTS = (1024, 4096)
QUESTION = 16
ANSWER = 8
TURNS, TURN_TOKENS, TURN_ANSWER = 50, 64, 16
BUDGET = 64 * MB
FREE_CONTEXT, FREE_TOKENS = 512, 96
ROUNDS = 5
Figures = dict[str, Any]


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="try it on small sizes; keeps nothing")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    device = devices.probe("cpu", "auto")
    dtype = torch.bfloat16 if device.dtype == "bf16" else torch.float32
    figures: Figures = {"dtype": device.dtype}
    for name, make in _tiny() if asked.tiny else _models():
        model = make().to(dtype).eval()
        devices.use_threads(devices.threads_for(model.num_parameters()))
        figures[f"{name}: threads"] = torch.get_num_threads()
        for context in (256, 600) if asked.tiny else CONTEXTS:
            figures |= resumed(name, model, context, asked.rounds)
        figures |= unpressed(name, model, asked.rounds)
        figures |= long_session(name, model, 6 if asked.tiny else TURNS)
        del model
        gc.collect()
    if asked.tiny:
        print("\n".join(f"{name}: {value}" for name, value in figures.items()))
        return
    record("flash", figures, NOTES)


NOTES = (
    f"Greedy; both sides take turns on the same weights and wrote the same tokens. Time to first "
    f"token: a context that an earlier process stored, and {QUESTION} new tokens; median of the "
    "rounds. Cold: the page cache was dropped and mincore found no page of the files; else it is "
    "called warm. The 135M model has SmolLM2-135M's shape and random weights, which cost what "
    f"trained ones cost. Session: {TURNS} turns of {TURN_TOKENS} tokens read and {TURN_ANSWER} "
    "written; anonymous memory of the process at the end of each turn, above what it was before "
    "the first, freed heap given back; peaks in between hold activations too. Without pressure: "
    f"{FREE_TOKENS} tokens after {FREE_CONTEXT}, median ratio of flash over plain."
)


def resumed(name: str, model: PreTrainedModel, context: int, rounds: int) -> Figures:
    """Return the time to the first token, read back and computed."""
    stored = _words(context, 1)
    prompt = stored + _words(QUESTION, 2)
    taken: dict[str, list[float]] = {"resume": [], "recompute": []}
    answers: dict[str, list[int]] = {}
    cold = True
    with tempfile.TemporaryDirectory() as place:
        tier = _tier(model, Path(place))
        _store(tier, model, stored)
        for turn in range(rounds):
            for side in sorted(taken, reverse=bool(turn % 2)):
                tier = _tier(model, Path(place))
                if side == "resume":
                    cold &= drop(Path(place).rglob("*.kv"))
                since = time.perf_counter()
                held = tier.open(prompt) if side == "resume" else _plain(model)
                answer = _write(model, held, prompt, ANSWER)
                answers.setdefault(side, []).append(next(answer))
                taken[side].append(time.perf_counter() - since)
                if side == "resume" and len(held.tokens) - QUESTION != context:
                    raise SystemExit(f"Only {len(held.tokens)} tokens were read back.")
                if turn == 0:
                    answers[side] += list(answer)
                answer.close()
                del held, answer
                tier.shut()
    if answers["resume"] != answers["recompute"]:
        raise SystemExit("The two sides wrote different tokens; nothing was measured.")
    middle = {side: statistics.median(seconds) for side, seconds in taken.items()}
    label = f"{name}, {context} tokens"
    return {
        f"{label}: resume from {'cold' if cold else 'warm'} disk, ms": _ms(middle["resume"]),
        f"{label}: recompute, ms": _ms(middle["recompute"]),
        f"{label}: times sooner": round(middle["recompute"] / middle["resume"], 1),
        f"{label}: rounds": rounds,
    }


def unpressed(name: str, model: PreTrainedModel, rounds: int) -> Figures:
    """Return tokens per second with and without the tier, where everything fits."""
    prompt = _words(FREE_CONTEXT, 3)
    speeds: dict[str, list[float]] = {"flash": [], "plain": []}
    written: dict[str, list[int]] = {}
    with tempfile.TemporaryDirectory() as place:
        for turn in range(rounds):
            for side in sorted(speeds, reverse=bool(turn % 2)):
                tier = _tier(model, Path(place) / f"{turn}")
                held = tier.open(prompt) if side == "flash" else _plain(model)
                answer = _write(model, held, prompt, FREE_TOKENS)
                first, since = next(answer), time.perf_counter()
                written[side] = [first, *answer]
                speeds[side].append((FREE_TOKENS - 1) / (time.perf_counter() - since))
                tier.shut()
            if written["flash"] != written["plain"]:
                raise SystemExit("The two sides wrote different tokens; nothing was measured.")
    ratios = [a / b for a, b in zip(speeds["flash"], speeds["plain"], strict=True)]
    return {
        f"{name}, no pressure: flash tokens/s": round(statistics.median(speeds["flash"]), 1),
        f"{name}, no pressure: plain tokens/s": round(statistics.median(speeds["plain"]), 1),
        f"{name}, no pressure: ratio": round(statistics.median(ratios), 3),
        f"{name}, no pressure: ratio range": [round(min(ratios), 3), round(max(ratios), 3)],
    }


def long_session(name: str, model: PreTrainedModel, turns: int) -> Figures:
    """Return what a long session under the budget holds, reads and writes."""
    per_token = shape(model.config.to_dict()).per_token(_short(model.dtype))
    budget = min(BUDGET, int(per_token * turns * (TURN_TOKENS + TURN_ANSWER) * 0.7))
    with tempfile.TemporaryDirectory() as place:
        tier = _tier(model, Path(place), budget)
        before, ends = anonymous_bytes(settle=True), []
        with _peak() as peak:
            mine, since = [], time.perf_counter()
            for said in _turns(model, lambda prompt: tier.open(prompt, "s"), tier.close, turns):
                mine.append(said)
                ends.append(anonymous_bytes(settle=True) - before)
            seconds = time.perf_counter() - since
        highest, counted = peak[0] - before, tier.counters.read()
        flash, account = tier.tiers("s").flash, tier.budget.used
        tier.shut()
    kept = _plain(model)
    theirs = list(_turns(model, lambda _: kept, lambda _: None, turns))
    if mine != theirs:
        raise SystemExit("The two sides wrote different tokens; nothing was measured.")
    label = f"{name}, {turns} turns"
    return {
        f"{label}: tokens": len(kept.tokens),
        f"{label}: keys and values MB": round(len(kept.tokens) * per_token / MB, 1),
        f"{label}: budget MB": round(budget / MB, 1),
        f"{label}: counted in memory at the end MB": round(account / MB, 1),
        f"{label}: anonymous memory, highest at a turn's end MB": round(max(ends) / MB, 1),
        f"{label}: of the budget": round(max(ends) / budget, 3),
        f"{label}: anonymous memory, highest seen in between MB": round(highest / MB, 1),
        f"{label}: on flash MB": round(flash / MB, 1),
        f"{label}: written to flash MB": round(counted["written_bytes"] / MB, 1),
        f"{label}: read from flash MB": round(counted["read_bytes"] / MB, 1),
        f"{label}: seconds": round(seconds, 1),
        f"{label}: same tokens": True,
    }


def _turns(
    model: PreTrainedModel,
    begin: Callable[[list[int]], Held],
    end: Callable[[Held], None],
    turns: int,
) -> Iterator[list[int]]:
    """Hold a conversation in which each turn reads some tokens and writes some."""
    prompt: list[int] = []
    for turn in range(turns):
        prompt = prompt + _words(TURN_TOKENS, 100 + turn)
        held = begin(prompt)
        said = list(_write(model, held, prompt, TURN_ANSWER))
        end(held)
        del held
        yield said
        prompt = prompt + said


@contextmanager
def _peak() -> Iterator[list[int]]:
    """Look at the anonymous memory all the time; the first number is the highest."""
    highest, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            highest[0] = max(highest[0], anonymous_bytes())

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield highest
    finally:
        over.set()
        watcher.join()


def _store(tier: Tier, model: PreTrainedModel, tokens: list[int]) -> None:
    """Leave exactly these tokens on flash, as an earlier process would have."""
    held = tier.open(tokens)
    next(answer := _write(model, held, tokens, 1))
    answer.close()
    tier.close(held)
    tier.shut()


def _write(
    model: PreTrainedModel, held: Held, prompt: list[int], count: int
) -> Generator[int, None, None]:
    yield from decoding.tokens(model, prompt, decoding.Picker(Params()), count, Stop(), held)


def _plain(model: PreTrainedModel) -> Held:
    return Held(DynamicCache(config=model.config), [])


def _tier(model: PreTrainedModel, folder: Path, ram: int = 2000 * MB) -> Tier:
    sizes = shape(model.config.to_dict())
    dtype = str(model.dtype).removeprefix("torch.")
    form = (sizes.layers, sizes.kv_heads, sizes.head_dim)
    return Tier(Key("bench", "", "", "", dtype, "cpu", *form), sizes, folder, ram, 4000 * MB)


def _models() -> list[tuple[str, Callable[[], Any]]]:
    smol = LlamaConfig(
        vocab_size=49152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        max_position_embeddings=8192,
        tie_word_embeddings=True,
    )
    found = [("135M", lambda: AutoModelForCausalLM.from_config(smol))]
    if folder := bundled_folder(BUNDLED):
        found.append(("bundled", lambda: AutoModelForCausalLM.from_pretrained(folder)))
    return found


def _tiny() -> list[tuple[str, Callable[[], Any]]]:
    small = LlamaConfig(
        vocab_size=1000,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
    )
    return [("tiny", lambda: AutoModelForCausalLM.from_config(small))]


def _words(count: int, seed: int) -> list[int]:
    random = torch.Generator().manual_seed(seed)
    return torch.randint(5, 900, (count,), generator=random).tolist()


def _short(dtype: torch.dtype) -> str:
    return "bf16" if dtype == torch.bfloat16 else "fp32"


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


if __name__ == "__main__":
    main()
