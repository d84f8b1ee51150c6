"""What stands under an answer is what was measured, and nothing else."""

from dataclasses import replace

import pytest

from core.records import Feedback
from pages import _turns
from tests.pages.made import WHEN, chat, message

WHOLE = {
    "model": "tester",
    "kind": "endpoint",
    "finish": "stop",
    "tokens_in": 412,
    "tokens_out": 97,
    "tokens_reused": 380,
    "first_token_s": 0.3,
    "total_s": 1.9,
    "tokens_per_s": 61.04,
}


def test_the_figures_of_a_whole_answer():
    shown = _turns.facts(WHOLE, WHEN)
    assert "<b>tester</b>" in shown
    assert "412 (380 reused) read, 97\u00a0tokens written" in shown
    assert "0.3\u2009s to first token" in shown
    assert "61\u2009tok/s" in shown
    assert ">measured</span>" in shown


def test_what_was_not_measured_is_not_shown_and_gets_no_badge():
    shown = _turns.facts({"model": "tester", "kind": "endpoint"}, WHEN)
    assert shown.count("<span>") == 1
    assert "measured" not in shown
    assert "reused" not in _turns.facts({**WHOLE, "tokens_reused": None}, WHEN)


def test_only_the_last_answer_can_be_asked_again():
    talk = [message(i, "user" if i % 2 == 0 else "assistant", f"m{i}") for i in range(4)]
    assert _turns.turns(talk).count('data-act="retry"') == 1
    assert 'data-act="retry"' not in _turns.turns(talk, frozen=True)
    assert 'data-act="edit"' not in _turns.turns(talk, frozen=True)


def test_a_question_without_an_answer_offers_one():
    shown = _turns.turns([message(0, "user", "Anyone?")])
    assert _turns.INTERRUPTED in shown
    assert 'data-act="retry"' in shown


@pytest.mark.parametrize("finish", list(_turns.FINISHES))
def test_how_an_answer_ended_is_said(finish):
    shown = _turns.answer(message(1, "assistant", "x", {**WHOLE, "finish": finish}))
    assert _turns.FINISHES[finish] in shown


@pytest.mark.parametrize(("retryable", "buttons"), [(True, 2), (False, 1)])
def test_an_error_says_what_to_do_and_offers_a_retry_only_where_it_may_help(retryable, buttons):
    error = {"message": "It is <full>.", "hint": "Wait.", "code": "busy", "retryable": retryable}
    shown = _turns.answer(message(1, "assistant", "", {**WHOLE, "error": error}), last=True)
    assert "✕ It is &lt;full&gt;." in shown
    assert "busy · answer m1" in shown
    assert shown.count('data-act="retry"') == buttons


def test_what_a_person_typed_is_shown_as_typed():
    shown = _turns.question(message(0, "user", "<b>&\n  x"))
    assert "&lt;b&gt;&amp;\n  x</div>" in shown


def test_the_heading_counts_questions():
    talk = [message(0, "user", "a"), message(1, "assistant", "b"), message(2, "user", "c")]
    shown = _turns.heading(chat(), talk)
    assert "2\u00a0questions, begun <time" in shown
    assert 'datetime="2026-11-21T03:04:00+00:00">21 Nov 2026, 03:04 UTC</time>' in shown


def test_the_thumb_that_was_given_is_pressed_and_no_other():
    talk = [message(0, "user", "Well?"), message(1, "assistant", "Yes.")]
    assert _turns.turns(talk).count('aria-pressed="false"') == 2
    shown = _turns.turns(talk, thoughts={talk[1].id: _turns.Thought("down")})
    assert shown.count('aria-pressed="true"') == 1
    assert 'data-act="thumb" aria-pressed="true" data-way="down"' in shown
    assert "thumb" not in _turns.turns([message(0, "user", "Well?"), message(1, "assistant", "")])


def test_the_latest_version_stands_below_the_answer_which_stays():
    talk = [message(0, "user", "Well?"), message(1, "assistant", "Yes.")]
    row = Feedback("f", "c1", "m1", "up", "", "Well?", "Yes.", "m", "rag", WHEN)
    rows = [row, replace(row, kind="edited", comment="No."), replace(row, kind="copied")]
    rows.append(replace(row, kind="edited", comment="**Perhaps** <b>."))
    kept = _turns.thoughts(rows)
    assert kept == {"m1": _turns.Thought("up", "**Perhaps** <b>.")}
    shown = _turns.turns(talk, thoughts=kept)
    assert "<p>Yes.</p>" in shown and "No." not in shown
    assert "<strong>Perhaps</strong> &lt;b&gt;." in shown.split("Your version</h3>")[1]
    assert "Your version</h3>" not in _turns.turns(talk)


def test_a_chat_that_is_answered_elsewhere_says_so_and_offers_nothing():
    shown = _turns.turns([message(0, "user", "Well?")], frozen=True, elsewhere=True)
    assert _turns.ELSEWHERE in shown and 'data-act="retry"' not in shown


@pytest.mark.parametrize(("position", "choices"), [(1, 0), (3, 2)])
def test_a_chat_that_no_longer_fits_offers_what_can_help(position, choices):
    error = {"message": "Too long.", "hint": "Shorten it.", "code": "context_overflow"}
    shown = _turns.answer(message(position, "assistant", "", {**WHOLE, "error": error}), last=True)
    assert shown.count("data-overflow=") == choices
    assert "data-overflow" not in _turns.answer(message(3, "assistant", "", {"error": error}))
