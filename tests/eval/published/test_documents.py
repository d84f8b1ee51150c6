"""What a bundle says of a run: names told apart, figures with intervals, where they are from."""

from dataclasses import replace
from typing import Any

from core.present.numbers import DASH
from eval.published import documents
from tests.eval import _runs


def figure(**more: Any) -> dict[str, Any]:
    return {"mean": 0.25, "low": 0.1, "high": 0.5, "hits": 5, "n": 20, "how": "Wilson", **more}


def told(**report: Any) -> dict[str, Any]:
    samples = {"total": 20, "done": 20, "failed": 1, "cached": 0}
    return {"name": "A run", "criterion": "contains", "report": {"samples": samples, **report}}


def test_names_become_files_that_are_told_apart():
    assert documents.slugs(["Code, alone!", "code alone", "…", "../../etc"]) == [
        "code-alone",
        "code-alone-2",
        "run",
        "etc",
    ]


def test_the_pass_rate_comes_first_with_its_interval():
    cards = documents.cards(told(passed=figure(), scores={}))
    assert cards[0]["label"] == "Right answers" and cards[0]["figure"] == "25 %"
    assert cards[0]["below"] == "95 % 10 to 50 %, 5 of 20"


def test_unmeasured_is_a_dash_and_unscored_is_told():
    scores = {
        "faithfulness": {"1": {"n": 0, "unscored": 20}},
        "tokens": {"1": {**figure(mean=88.75, low=80.0, high=90.0), "unscored": 2}},
        "contains": {"1": figure(unscored=0)},
    }
    cards = {card["label"]: card for card in documents.cards(told(scores=scores))}
    assert cards["Right answers"]["figure"] == DASH
    assert cards["Faithfulness"]["figure"] == DASH
    assert cards["Faithfulness"]["below"] == "nothing was scored; 20 unscored"
    assert cards["Tokens"]["figure"] == "88.8 tokens" and "2 unscored" in cards["Tokens"]["below"]
    assert cards["Time for an answer"]["below"] == "not measured"
    assert "Contains" not in cards


def test_two_versions_of_a_scorer_are_two_cards():
    scores = {"token_f1": {"1": figure(unscored=0), "2": figure(unscored=0)}}
    labels = [card["label"] for card in documents.cards(told(scores=scores))]
    assert "Token F1 1" in labels and "Token F1 2" in labels


def test_too_few_have_no_interval():
    assert documents.interval(figure(low=None, high=None)) == "too few for an interval"
    assert documents.sentence(told(passed=None)) == "A run has no sample that was judged."


def test_an_end_of_zero_is_told_as_zero():
    assert documents.interval(figure(low=3.5e-18, high=0.037)) == "95 % 0 to 3.7 %"


def test_the_origin_names_day_and_machine_and_what_was_taken_from_earlier():
    run = _runs.run()
    fresh = documents.origin(run, {"samples": {"cached": 0}})
    assert fresh["kind"] == "measured" and "20 Nov 2026" in fresh["said"]
    assert "Linux-6.18" in fresh["said"]
    again = documents.origin(run, {"samples": {"cached": 1}})
    assert again["kind"] == "replayed" and again["said"].endswith("1\u00a0answer from earlier runs")
    bare = documents.origin(replace(run, provenance={}), {})
    assert bare["said"] == "measured 20 Nov 2026, 09:30 UTC"
