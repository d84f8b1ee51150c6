"""Local streaming at the Generator seam against raw `model.generate` on the same model.

The two take turns on one randomly initialised 12M-parameter Llama and must first produce
the same tokens. It also says how often an answer decoded in a group differs from the same
answer decoded alone. Run: `python -m bench.stream`.
"""

import argparse
import ast
import asyncio
import email
import html
import http
import json
import logging
import statistics
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import core.process  # noqa: F401  sets the environment before torch is imported

import torch  # isort: skip

from bench._record import record
from core.messages import Delta, Message, Params, Stop, Usage
from core.models import decoding
from core.models.local import Local
from core.settings import Settings
from tests import tiny

ROUNDS = 12
NEW_TOKENS = 128
PROMPT_CHARACTERS = 600
BATCH = 32
CORPUS = (ast, asyncio, email, html, http, json, logging, statistics, tempfile, unittest, argparse)


def main() -> None:
    """Measure, print and store."""
    with tempfile.TemporaryDirectory() as place:
        folder = tiny.build(Path(place) / "bench", 336, 8, 8192, CORPUS)
        figures: dict[str, Any] = {}
        for dtype in ("fp32", "bf16"):
            figures |= measure(folder, dtype)
    record(
        "stream",
        figures,
        "Random Llama; greedy; both sides take turns on the same weights and one core. "
        "The ratio is the median over rounds of stream over generate; the one by CPU time does "
        "not feel what else the machine does. Random weights leave the "
        "likeliest tokens nearly tied, so bf16 rounding changes far more of these answers in "
        "groups than it would of a trained model's; in fp32 none may differ.",
    )


def measure(folder: Path, dtype: Literal["fp32", "bf16"]) -> dict[str, Any]:
    """Return the figures of one number format."""
    settings = Settings(dtype=dtype, device="cpu")  # pyright: ignore[reportCallIssue]
    local = Local(folder, settings, guard_loops=False)
    params = Params(max_tokens=NEW_TOKENS)
    messages = [Message("user", _text(PROMPT_CHARACTERS))]
    prompt = local._prompter.build(messages, NEW_TOKENS).tokens
    same_tokens(local, prompt, messages, params)
    speeds: dict[str, list[float]] = {"stream": [], "generate": []}
    work: dict[str, list[float]] = {"stream": [], "generate": []}
    sides: list[tuple[str, Callable[[], object]]] = [
        ("stream", lambda: _stream(local, messages, params)),
        ("generate", lambda: _generate(local, prompt)),
    ]
    for turn in range(ROUNDS):
        for name, side in sides if turn % 2 else sides[::-1]:
            start, cpu = time.perf_counter(), time.process_time()
            side()
            speeds[name].append(NEW_TOKENS / (time.perf_counter() - start))
            work[name].append(NEW_TOKENS / (time.process_time() - cpu))
    ratios = [a / b for a, b in zip(speeds["stream"], speeds["generate"], strict=True)]
    by_work = [a / b for a, b in zip(work["stream"], work["generate"], strict=True)]
    return {
        f"{dtype} parameters": local.card().parameters,
        f"{dtype} prompt tokens": len(prompt),
        f"{dtype} new tokens": NEW_TOKENS,
        f"{dtype} rounds": ROUNDS,
        f"{dtype} stream tokens/s": round(statistics.median(speeds["stream"]), 1),
        f"{dtype} generate tokens/s": round(statistics.median(speeds["generate"]), 1),
        f"{dtype} ratio": round(statistics.median(ratios), 3),
        f"{dtype} ratio range": [round(min(ratios), 3), round(max(ratios), 3)],
        f"{dtype} ratio by CPU time": round(statistics.median(by_work), 3),
        f"{dtype} ratio by CPU time, range": [round(min(by_work), 3), round(max(by_work), 3)],
        **batches(local, dtype),
    }


def batches(local: Local, dtype: str) -> dict[str, Any]:
    """Return how often grouped answers differ from single ones, and what grouping gains."""
    params = Params(max_tokens=32)
    prompts = [[Message("user", _text(40 + 23 * n, n))] for n in range(BATCH)]
    start = time.perf_counter()
    alone = [_stream(local, prompt, params) for prompt in prompts]
    single = time.perf_counter() - start
    found: dict[str, Any] = {}
    for size in (4, 8, 16):
        start = time.perf_counter()
        grouped = local.generate_batch(prompts, params, size)
        gain = single / (time.perf_counter() - start)
        differ = sum(a != b.text for a, b in zip(alone, grouped, strict=True))
        found[f"{dtype} groups of {size}: answers that differ"] = f"{differ} of {BATCH}"
        found[f"{dtype} groups of {size}: times faster"] = round(gain, 2)
    return found


def same_tokens(local: Local, prompt: list[int], messages: list[Message], params: Params) -> None:
    """End the benchmark unless both sides produce the same tokens and the same text."""
    wanted = _generate(local, prompt)
    pick = decoding.Picker(params)
    found = list(decoding.tokens(local._model, prompt, pick, NEW_TOKENS, Stop()))
    if found != wanted or len(found) != NEW_TOKENS:
        raise SystemExit("The two sides produced different tokens; nothing was measured.")
    if _stream(local, messages, params) != local._decode(wanted):
        raise SystemExit("The streamed text is not the text of the tokens.")


def _stream(local: Local, messages: list[Message], params: Params) -> str:
    local._prefix.drop()  # what an earlier round read would be no part of this one's time
    parts = list(local.stream(messages, params, Stop()))
    assert isinstance(parts[-1], Usage)
    return "".join(part.text for part in parts if isinstance(part, Delta))


def _generate(local: Local, prompt: list[int]) -> list[int]:
    ids = torch.tensor([prompt])
    out = local._model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=NEW_TOKENS,
        do_sample=False,
    )
    return out[0, len(prompt) :].tolist()


def _text(characters: int, at: int = 0) -> str:
    return Path(json.__file__).read_text(encoding="utf-8")[at * 50 : at * 50 + characters]


if __name__ == "__main__":
    main()
