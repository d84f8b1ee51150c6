"""Each sign the reader looks at moves a candidate, whatever language or layout it is in."""

from collections.abc import Mapping

import pytest

from core.documents import Chunk
from core.retrieval.reader import READ, WEIGHTS, Reader, share, signs, words_of
from core.retrieval.words import tokens
from core.seams import Asked, Candidate


def asked(text: str, **weights: float) -> Asked:
    return Asked(text, {word: weights.get(word, 1.0) for word in tokens(text)})


def chunk(text: str, symbol: str = "", path: str = "a") -> Chunk:
    return Chunk(path, 1, 1, text, symbol=symbol)


def sign(name: str, question: str, one: Chunk, ranks: Mapping[str, int] | None = None) -> float:
    row = signs(asked(question), [Candidate(one, ranks or {})])[0]
    return row[list(WEIGHTS).index(name)]


def test_a_candidate_counts_by_its_place_among_the_nearest():
    first = sign("dense", "x", chunk("y"), {"dense": 1})
    assert first > sign("dense", "x", chunk("y"), {"dense": 2}) > 0
    assert sign("dense", "x", chunk("y"), {"lexical": 1}) == 0


def test_the_share_of_the_question_that_is_held_counts():
    assert sign("covered", "warm bread", chunk("bread")) == pytest.approx(0.5)
    assert sign("covered", "warm bread", chunk("bread", path="warm/a.md")) == pytest.approx(1)
    assert share({"warm": 3.0, "bread": 1.0}, {"bread"}) == pytest.approx(0.25)
    assert share({}, {"bread"}) == 0


def test_words_that_stand_side_by_side_count():
    assert sign("pairs", "warm bread oven", chunk("the oven, warm bread")) == pytest.approx(0.5)
    assert sign("pairs", "warm bread", chunk("bread, warm")) == 0
    assert sign("pairs", "bread", chunk("bread")) == 0


def test_a_name_whose_words_are_asked_for_counts():
    assert sign("named", "how is bread baked", chunk("", "Oven.bake_bread")) > 0.5
    assert sign("named", "how is bread baked", chunk("", "Oven.close")) == 0
    assert sign("named", "how is bread baked", chunk("bake bread")) == 0


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("warmes Brot backen", "Wie wir warmes Brot backen.", "Das Brot ist kalt, backen wir."),
        (
            "\u30d1\u30f3\u3092\u713c\u304f",
            "\u30d1\u30f3\u3092\u713c\u304f\u65b9\u6cd5",
            "\u9b5a\u3092\u716e\u308b",
        ),
    ],
)
def test_other_languages_are_read_alike(question: str, right: str, wrong: str):
    found = [Candidate(chunk(text), {"dense": 1}) for text in (wrong, right)]
    scores = Reader().score(asked(question), found)
    assert scores[1] > scores[0]


def test_weights_decide():
    found = [Candidate(chunk("warm bread"), {}), Candidate(chunk("x"), {"dense": 1})]
    only = dict.fromkeys(WEIGHTS, 0.0)
    assert Reader({**only, "dense": 1.0}).score(asked("warm bread"), found)[0] == 0
    assert Reader({**only, "pairs": 1.0}).score(asked("warm bread"), found) == [1.0, 0.0]
    assert Reader().score(asked("bread"), []) == []
    assert Reader().name() == "four signs, weighed"


def test_a_question_without_words_is_no_error():
    assert Reader().score(Asked("?!", {}), [Candidate(chunk("x"), {})]) == [0.0]


def test_of_a_very_long_text_the_beginning_is_read():
    assert "bread" not in words_of(chunk("filler " * READ + "bread"))
