"""How fast the bundled model loads and writes, and what memory it takes.

One core, bf16 where it is faster, grounded questions filled up to 512 tokens of context. Copied
tokens are checked several at a time; the same answers are also decoded one token at a time, and
both must be the same words. Run: `python -m bench.bundled [--folder MODEL]`.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import core.process

import torch  # isort: skip

import psutil

from bench._record import record
from core.bundled.corpus import units_of
from core.bundled.grounded import LEVELS, Composer
from core.bundled.splits import load_splits
from core.bundled.tokenizer import ASSISTANT, END
from core.messages import Params, Stop
from core.models import decoding
from core.models.catalog import BUNDLED, bundled_folder
from core.models.local import Local
from core.settings import Settings

CONTEXT = 512
QUESTIONS = 40
LONGEST = 64
STARTS = 5


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=bundled_folder(BUNDLED))
    parser.add_argument("--start", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.start:
        print(json.dumps(start(options.folder)))
        return
    starts = [_start_elsewhere(options.folder) for _ in range(STARTS)]
    figures = {name: statistics.median(s[name] for s in starts) for name in starts[0]}
    figures |= speed(options.folder)
    record("bundled", figures, f"Greedy, one thread, {QUESTIONS} questions on held-out packages.")


def start(folder: Path) -> dict[str, float]:
    """Return seconds to load after the imports, and the memory the model adds to torch."""
    import transformers.models.llama.modeling_llama  # noqa: F401

    torch.ones(8, 8).sum()
    process = psutil.Process()
    before, since = process.memory_info().rss, time.perf_counter()
    local = Local(folder, _settings())
    seconds = time.perf_counter() - since
    prompt = torch.arange(4, 4 + CONTEXT).tolist()
    list(decoding.tokens(local._model, prompt, decoding.Picker(Params()), 8, Stop()))
    return {
        "load s": round(seconds, 3),
        "memory above torch MB": round((process.memory_info().rss - before) / 1e6, 1),
    }


def speed(folder: Path) -> dict[str, object]:
    """Return decoding speed with and without guesses; the words must be the same."""
    local = Local(folder, _settings())
    prompts = [_ids(local, text) for text in questions(QUESTIONS)]
    taken: dict[str, list[float]] = {"copying": [], "one by one": []}
    alike = 0
    written = 0
    for turn, prompt in enumerate(prompts):
        found = {}
        for name in sorted(taken, reverse=bool(turn % 2)):
            seconds, found[name] = decode(local, prompt, guesses=name == "copying")
            taken[name].append((len(found[name]) - 1) / seconds)
        alike += found["copying"] == found["one by one"]
        written += len(found["copying"])
    return {
        "dtype": local.device.dtype,
        "parameters": local.card().parameters,
        "context tokens": round(statistics.mean(map(len, prompts))),
        "answer tokens": round(written / len(prompts), 1),
        "same answers": f"{alike} of {len(prompts)}",
        **{f"{name} tokens/s": round(statistics.median(rates), 1) for name, rates in taken.items()},
    }


def questions(count: int) -> list[str]:
    """Return held-out questions with the turns written."""
    composers = [Composer(tuple(units_of(p)), 1, held_out=True) for p in load_splits().dev]
    found: list[str] = []
    for n in range(count * 4):
        item = composers[n % len(composers)].one(LEVELS["full"])
        if item and len(found) < count:
            found.append(f"{item.prefix}{item.branches[0][0].question}{END}{ASSISTANT}")
    return found


def decode(local: Local, prompt: Sequence[int], guesses: bool) -> tuple[float, list[int]]:
    """Return seconds after the first token, and the tokens to the end of the turn."""
    was, decoding.GUESSES = decoding.GUESSES, decoding.GUESSES if guesses else 0
    tokens, since = [], 0.0
    picker = decoding.Picker(Params())
    for token in decoding.tokens(local._model, list(prompt), picker, LONGEST, Stop()):
        since = since or time.perf_counter()
        tokens.append(token)
        if token in local._ends:
            break
    decoding.GUESSES = was
    return max(time.perf_counter() - since, 1e-9), tokens


def _ids(local: Local, text: str) -> list[int]:
    """Return the tokens, filled up in front with earlier evidence to the wanted context."""
    ids = local._tokenizer(text)["input_ids"]
    return (ids * (CONTEXT // len(ids)))[: max(0, CONTEXT - len(ids))] + ids


def _settings() -> Settings:
    return Settings(device="cpu")  # pyright: ignore[reportCallIssue]


def _start_elsewhere(folder: Path) -> dict[str, float]:
    """Measure a start in a process of its own."""
    command = [sys.executable, "-m", "bench.bundled", "--start", "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    core.process.prepare()
    main()
