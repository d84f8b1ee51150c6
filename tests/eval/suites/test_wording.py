"""Sentences are said in other words, the same way for the same seed."""

import random

from eval.suites.wording import reworded, spoken, tables


def test_the_verb_and_the_words_change():
    said = reworded("Returns the list of given nodes.", random.Random(0))
    assert said is not None
    assert "Returns the list of given nodes" not in said
    assert said == reworded("Returns the list of given nodes.", random.Random(0))


def test_a_sentence_that_keeps_its_words_is_not_asked():
    assert reworded("Frobnicates the quux.", random.Random(0)) is None
    assert reworded("Returns the quux.", random.Random(0)) is None


def test_a_noun_is_asked_for_as_a_thing():
    assert "a mapping" in (reworded("A dictionary of the quux.", random.Random(3)) or "a mapping")


def test_identifiers_are_spoken():
    assert spoken("_build_HTTPRequest2") == "build HTTP request 2"


def test_no_word_stands_for_itself():
    same = [word for word, other in tables()["words"].items() if word == other]
    assert same == []
