"""A bit that changed anywhere in a stored file: what it touches is computed again, never used."""

import random
from pathlib import Path

import pytest
import torch
from transformers import DynamicCache

from core.errors import Corrupt
from core.memory.held import Held
from core.memory.segment import Segment
from tests.core.memory import tiny

PROMPT = tiny.words(600)


@pytest.fixture(scope="module")
def made():
    return tiny.model()


def flip(path: Path, bit: int) -> None:
    """Change one bit in place, so that whoever has the file open sees it too."""
    with path.open("r+b") as file:
        file.seek(bit // 8)
        (byte,) = file.read(1)
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def flips(made, folder: Path, count: int) -> dict[int, int]:
    """Reopen after each flip; return how often how much was reused."""
    tier = tiny.tier(made, folder)
    held = tier.open(PROMPT, "s")
    wanted = tiny.write(made, held, PROMPT, 3).tokens
    tier.close(held)
    tier.shut()
    reference = Held(DynamicCache(config=made.config), [])
    tiny.write(made, reference, PROMPT, 1)
    whole = {path: path.read_bytes() for path in (folder / "segments").glob("*.kv")}
    chance, found = random.Random(count), {}
    for _ in range(count):
        path = chance.choice(sorted(whole))
        flip(path, chance.randrange(len(whole[path]) * 8))
        tier = tiny.tier(made, folder)
        held = tier.open(PROMPT, "s")
        reused = len(held.tokens)
        found[reused] = found.get(reused, 0) + 1
        assert held.tokens == PROMPT[:reused]
        keys = [k for k, _ in held.cache.stored(1, reused // 256 * 256)]
        for at, part in enumerate(keys):
            rows = reference.cache.layers[1].keys[:, :, at * 256 : at * 256 + 256]
            assert torch.equal(part.permute(1, 2, 0, 3), rows)
        assert tiny.write(made, held, PROMPT, 3).tokens == wanted
        tier.abandon(held)
        tier.shut()
        for other, data in whole.items():
            other.write_bytes(data)
    return found


def test_twenty_flips(made, tmp_path: Path) -> None:
    found = flips(made, tmp_path, 20)
    assert found.keys() <= {0, 256, 512, 599} and len(found) >= 3


@pytest.mark.prove
def test_five_hundred_flips(made, tmp_path: Path) -> None:
    found = flips(made, tmp_path, 500)
    assert found.keys() == {0, 256, 512, 599}
    # Only the padding up to a page may change unseen.
    assert found[599] < 250


def test_every_byte_that_counts_is_checked(made, tmp_path: Path) -> None:
    tier = tiny.tier(made, tmp_path)
    held = tier.open(PROMPT, "s")
    tiny.write(made, held, PROMPT, 1)
    tier.close(held)
    tier.shut()
    path = next((tmp_path / "segments").glob("*-256-*.kv"))
    whole, chance = path.read_bytes(), random.Random(1)
    parts = [Segment(path).read(layer)[0].clone() for layer in range(3)]
    for _ in range(300):
        bit = chance.randrange(len(whole) * 8)
        flip(path, bit)
        try:
            segment = Segment(path)
            read = [segment.read(layer)[0] for layer in range(3)]
            assert all(torch.equal(a, b) for a, b in zip(read, parts, strict=True))
            assert whole[bit // 8] in b"\0 ", "only padding may change unseen"
        except Corrupt:
            pass
        path.write_bytes(whole)


def test_a_flip_under_a_session_at_work_is_seen(made, tmp_path: Path) -> None:
    tier = tiny.tier(made, tmp_path, 100_000)
    held = tier.open(PROMPT, "s")
    wanted = tiny.write(made, held, PROMPT, 3).tokens
    assert held.cache.on_flash
    path = sorted((tmp_path / "segments").glob("*-256-*.kv"))[0]
    flip(path, path.stat().st_size * 4)
    held.tokens.append(wanted[-1])
    with pytest.raises(Corrupt):
        tiny.step(made, held.cache, wanted[-1:])
    tier.abandon(held)
    again = tier.open(PROMPT, "s")
    assert len(again.tokens) in (0, 256) and tier.counters.read()["damaged"] == 1
    assert tiny.write(made, again, PROMPT, 3).tokens == wanted
