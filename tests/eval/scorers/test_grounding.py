"""What answers stand on: support, citations, and what was found."""

from collections.abc import Sequence

import pytest

from core.documents import Evidence, Mark
from core.records import Gold
from tests.eval.scorers.cases import evidence, item, sample, score


class Halves:
    """Supports a sentence as far as its words stand in the evidence."""

    def name(self) -> str:
        return "words, halves"

    def score(self, sentence: str, evidence: Sequence[Evidence]) -> float:
        shown = " ".join(each.chunk.text for each in evidence)
        words = sentence.split()
        return sum(word in shown for word in words) / len(words)

    def marks(self, answer: str, evidence: Sequence[Evidence]) -> tuple[Mark, ...]:
        marks = []
        for part in answer.split(". "):
            share = None if part.startswith("Hello") else self.score(part, evidence)
            kind = "plain" if share is None else "supported" if share >= 0.5 else "unsupported"
            marks.append(Mark(part, 0, 0, kind, share))
        return tuple(marks)


def test_faithfulness_is_the_mean_of_what_is_claimed():
    answered = sample("Hello. red green. red purple brown", evidence=evidence("red green blue"))
    found = score("faithfulness", item(), answered, support=Halves())
    assert found.value == pytest.approx((1 + 1 / 3) / 2)
    assert found.passed is True
    assert found.version == "1-words-halves"
    assert found.details["unsupported"] == ["red purple brown"]
    made_up = score("hallucination", item(), answered, support=Halves())
    assert (made_up.value, made_up.passed) == (0.5, False)


@pytest.mark.parametrize(
    ("answer", "shown", "why"),
    [
        ("red", (), "Nothing was retrieved or given."),
        ("", evidence("red"), "The answer claims nothing: it is empty or a refusal."),
        (
            "The retrieved context does not say.",
            evidence("red"),
            "The answer claims nothing: it is empty or a refusal.",
        ),
        ("Hello", evidence("red"), "No sentence of the answer claims anything."),
    ],
)
def test_what_claims_nothing_is_unscored(answer: str, shown: tuple[Evidence, ...], why: str):
    found = score("faithfulness", item(), sample(answer, evidence=shown), support=Halves())
    assert (found.value, found.why) == (None, why)


def test_without_a_support_scorer_the_row_says_so():
    found = score("faithfulness", item(), sample("red", evidence=evidence("red")))
    assert found.value is None
    assert found.why.startswith("The scorer failed: This score needs a support scorer")


def test_citations_are_judged_by_the_gold_they_hold():
    gold = (Gold("a.py", (100, 150)), Gold("a.py", (210, 230)), Gold("a.py", (900, 950)))
    asked = item("?", "x", gold=gold)
    answered = sample("x [1], y [3].", evidence=evidence("one", "two", "three"))
    precise = score("citation_precision", asked, answered)
    assert precise.value == 0.5
    assert precise.details == {"cited": [1, 3], "good": [1]}
    assert score("citation_recall", asked, answered).value == pytest.approx(1 / 3)


def test_without_gold_a_cited_passage_must_hold_the_answer():
    asked = item("?", "purple")
    shown = evidence("the sky is purple", "the sea is green")
    assert score("citation_precision", asked, sample("p [1]", evidence=shown)).value == 1
    assert score("citation_precision", asked, sample("p [1][2]", evidence=shown)).value == 0.5
    assert score("citation_recall", asked, sample("p [2]", evidence=shown)).value == 0


def test_an_answer_that_cites_nothing_has_no_precision_and_no_recall():
    asked, answered = item("?", "one"), sample("one", evidence=evidence("one"))
    assert score("citation_precision", asked, answered).why == "The answer cites nothing."
    assert score("citation_recall", asked, answered).value == 0


def test_retrieval_is_ranked_against_every_gold_span():
    gold = (Gold("a.py", (300, 350)), Gold("b.py", (100, 150)))
    asked = item("?", "x", gold=gold)
    answered = sample("x", evidence=evidence("one", "two", "three"))
    assert score("retrieval_recall", asked, answered).value == 0.5
    assert score("retrieval_recall", asked, answered, options={"k": 2}).value == 0
    found = score("retrieval_mrr", asked, answered)
    assert found.value == pytest.approx(1 / 3)
    assert found.details["ranks"] == [3, None]
    assert "k=0 finds nothing" in score("retrieval_recall", asked, answered, options={"k": 0}).why


def test_a_chunk_counts_if_it_holds_half_of_the_gold_or_lies_half_in_it():
    half = item("?", "x", gold=(Gold("a.py", (125, 175)),))
    less = item("?", "x", gold=(Gold("a.py", (130, 180)),))
    answered = sample("x", evidence=evidence("one"))
    assert score("retrieval_recall", half, answered).value == 1
    assert score("retrieval_recall", less, answered).value == 0


def test_gold_passages_may_be_named_by_id_alone():
    asked = item("?", "x", gold=(Gold("c2"),))
    found = score("retrieval_mrr", asked, sample("x", evidence=evidence("one", "two")))
    assert found.value == 0.5


def test_a_search_that_found_nothing_is_a_zero_and_no_search_is_unscored():
    asked = item("?", "x", gold=(Gold("a.py", (1, 2)),))
    searched = sample("x", steps=({"kind": "retrieve", "text": "", "seconds": 0.1},))
    assert score("retrieval_recall", asked, searched).value == 0
    assert score("retrieval_recall", asked, sample("x")).value is None
    assert score("retrieval_recall", item("?", "x"), searched).value is None
