"""Scorers are found by name and version, and none stops a run."""

import pytest

from core.errors import BadInput, Stopped
from eval.scorers import SCORERS, apply, make, scorer
from eval.scorers.making import about
from tests.eval.scorers.cases import item, sample


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("exact", "Did you mean exact_match?"),
        ("rouge", "Did you mean rouge_l?"),
        ("faithfullness", "Did you mean faithfulness?"),
        ("zzz", "There are: exact_match,"),
    ],
)
def test_an_unknown_name_suggests_the_near_one(name: str, hint: str):
    with pytest.raises(BadInput) as raised:
        scorer(name)
    assert raised.value.hint.startswith(hint)


def test_a_version_may_be_named_and_must_be_there():
    assert make("contains@1").version == "1"
    assert about("Exact-Match").name == "exact_match"
    assert about("faithfulness@1-words").name == "faithfulness"
    with pytest.raises(BadInput, match="has version 1 here, not 7"):
        make("contains@7")


def test_a_scorer_that_fails_leaves_a_row():
    class Broken:
        name, version = "broken", "1"

        def score(self, item, sample):
            raise ZeroDivisionError("by nothing")

    found = apply(Broken(), item(), sample("x", epoch=2))
    assert (found.value, found.passed, found.epoch) == (None, None, 2)
    assert found.why == "The scorer failed: by nothing"
    assert found.details["outcome"] == "failed"
    assert "ZeroDivisionError" in found.details["trace"]


def test_a_stop_is_passed_on():
    class Stopping:
        name, version = "stopping", "1"

        def score(self, item, sample):
            raise Stopped("stop")

    with pytest.raises(Stopped):
        apply(Stopping(), item(), sample("x"))


@pytest.mark.parametrize("name", SCORERS)
def test_a_failed_sample_is_unscored_by_everyone(name: str):
    failed = sample("", error="unreachable", error_text="No server answers.")
    found = apply(make(name), item("?", "x"), failed)
    assert (found.value, found.passed) == (None, None)
    assert found.why == "The sample failed: No server answers."
    assert (found.run_id, found.item_id, found.scorer) == ("r1", "i1", name)


@pytest.mark.parametrize("name", SCORERS)
def test_odd_samples_get_a_row_from_everyone(name: str):
    odd = (sample(""), sample("\x00\ud800 [1][99] ```"), sample("7" * 20_000))
    for each in odd:
        for asked in (item(), item("?", ""), item("?", "x", answerable=False), item("?", "7")):
            found = apply(make(name), asked, each)
            assert found.scorer == name
            assert found.value is None or found.value >= 0
            assert found.value is not None or found.why


@pytest.mark.parametrize(
    "text", ["answer is" + " " * 500_000, " " * 500_000 + "[", "x " * 100_000, "1," * 200_000]
)
def test_long_texts_take_no_longer_than_their_length(text: str):
    for name in ("exact_match", "contains", "token_f1", "numeric", "rouge_l", "multiple_choice"):
        found = apply(make(name), item("?", "77", choices=("77", "78")), sample(text))
        assert found.value == 0
    assert apply(make("contains"), item("?", text), sample(text)).value is not None


def test_every_scorer_says_what_it_is():
    for name, each in SCORERS.items():
        assert name == each.name == each.find.__name__
        assert each.does.endswith(".")
        assert each.find.__doc__
