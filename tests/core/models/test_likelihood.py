"""How likely a text is: as computed token by token, whatever it is batched with."""

import math

import pytest
import torch

from core.models import likelihood
from core.models.local import Local
from core.seams import Likelihoods
from tests.core.models.asking import settings

PROMPT = "Question: what is a list?\nAnswer:"
TEXTS = [" a", " a sequence of things", " nothing at all", " x" * 40, " a", "", " é", " 12", " b"]


def by_hand(model: Local, prompt: str, text: str) -> float:
    """Add the log-probabilities one token at a time, each from its own prefix."""
    tokens, whole = model._prompter.raw(prompt), model._prompter.raw(prompt + text)
    total = 0.0
    for at in range(len(tokens), len(whole)):
        with torch.inference_mode():
            logits = model._model(torch.tensor([whole[:at]])).logits[0, -1].float()
        total += float(torch.log_softmax(logits, -1)[whole[at]])
    return total


def test_it_is_the_sum_of_every_token(local) -> None:
    assert isinstance(local, Likelihoods)
    found = local.loglikelihood(PROMPT, TEXTS)
    assert found == pytest.approx([by_hand(local, PROMPT, text) for text in TEXTS], abs=2e-3)
    assert found[0] == pytest.approx(found[4], abs=1e-4)
    assert found[5] == 0
    assert all(value <= 0 for value in found)


def test_all_next_tokens_together_are_certain(local) -> None:
    before = local._prompter.raw(PROMPT)
    rows = [(before, [token]) for token in range(local._model.config.vocab_size)]
    sums = likelihood.sums(local._model, rows, 0)
    assert math.fsum(math.exp(value) for value in sums) == pytest.approx(1, abs=1e-3)


def test_spaces_at_the_end_of_the_prompt_belong_to_the_text() -> None:
    def encode(text: str) -> list[int]:
        return [len(word) for word in text.replace(" ", " |").split("|") if word]

    assert likelihood.pairs(encode, "ab ", ["cd"], 100) == likelihood.pairs(
        encode, "ab", [" cd"], 100
    )


def test_what_does_not_fit_loses_its_oldest_tokens() -> None:
    found = likelihood.pairs(lambda text: [ord(letter) for letter in text], "abcdef", ["gh"], 4)
    assert found == [([ord("e"), ord("f")], [ord("g"), ord("h")])]
    long = likelihood.pairs(lambda text: [ord(letter) for letter in text], "ab", ["cdefgh"], 4)
    assert long == [([ord("e")], [ord("f"), ord("g"), ord("h")])]


def test_an_empty_prompt_starts_from_the_end_token(local) -> None:
    assert len(local.loglikelihood("", ["def f", "x"])) == 2


def test_a_model_that_was_unloaded_says_so(tiny_model) -> None:
    from core.errors import ModelError

    model = Local(tiny_model, settings())
    model.close()
    with pytest.raises(ModelError, match="unloaded"):
        model.loglikelihood("a", ["b"])
