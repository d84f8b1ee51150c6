"""A process killed in the middle of writing leaves a start of what it wrote, or nothing."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import DynamicCache

from core.memory.held import Held
from tests.core.memory import tiny, writing

ANSWER = 4


@pytest.fixture(scope="module")
def forks() -> Iterator[multiprocessing.context.ForkServerContext]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([writing.__name__, "transformers.models.llama.modeling_llama"])
    yield context


@pytest.fixture(scope="module")
def wanted() -> tuple[list[int], DynamicCache]:
    model = writing.made()
    held = Held(DynamicCache(config=model.config), [])
    return tiny.write(model, held, writing.PROMPT, ANSWER).tokens, held.cache


def kill_and_look(forks, wanted, folder: Path, seconds: float) -> tuple[int, int]:
    """Kill a writer, reopen, and return how much was reused and how many drafts it left."""
    child = forks.Process(target=writing.write, args=(str(folder),))
    child.start()
    segments = folder / "segments"
    deadline = time.monotonic() + 60
    while not (segments.is_dir() and any(segments.iterdir())):
        assert child.is_alive() and time.monotonic() < deadline
        time.sleep(0.001)
    time.sleep(seconds)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    drafts = len(list(segments.glob("*.part")))
    model = writing.made()
    tier = tiny.tier(model, folder, writing.RAM)
    assert not list(segments.glob("*.part"))
    held = tier.open(writing.PROMPT, "s")
    reused = len(held.tokens)
    assert held.tokens == writing.PROMPT[:reused]
    tokens, cache = wanted
    for index in range(4):
        for at, (keys, values) in enumerate(held.cache.stored(index, reused // 256 * 256)):
            rows = slice(at * 256, at * 256 + 256)
            assert torch.equal(keys.permute(1, 2, 0, 3), cache.layers[index].keys[:, :, rows])
            assert torch.equal(values.permute(1, 2, 0, 3), cache.layers[index].values[:, :, rows])
    assert tiny.write(model, held, writing.PROMPT, ANSWER).tokens == tokens
    tier.close(held)
    tier.shut()
    assert tier.counters.read()["damaged"] == 0, "a name stands for a whole file"
    return reused, drafts


@pytest.mark.prove
def test_three_kills(forks, wanted, tmp_path: Path) -> None:
    for turn, seconds in enumerate((0.0, 0.05, 0.4)):
        kill_and_look(forks, wanted, tmp_path / str(turn), seconds)


@pytest.mark.prove
def test_fifty_kills(forks, wanted, tmp_path: Path) -> None:
    chance = random.Random(5)
    found = [
        kill_and_look(forks, wanted, tmp_path / str(turn), chance.random() ** 2 * 0.6)
        for turn in range(50)
    ]
    assert sum(drafts > 0 for _, drafts in found) >= 10, "the kills did not hit the writing"
    assert len({reused for reused, _ in found}) >= 3, "they hit at different places"
