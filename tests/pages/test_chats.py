"""The evidence panel lists what is cited first, and says how much of it is."""

import re

from pages import _chats, _starters, _turns
from tests.pages.made import message

FOUND = [
    {"n": n, "path": f"{n}.py", "first_line": 1, "last_line": 2, "text": "x = 1"}
    for n in range(1, 5)
]
WORDS = "One [1], four [4] and two [2]."


def test_what_is_cited_comes_first_and_the_rest_is_told_apart():
    shown = _chats.evidence(FOUND, WORDS, lit=2)
    assert re.findall(r'id="passage-(\d)"', shown) == ["1", "2", "4", "3"]
    assert shown.index("Also found") < shown.index('id="passage-3"')
    assert "3 of 4\u00a0sources cited" in shown
    assert "Also found" not in _chats.evidence(FOUND[:2], WORDS)


def test_the_button_under_an_answer_counts_what_is_cited():
    shown = _turns.answer(message(1, "assistant", WORDS, {"evidence": FOUND}))
    assert "3 of 4\u00a0sources cited" in shown


def test_an_answer_without_evidence_is_not_reproached():
    assert "cites nothing" not in _chats.evidence([], "Words.")


def test_the_welcome_of_a_model_promises_no_evidence():
    assert "evidence" not in _starters.welcome(None)


def test_a_step_is_a_sentence():
    step = {"kind": "retrieve", "text": "Searched the docs: 4 sections", "seconds": 0.000239}
    shown = _turns.answer(message(1, "assistant", WORDS, {"steps": [step]}))
    assert "<li>Searched the docs: 4 sections in 0.239\u2009ms.</li>" in shown
