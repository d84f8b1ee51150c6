"""Multiple choice by what a local model finds likely."""

import pytest

from core.models.local import Local
from core.settings import Settings
from tests.eval.scorers.cases import item, score


class Preferring:
    """Finds each text as likely as it is told."""

    def __init__(self, *sums: float) -> None:
        self.sums, self.heard = sums, []

    def loglikelihood(self, prompt, continuations):
        self.heard.append((prompt, continuations))
        return list(self.sums)


def test_the_likeliest_choice_is_chosen_by_sum_or_by_byte():
    asked = item("Capital?", "Copenhagen", choices=("Rome", "Copenhagen"))
    model = Preferring(-4.0, -5.0)
    found = score("choice_likelihood", asked, "", generator=model)
    assert (found.value, found.details["chosen"], found.details["normalised"]) == (0, 0, 1)
    byte = score("choice_likelihood", asked, "", generator=model, options={"per_byte": 1})
    assert byte.value == 1
    assert model.heard[0] == ("Question: Capital?\nAnswer:", [" Rome", " Copenhagen"])


def test_a_model_that_cannot_tell_is_a_row():
    asked = item("Capital?", "Rome", choices=("Rome", "Bern"))
    assert "cannot say how likely" in score("choice_likelihood", asked, "").why


def test_items_without_choices_are_unscored():
    model = Preferring(-1.0)
    assert score("choice_likelihood", item("?", "x"), "", generator=model).value is None


@pytest.mark.parametrize("right", ["Rome", "B"])
def test_a_real_model_chooses(tiny_model, right: str):
    model = Local(tiny_model, Settings(device="cpu", dtype="fp32"))
    asked = item("Capital?", right, choices=("Rome", "Bern", "Oslo"))
    found = score("choice_likelihood", asked, "", generator=model)
    assert found.value in (0, 1)
    assert len(found.details["log_likelihoods"]) == 3
