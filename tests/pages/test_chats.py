"""What stands around a conversation: the button to its evidence, the welcome, a step."""

from pages import _starters, _turns
from tests.pages.made import message

FOUND = [
    {"n": n, "path": f"{n}.py", "first_line": 1, "last_line": 2, "text": "x = 1"}
    for n in range(1, 5)
]
WORDS = "One [1], four [4] and two [2]."


def test_the_button_under_an_answer_counts_what_is_cited():
    shown = _turns.answer(message(1, "assistant", WORDS, {"evidence": FOUND}))
    assert "3 of 4\u00a0sources cited" in shown


def test_the_welcome_of_a_model_promises_no_evidence():
    assert "evidence" not in _starters.welcome(None)


def test_a_step_is_a_sentence():
    step = {"kind": "retrieve", "text": "Searched the docs: 4 sections", "seconds": 0.000239}
    shown = _turns.answer(message(1, "assistant", WORDS, {"steps": [step]}))
    assert "<li>Searched the docs: 4 sections in 0.239\u2009ms.</li>" in shown
