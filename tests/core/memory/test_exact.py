"""The cache gives what transformers' own gives, to the bit, whatever had to move to flash."""

from pathlib import Path

import pytest
import torch
from transformers import DynamicCache, GenerationConfig

from core.memory.held import Held
from tests.core.memory import tiny

# Far below what the sequences here weigh, so that every layer has to leave memory.
SMALL = 150_000


def plain(made) -> Held:
    return Held(DynamicCache(config=made.config), [])


@pytest.mark.parametrize("kv_heads", [4, 2, 1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("ram", [SMALL, 700_000, 100 * tiny.MB])
def test_an_answer_is_the_same_to_the_bit(tmp_path: Path, kv_heads: int, dtype, ram: int) -> None:
    made = tiny.model(kv_heads=kv_heads, dtype=dtype)
    tier = tiny.tier(made, tmp_path, ram)
    prompt = tiny.words(1100)
    held = tier.open(prompt)
    assert tiny.same(tiny.write(made, held, prompt, 20), tiny.write(made, plain(made), prompt, 20))
    rows_rounded_up = 1152
    wanted = rows_rounded_up * 3 * 2 * kv_heads * 16 * dtype.itemsize
    assert bool(held.cache.on_flash) == (wanted > ram)
    tier.close(held)
    tier.shut()


def test_turns_and_crops_stay_the_same(tmp_path: Path) -> None:
    made = tiny.model()
    tier = tiny.tier(made, tmp_path, SMALL)
    mine, other = tier.open(tiny.words(10)), plain(made)
    prompt = tiny.words(600)
    for turn in range(6):
        assert tiny.same(tiny.write(made, mine, prompt, 5), tiny.write(made, other, prompt, 5))
        # A turn later the person has changed something a while ago, ever further back.
        cut = len(mine.tokens) - [0, 3, 90, 300, 650, 5][turn]
        for held in (mine, other):
            gone = len(held.tokens) - cut
            del held.tokens[cut:]
            if gone:
                held.cache.crop(-gone)
        prompt = mine.tokens + tiny.words(180, seed=turn)
    assert mine.cache.on_flash


@pytest.mark.parametrize("ram", [SMALL, 100 * tiny.MB])
def test_generate_alone_in_groups_and_with_beams(tmp_path: Path, ram: int) -> None:
    made = tiny.model()
    for batch, beams in ((1, 1), (3, 1), (1, 4), (2, 3)):
        tier = tiny.tier(made, tmp_path / f"{batch}{beams}", ram)
        ids = torch.tensor([tiny.words(700, seed) for seed in range(batch)])
        how = GenerationConfig(max_new_tokens=12, num_beams=beams, do_sample=False, pad_token_id=0)
        found = [
            made.generate(ids, attention_mask=torch.ones_like(ids), generation_config=how, **more)
            for more in ({}, {"past_key_values": tier.open([1]).cache})
        ]
        assert torch.equal(*found), (batch, beams)
        tier.shut()


def test_a_group_that_shrinks_stays_the_same(tmp_path: Path) -> None:
    made = tiny.model()
    tier = tiny.tier(made, tmp_path, SMALL)
    caches = (tier.open([1]).cache, DynamicCache(config=made.config))
    ids = torch.tensor([tiny.words(600, seed) for seed in range(4)])
    for picked in (None, [0, 2, 3], [2, 0]):
        logits = []
        for cache in caches:
            if picked is not None:
                cache.batch_select_indices(torch.tensor(picked))
            rows = 4 if picked is None else len(picked)
            with torch.inference_mode():
                logits.append(
                    made(ids[:rows, -40:] if picked else ids, past_key_values=cache).logits
                )
        assert torch.equal(*logits)
    assert caches[0].on_flash
    caches[0].batch_repeat_interleave(2)
    caches[1].batch_repeat_interleave(2)
    again = [_pass(made, cache, 4) for cache in caches]
    assert torch.equal(*again)


@torch.inference_mode()
def _pass(made, cache, rows: int) -> torch.Tensor:
    return made(torch.full((rows, 1), 7), past_key_values=cache).logits
