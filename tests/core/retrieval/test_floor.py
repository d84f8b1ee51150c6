"""What the best candidates hold, what none can hold and the nearest vector decide together."""

from dataclasses import replace

import pytest

from core.documents import Chunk
from core.retrieval.floor import BY_MEANING, BY_WORDS, LARGE, LOOKED, Floor, evidence
from core.seams import Asked, Candidate

BREAD = Asked(
    "warm bread zzyzx", {"warm": 1.0, "bread": 1.0, "zzyzx": 2.0}, frozenset({"zzyzx"}), LARGE
)
KNOWN = Asked("warm bread", {"warm": 1.0, "bread": 1.0}, chunks=LARGE)


def holding(*texts: str) -> list[Candidate]:
    return [Candidate(Chunk("a", 1, 1, text), {}) for text in texts]


def test_evidence_is_what_one_candidate_holds_and_what_none_can():
    assert evidence(BREAD, holding("bread", "warm")) == (0.25, 0.5)
    assert evidence(BREAD, holding("warm bread")) == (0.5, 0.5)
    assert evidence(KNOWN, []) == (0.0, 0.0)
    assert evidence(KNOWN, holding(*["x"] * LOOKED, "warm bread")) == (0.0, 0.0)


@pytest.mark.parametrize(("chunks", "counts"), [(LARGE // 2, 0.25), (LARGE, 0.5), (9 * LARGE, 0.5)])
def test_a_missing_word_counts_for_less_in_a_small_corpus(chunks: int, counts: float):
    assert evidence(replace(BREAD, chunks=chunks), []) == (0.0, counts)


def test_the_sum_is_measured_from_the_level():
    floor = Floor(covered=2.0, unknown=-1.0, nearest=0.5, level=0.25)
    assert floor(BREAD, holding("warm bread"), 0.8) == pytest.approx(1.0 - 0.5 + 0.4 - 0.25)


@pytest.mark.parametrize("floor", [BY_WORDS, BY_MEANING])
def test_what_is_held_is_relevant_and_what_is_unknown_is_not(floor: Floor):
    assert floor(KNOWN, holding("warm bread"), 0.6) > 0
    assert floor(BREAD, holding("x"), 0.1) < 0


def test_a_near_vector_makes_up_for_other_words():
    other = holding("x", "bread")
    assert BY_MEANING(KNOWN, other, 0.6) > 0 > BY_MEANING(KNOWN, holding("x"), 0.1)
