"""Refusals, length, tools and cost: what they say, and when they say nothing."""

import pytest

from core.messages import ModelCard
from core.settings import Settings
from tests.eval.scorers.cases import evidence, item, sample, score, usage

NO = "The retrieved context does not say."


def test_refusals_are_judged_by_what_can_be_answered():
    closed, opened = item("?", answerable=False), item("?", "5")
    assert score("abstention", closed, NO).value == 1
    assert score("abstention", closed, "5").value == 0
    assert score("abstention", opened, NO).value is None
    assert score("false_refusal", opened, NO).value == 1
    assert score("false_refusal", opened, NO).passed is False
    assert score("false_refusal", opened, "5").passed is True
    assert score("false_refusal", closed, NO).value is None


def test_length_counts_words_without_citations():
    assert score("answer_length", item(), "It is `5` here [1].").value == 4
    assert score("answer_length", item(), "").value == 0


def step(kind: str, given: str, text: str = "", **more) -> dict:
    return {"kind": kind, "tool": "retrieve", "given": given, "text": text, "seconds": 0.1, **more}


def test_tool_calls_are_successful_failed_or_unnecessary():
    steps = (
        step("action", "a"),
        step("observation", "a", "[1] function f in a.py:1-2\ntext"),
        step("observation", "a", "[1] function f in a.py:1-2\ntext"),
        step("observation", "b", "[2] function g in a.py:3-4\ntext"),
        step("observation", "c", "Error: no", ok=False),
        step("refused", "d", "Error: refused", ok=False),
        step("observation", "e", "12"),
        {"kind": "thought", "text": "hm", "seconds": None},
    )
    answered = sample("It is f [1].", steps=steps, evidence=evidence("f", "g"))
    found = score("tool_efficiency", item(), answered)
    assert found.details == {"calls": 6, "successful": 4, "failed": 2, "unnecessary": 2}
    assert found.value == pytest.approx(2 / 6)


def test_without_citations_no_search_is_called_unnecessary():
    steps = (step("observation", "b", "[2] function g in a.py:3-4\ntext"),)
    answered = sample("It is f.", steps=steps, evidence=evidence("f", "g"))
    assert score("tool_efficiency", item(), answered).value == 1
    assert score("tool_efficiency", item(), sample("f")).why == "No tool was called."


def test_what_was_not_measured_is_not_zero():
    for name in ("latency", "first_token", "tokens", "gpu_seconds", "price"):
        found = score(name, item(), sample("x"), settings=Settings())
        assert found.value is None
        assert found.why
    uncounted = sample("x", usage=(usage(), usage(None)))
    assert score("tokens", item(), uncounted).why == "It was not measured."


def test_time_and_tokens_are_what_was_measured():
    answered = sample("x", seconds=3.5, first_token_s=0.2, usage=(usage(10, 5), usage(20, 1)))
    assert score("latency", item(), answered).value == 3.5
    assert score("first_token", item(), answered).value == 0.2
    found = score("tokens", item(), answered)
    assert (found.value, found.details) == (36, {"in": 30, "out": 6})


def test_gpu_seconds_are_those_of_calls_made_side_by_side():
    answered = sample("x", usage=(usage(seconds=2.0), usage(seconds=4.0)))
    gpu = ModelCard("m", "local", "m", device="cuda:0")
    assert score("gpu_seconds", item(), answered, card=gpu, at_once=3).value == 2
    unknown = score("gpu_seconds", item(), answered, card=ModelCard("m", "endpoint", "m"))
    assert unknown.value == 6
    assert "unknown" in unknown.details["note"]
    cpu = score("gpu_seconds", item(), answered, card=ModelCard("m", "local", "m", device="cpu"))
    assert (cpu.value, cpu.why) == (None, "The model ran on: cpu.")


def test_prices_come_from_the_table():
    settings = Settings(prices="org/big=2.5/10, small = 1.2/h")
    answered = sample("x", usage=(usage(1000, 100, 3.0),))
    big, small = (ModelCard(name, "endpoint", name) for name in ("org/big", "small"))
    found = score("price", item(), answered, card=big, settings=settings)
    assert found.value == pytest.approx(1000 * (1000 * 2.5 + 100 * 10) / 1e6)
    hourly = score("price", item(), answered, card=small, settings=settings, at_once=2)
    assert hourly.value == pytest.approx(1000 * 1.5 / 3600 * 1.2)
    other = ModelCard("other", "endpoint", "other")
    unpriced = score("price", item(), answered, card=other, settings=settings)
    assert unpriced.why == "PRICES has no price for the model other."
