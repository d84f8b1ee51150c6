"""Columns: what each way cost and stands on, said only where it was measured."""

import re

import pytest

from core.assistant.comparison import COMPARED, Began, Kept
from core.assistant.way import DEFAULT, METHODS, Way
from core.messages import Delta
from core.retrieval.found import MODES
from core.seams import Step
from pages import _compared
from pages._growing import Growing, GrowingSides
from tests.pages.made import chat, message

NAIVE, HYBRID = Way("naive"), Way("rag")
TOLD = {"tokens_in": 1200, "tokens_out": 40, "kind": "local", "model": "m"}


def text(html: str) -> str:
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", html))


def question(*ways: Way, words: str = "Why?"):
    names = [{"method": way.method, "retrieval": way.retrieval} for way in ways]
    return message(0, "user", words, {COMPARED: names})


def answer(n: int, words: str, way: Way, **told):
    way_told = {"method": way.method, "retrieval": way.retrieval}
    return message(n + 1, "assistant", words, {**TOLD, COMPARED: n, "way": way_told, **told})


def test_every_method_and_every_search_can_be_chosen_and_keeps_what_else_is_set():
    made = _compared.ways([each.name for each in _compared.CHOICES], Way(corpus="lib", top_k=7))
    assert {way.method for way in made} == set(METHODS)
    assert {way.retrieval for way in made if way.method == "rag"} == set(MODES)
    assert {(way.corpus, way.top_k) for way in made} == {("lib", 7)}
    assert [_compared.name_of(way) for way in made] == [each.name for each in _compared.CHOICES]
    assert _compared.ways(["magic", "naive", None], DEFAULT) == [NAIVE]
    assert _compared.picker().count(" checked") == len(_compared.CHOSEN)


def test_a_column_says_what_was_measured_and_a_dash_for_the_rest():
    asked = question(NAIVE, HYBRID)
    found = [{"n": 1, "path": "a.py", "first_line": 1, "last_line": 1, "text": "x"}] * 2
    steps = [{"kind": "observation", "text": "8", "tool": "calculator"}]
    marks = [{"start": 0, "end": 3, "mark": "supported", "chunks": [1], "lines": [1, 1]}]
    whole = answer(0, "So [1].", NAIVE, seconds=0.25, evidence=found, steps=steps, marks=marks)
    told = text(_compared.conversation(chat(title="Why?"), [asked, whole]))
    for words in (
        "0.25\u2009s", "1,200 read, 40 written", "Tool calls 1", "of 2 cited", "✓&nbsp;1",
    ):  # fmt: skip
        assert words in told
    assert _compared.NEVER in told and "You" not in told.split("Model alone")[0]
    bare = answer(0, "So.", NAIVE, tokens_in=None, tokens_out=None)
    told = text(_compared.conversation(chat(), [asked, bare]))
    assert "Tokens —" in told and "Time measured —" in told and "Support —" in told


def test_the_finding_names_the_fastest_of_those_that_answered():
    asked = question(NAIVE, HYBRID, Way("agent"))
    made = [answer(0, "a", NAIVE, seconds=2.0), answer(1, "b", HYBRID, seconds=0.5)]
    made.append(answer(2, "", Way("agent"), seconds=0.01))
    told = _compared.conversation(chat(), [asked, *made])
    assert "Evidence by both was fastest, 0.5\u2009s; model alone took 2\u2009s." in told
    assert _compared.ONE in told
    assert "fastest" not in _compared.conversation(chat(), [asked, made[0]])


@pytest.mark.parametrize(("stages", "said"), [(["lexical"], True), (["lexical", "dense"], False)])
def test_a_search_that_used_no_vectors_though_asked_to_says_so(stages, said):
    passage = {"n": 1, "path": "a", "first_line": 1, "last_line": 1, "text": "x"}
    made = answer(0, "x", HYBRID, evidence=[{**passage, "found_by": stages}])
    shown = _compared.conversation(chat(), [question(HYBRID, NAIVE), made])
    assert (_compared.BY_WORDS in shown) is said
    by_words = Way("rag", retrieval="lexical")
    made = answer(0, "x", by_words, evidence=[{**passage, "found_by": stages}])
    assert _compared.BY_WORDS not in _compared.conversation(chat(), [question(by_words), made])


def test_a_long_question_is_shown_whole():
    words = "Why is that so? " * 10
    shown = _compared.conversation(chat(title="Why…"), [question(NAIVE, HYBRID, words=words)])
    assert words in shown


def test_what_is_done_is_told_apart_while_it_is_searched_read_and_written():
    growing = Growing(None, "Searching lib")
    assert growing.doing(lambda: "Loading").startswith("Loading")
    assert growing.doing(str).startswith("Searching lib, 0")
    growing.take(Step("retrieve", "Searched lib: nothing relevant was found"))
    assert growing.doing(str).startswith("Searched lib: nothing")
    growing.take(Delta("It "))
    assert growing.doing(lambda: "Loading").startswith("Writing")


def test_columns_grow_one_after_the_other():
    growing = GrowingSides([NAIVE, HYBRID], lambda way: f"first {way.method}")
    growing.take(Began(0))
    growing.take(Delta("one"))
    shown = growing.shown(str, True)
    assert "<p>one</p>" in shown and "Writing" in shown and shown.count(_compared.WAITS) == 1
    growing.take(Kept(0, answer(0, "one whole", NAIVE)))
    growing.take(Began(1))
    shown = growing.shown(str, True)
    assert "one whole" in shown and "first rag" in shown and _compared.WAITS not in shown
