"""What changed between two answers to one item."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import Gold
from eval.flips import WORDS, flip
from tests.eval.scorers.cases import evidence, item, sample


def test_words_that_changed_are_told_apart():
    found = flip(item(), sample("It is 5 by default."), sample("It is None by default."))
    assert [(piece.change, piece.text) for piece in found.words] == [
        ("same", "It is "),
        ("gone", "5"),
        ("new", "None"),
        ("same", " by default."),
    ]
    assert found.seconds is None
    assert not found.is_cut


def test_passages_have_their_ranks_in_both():
    asked = item("?", "x", gold=(Gold("a.py", (200, 250)),))
    one, two, three = evidence("one", "two", "three")
    found = flip(asked, sample("", evidence=(one, two)), sample("", evidence=(two, three)))
    assert [(p.place, p.first, p.second, p.change, p.is_gold) for p in found.passages] == [
        ("a.py:2-2", 2, 1, "same", True),
        ("a.py:3-3", None, 2, "new", False),
        ("a.py:1-1", 1, None, "gone", False),
    ]


def test_time_is_second_minus_first():
    assert flip(item(), sample("", seconds=2.0), sample("", seconds=0.5)).seconds == -1.5
    assert flip(item(), sample("", seconds=2.0), sample("")).seconds is None


def test_long_answers_are_compared_by_their_beginning():
    found = flip(item(), sample("a " * WORDS), sample("b " * WORDS))
    assert found.is_cut
    assert [(piece.change, len(piece.text)) for piece in found.words] == [
        ("gone", WORDS),
        ("new", WORDS),
    ]


def test_of_answers_that_repeat_themselves_less_is_compared():
    found = flip(item(), sample("on and on " * 500), sample("and on on " * 500))
    assert found.is_cut
    assert sum(piece.text.count("on") for piece in found.words) < 500
    short = flip(item(), sample("on and on " * 20), sample("and on on " * 20))
    assert not short.is_cut


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_both_answers_can_be_read_from_the_pieces(one: str, two: str):
    pieces = flip(item(), sample(one), sample(two)).words
    assert "".join(p.text for p in pieces if p.change != "new") == one
    assert "".join(p.text for p in pieces if p.change != "gone") == two
