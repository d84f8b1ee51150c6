"""Scores against references: hand-made, published, and by properties."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from eval.scorers.matching import number
from tests.eval.scorers.cases import item, sample, score


def test_exact_match_and_f1_as_in_squad():
    asked = item("Where?", "Denver Broncos", "The Denver Broncos")
    assert score("exact_match", asked, "the Denver Broncos.").value == 1
    assert score("exact_match", asked, "Broncos").value == 0
    found = score("token_f1", asked, "Broncos")
    # One word of two: precision 1, recall 1/2.
    assert found.value == pytest.approx(2 / 3)
    assert found.passed is True
    assert found.details["settings"] == {"pass_from": 0.5}


def test_the_setting_of_a_score_decides_and_is_kept():
    found = score("token_f1", item("?", "Denver Broncos"), "Broncos", options={"pass_from": 0.9})
    assert found.passed is False
    assert found.details["settings"] == {"pass_from": 0.9}


@pytest.mark.parametrize("name", ["exact_match", "contains", "token_f1", "rouge_l", "bleu"])
def test_what_cannot_be_answered_is_answered_by_a_refusal(name: str):
    asked = item("Which?", answerable=False)
    assert score(name, asked, "The retrieved context does not say.").value == 1
    assert score(name, asked, "It is 5.").value == 0


@pytest.mark.parametrize("name", ["exact_match", "contains", "numeric", "rouge_l", "bleu"])
def test_an_item_without_reference_is_unscored(name: str):
    found = score(name, item("Which?"), "It is 5.")
    assert (found.value, found.passed) == (None, None)
    assert found.why == "The item has no reference."


def test_an_empty_answer_is_wrong_and_not_unscored():
    for name in ("exact_match", "contains", "token_f1", "numeric", "rouge_l", "bleu"):
        found = score(name, item("?", "5"), "")
        assert (found.value, found.passed) == (0, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("38 - 6 = 32", "32"),
        ("He has 1,234.50 dollars.", "1234.50"),
        ("Steps: 3, 4.\n#### 12", "12"),
        ("The answer is $42, after 2 steps.", "42"),
        ("\\boxed{-7} done in 3", "-7"),
        ("−3 degrees", "-3"),
        ("a half: 1/2", "0.5"),
        ("from 10-20", "20"),
        ("v2 of it", None),
        ("none", None),
        ("1/0", None),
        (".5", "0.5"),
    ],
)
def test_the_number_of_an_answer(text: str, expected: str | None):
    found = number(text)
    assert found == (None if expected is None else Decimal(expected))


def test_numbers_are_compared_as_numbers():
    assert score("numeric", item("?", "#### 1,000"), "It is 1000.0").value == 1
    assert score("numeric", item("?", "1000"), "It is 1001").value == 0
    assert score("numeric", item("?", "1000"), "1001", options={"within": 0.01}).value == 1
    assert score("numeric", item("?", "x"), "1001").why == "No reference holds a number."


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("B", 1),
        ("(B)", 1),
        ("B. Paris", 1),
        ("The answer is B, I think", 1),
        ("It is Paris.", 1),
        ("A", 0),
        ("Rome or Paris", 0),
        ("neither", 0),
        ("", 0),
    ],
)
def test_multiple_choice(answer: str, value: float):
    asked = item("Capital?", "Paris", choices=("Rome", "Paris", "Bern"))
    found = score("multiple_choice", asked, answer)
    assert found.value == value
    lettered = item("Capital?", "b", choices=("Rome", "Paris", "Bern"))
    assert score("multiple_choice", lettered, answer).value == value


def test_a_choice_within_another_is_told_apart():
    asked = item("?", "New York", choices=("York", "New York"))
    assert score("multiple_choice", asked, "It is New York.").value == 1


def test_rouge_l_as_published():
    # Lin: ROUGE: A Package for Automatic Evaluation of Summaries (2004), section 3.1.
    asked = item("?", "police killed the gunman")
    assert score("rouge_l", asked, "the gunman kill police").value == pytest.approx(0.5)
    assert score("rouge_l", asked, "police killed the gunman [1]").value == 1


def test_bleu_is_that_of_sacrebleu():
    from sacrebleu import sentence_bleu

    said, references = "the cat sat on a mat", ["the cat sat on the mat", "a cat is on the mat"]
    found = score("bleu", item("?", *references), said)
    known = sentence_bleu(said, references).score / 100
    assert found.value == pytest.approx(known)
    assert "version:" in found.details["signature"]


def test_settings_that_no_scorer_has_are_refused():
    with pytest.raises(BadInput, match="Did you mean pass_from"):
        score("token_f1", item("?", "x"), sample("x"), options={"passfrom": 1})
    with pytest.raises(BadInput, match="is not a number"):
        score("token_f1", item("?", "x"), sample("x"), options={"pass_from": "high"})
    with pytest.raises(BadInput, match="It takes none"):
        score("contains", item("?", "x"), sample("x"), options={"k": 1})


@given(st.text(max_size=60), st.text(min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_scores_are_shares_and_an_exact_match_is_a_whole_f1(said: str, reference: str):
    asked = item("?", reference)
    exact = score("exact_match", asked, said).value
    shared = score("token_f1", asked, said).value
    assert exact in (0, 1)
    assert shared is not None
    assert 0 <= shared <= 1
    if exact == 1:
        assert shared == 1
