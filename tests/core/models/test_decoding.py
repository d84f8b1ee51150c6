"""The next token: the nucleus holds the right tokens, and frequencies follow the chances."""

from collections import Counter
from types import SimpleNamespace

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
    prompt = [4 + i * i % 90 for i in range(700)]
    found = list(decoding.tokens(local._model, prompt, pick, 3, Stop()))
    hook.remove()
    assert seen[:2] == [512, 188] and len(found) == 3
    assert sum(seen) <= 700 + 2 * (1 + decoding.GUESSES)


def test_a_guess_is_what_followed_the_last_tokens_before() -> None:
    assert decoding.guess([1, 2, 3, 4, 5, 1, 2, 3]) == [4, 5, 1, 2, 3]
    assert decoding.guess([7, 2, 3, 8, 9, 1, 2, 3, 6, 2, 3]) == [6, 2, 3]
    assert decoding.guess([1, 2, 3, 4]) == decoding.guess([]) == decoding.guess([5]) == []
    assert len(decoding.guess([*range(50), 0, 1, 2])) == decoding.GUESSES


@pytest.mark.parametrize("limit", [1, 2, 9, 40])
def test_guessing_changes_no_token(local, limit: int) -> None:
    prompt = [*range(10, 40)] * 3
    found = list(decoding.tokens(local._model, prompt, Picker(Params()), limit, Stop()))
    known = list(prompt)
    with torch.inference_mode():
        for _ in range(limit):
            known.append(int(local._model(torch.tensor([known])).logits[0, -1].argmax()))
    assert found == known[len(prompt) :]


class Successor(torch.nn.Module):
    """A model that counts to 19 and begins again, with one surprise; it notes every pass."""

    device = torch.device("cpu")

    def __init__(self, config: object) -> None:
        super().__init__()
        self.config, self.passes = config, []

    def forward(self, input_ids: torch.Tensor, logits_to_keep: int, **_: object) -> SimpleNamespace:
        self.passes.append(input_ids.shape[1])
        following = (input_ids + 1) % 20
        following[input_ids == 7] = 11
        logits = torch.nn.functional.one_hot(following, 20).float()
        return SimpleNamespace(logits=logits[:, -logits_to_keep:])


@pytest.mark.parametrize(("temperature", "saves"), [(0, True), (0.001, False)])
def test_copying_takes_fewer_passes_when_greedy(local, temperature: float, saves: bool) -> None:
    model = Successor(local._model.config)
    prompt = [*range(20), 0, 1]
    pick = Picker(Params(temperature=temperature, seed=1))
    found = list(decoding.tokens(model, prompt, pick, 30, Stop()))  # type: ignore[arg-type]
    assert found == [*range(2, 8), *range(11, 20), *range(8), *range(11, 20)][:30]
    assert (len(model.passes) <= 8) is saves


def test_a_stop_ends_it_within_one_token_of_a_run_of_right_guesses(local) -> None:
    stop = Stop()
    going = decoding.tokens(
        Successor(local._model.config),  # type: ignore[arg-type]
        [*range(20), 0, 1],
        Picker(Params()),
        30,
        stop,
    )
    assert [next(going), next(going)] == [2, 3]
    stop.set()
    assert list(going) == []


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
