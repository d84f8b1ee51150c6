"""The next token: the nucleus holds the right tokens, and frequencies follow the chances."""

from collections import Counter

import pytest
import torch

from core.messages import Params, Stop
from core.models import decoding
from core.models.decoding import Picker, is_out_of_memory

CHANCES = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()


def drawn(params: Params, times: int = 4000) -> Counter[int]:
    pick = Picker(params)
    return Counter(pick(CHANCES) for _ in range(times))


def test_greedy_takes_the_likeliest() -> None:
    assert drawn(Params(temperature=0), 10) == {0: 10}


def test_sampling_follows_the_chances() -> None:
    found = drawn(Params(temperature=1.0, seed=1))
    for token, chance in enumerate((0.5, 0.3, 0.15, 0.05)):
        assert found[token] / 4000 == pytest.approx(chance, abs=0.03)


def test_heat_flattens_and_cold_sharpens() -> None:
    assert drawn(Params(temperature=0.3, seed=1))[0] > 3200
    assert drawn(Params(temperature=5.0, seed=1))[0] < 1600


@pytest.mark.parametrize(
    ("top_p", "kept"), [(0.4, {0}), (0.5, {0}), (0.6, {0, 1}), (0.9, {0, 1, 2})]
)
def test_the_nucleus_is_the_smallest_set_that_reaches_top_p(top_p: float, kept: set[int]) -> None:
    assert set(drawn(Params(temperature=1.0, top_p=top_p, seed=1))) == kept


def test_the_prompt_is_read_in_pieces_and_never_twice(local) -> None:
    seen: list[int] = []
    hook = local._model.register_forward_pre_hook(
        lambda _model, _args, kwargs: seen.append(kwargs["input_ids"].shape[1]), with_kwargs=True
    )
    pick = Picker(Params())
    found = list(decoding.tokens(local._model, [9] * 700, pick, 4, Stop()))
    hook.remove()
    assert seen == [512, 188, 1, 1, 1] and len(found) == 4


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (MemoryError(), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_knows_what_a_full_device_says(error: Exception, wanted: bool) -> None:
    assert is_out_of_memory(error) is wanted
