"""The fields of a way of answering: blanks and unknown words are the defaults."""

from datetime import UTC, datetime

import pytest

from core.assistant.way import DEFAULT, METHODS, Way
from core.records import Corpus
from core.retrieval.found import MODES
from pages._ways import DOES, FIRST, LABELS, SEARCHES, as_way, choices, told

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_fields_become_a_way() -> None:
    assert as_way("cot", "shop", "dense", 7) == (Way("cot", "shop", "dense", 7), "")
    assert as_way(None, None, None, None) == (DEFAULT, "")
    assert as_way("magic", "", "telepathy", 4) == (DEFAULT, "")


@pytest.mark.parametrize("many", [0, 21, 2.5, -1, float("inf")])
def test_a_number_of_passages_is_never_rounded_or_cut(many: float) -> None:
    way, wrong = as_way("rag", "", "hybrid", many)
    assert way.top_k == DEFAULT.top_k and "ask for 1 to 20" in wrong


def test_everything_there_is_has_a_label() -> None:
    assert set(LABELS) == set(DOES) == set(METHODS) and set(SEARCHES) == set(MODES)


def test_what_can_be_searched_is_offered_the_default_first() -> None:
    served = Corpus("shop", "The shop", {}, {}, "ready", 1, NOW, NOW)
    building = Corpus("new", "", {}, {}, "building", 0, NOW, NOW)
    assert choices([building, served]) == [(FIRST, ""), ("The shop", "shop")]


def test_a_corpus_is_named_where_it_is_searched() -> None:
    assert told(Way("agent", "shop")) == "agent · shop"
    assert told(Way("naive", "shop")) == "model alone"
