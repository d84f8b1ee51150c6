"""Many prompts at once give what one by one gives, in the order asked."""

import shutil
from pathlib import Path

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from core.messages import Message, Params, Stop
from core.models import batching
from core.models.local import CPU_AFTER_OOM, Local
from tests.core.models.asking import ask, settings

LENGTHS = (3, 40, 1, 17, 90, 2, 8, 30, 5, 60, 11)
PROMPTS = [[Message("user", "def parse(text): " * length)] for length in LENGTHS]


@pytest.mark.parametrize("size", [4, 8, 16])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_same_tokens_as_one_by_one(local, size: int, temperature: float) -> None:
    params = Params(max_tokens=24, temperature=temperature, seed=5)
    grouped = local.generate_batch(PROMPTS, params, size)
    for messages, found in zip(PROMPTS, grouped, strict=True):
        text, usage = ask(local, messages, max_tokens=24, temperature=temperature, seed=5)
        assert (found.text, found.error) == (text, None)
        assert found.usage.tokens_in == usage.tokens_in
        assert (found.usage.tokens_out, found.usage.finish) == (usage.tokens_out, usage.finish)


def test_a_model_with_absolute_positions_is_padded_rightly(tiny_model, tmp_path) -> None:
    """Llama sees distances only; GPT-2 would notice a prompt that is moved by its padding."""
    folder = Path(shutil.copytree(tiny_model, tmp_path / "gpt2"))
    (folder / "model.safetensors").unlink()
    sizes = {"vocab_size": 512, "n_positions": 1024, "n_embd": 32, "n_layer": 2, "n_head": 2}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        config = GPT2Config(**sizes, initializer_range=0.5, eos_token_id=0, bos_token_id=None)
        GPT2LMHeadModel(config).save_pretrained(folder)
    model = Local(folder, settings())
    done = model.generate_batch(PROMPTS[:6], Params(max_tokens=24), 8)
    wanted = [ask(model, messages, max_tokens=24)[0] for messages in PROMPTS[:6]]
    assert [completion.text for completion in done] == wanted
    assert len(set(wanted)) > 3, "the answers depend on the prompts"


def test_rows_that_end_early_do_not_change_the_others(local) -> None:
    alone = [ask(local, messages, max_tokens=40)[0] for messages in PROMPTS]
    word = alone[2][4:6]
    params = Params(max_tokens=40, stop=(word,))
    found = local.generate_batch(PROMPTS, params, 16)
    assert [completion.text for completion in found] == [
        text[: text.find(word)] if word in text else text for text in alone
    ]
    assert {completion.usage.finish for completion in found} == {"stop", "length"}


def test_one_that_does_not_fit_says_so_in_its_place(local) -> None:
    prompts = [PROMPTS[0], [Message("user", "word " * 9000)], [Message("user", "")], PROMPTS[1]]
    done = local.generate_batch(prompts, Params(max_tokens=4))
    assert [bool(completion.error) for completion in done] == [False, True, True, False]
    assert "context holds" in done[1].error and done[1].usage.tokens_out is None


def test_nothing_is_answered_with_nothing(local) -> None:
    assert local.generate_batch([], Params()) == []


def test_groups_are_sorted_by_length_and_of_an_allowed_size(local) -> None:
    rows = [local._row(at, messages, Params()) for at, messages in enumerate(PROMPTS)]
    for asked, used in ((1, 4), (4, 4), (7, 8), (8, 8), (100, 16)):
        found = batching.groups(rows, asked)
        lengths = [len(row.prompt.tokens) for group in found for row in group]
        assert lengths == sorted(lengths) and len(lengths) == len(rows)
        assert max(len(group) for group in found) == min(used, len(rows))


def test_somebody_who_chats_goes_between_groups(tiny_model) -> None:
    model = Local(tiny_model, settings(queue_length=0))
    chat = model.stream(PROMPTS[0], Params(max_tokens=3), Stop())
    next(chat)
    chat.close()  # pyright: ignore
    done = model.generate_batch(PROMPTS, Params(max_tokens=2), 4)
    assert [completion.usage.tokens_out for completion in done] == [2] * len(PROMPTS)


def test_a_full_gpu_hands_the_group_over(tiny_model, local) -> None:
    from tests.core.models.test_local import fails_once_at, on_a_full_gpu

    model = Local(tiny_model, settings())
    with on_a_full_gpu(model):
        fails_once_at(model, 3, torch.OutOfMemoryError("CUDA out of memory"))
        done = model.generate_batch(PROMPTS[:3], Params(max_tokens=9))
    wanted = [ask(local, messages, max_tokens=9)[0] for messages in PROMPTS[:3]]
    assert [completion.text for completion in done] == wanted
    assert all(CPU_AFTER_OOM in completion.usage.notices for completion in done)
