"""Runs are compared on the same samples, or refused in words."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Conflict
from core.measure.paired import holm
from eval.compare import Side, compare, compare_many, told

NAN = float("nan")


def side(name: str, passed: list, **more) -> Side:
    given = {
        "id": f"id-{name}",
        "name": name,
        "suite": "codeqa",
        "suite_version": "1" * 64,
        "criterion": "contains",
        "ids": [f"q{n}" for n in range(len(passed))],
        "passed": passed,
        "versions": {"contains": "1", "latency": "1"},
    }
    return Side(**{**given, **more})


def test_the_verdict_is_that_of_the_pass_rate():
    one, two = side("A", [1.0] * 40 + [0.0] * 60), side("B", [1.0] * 60 + [0.0] * 40)
    found = compare(one, two)
    assert found.verdict.sentence == (
        "B is better by 20 points (95 % 11.8 to 27.6, McNemar p<0.001)."
    )
    assert found.verdict.better == "second"
    assert found.fixed == tuple(f"q{n}" for n in range(40, 60))
    assert found.broken == ()
    assert found.counts() == {"both": 40, "fixed": 20, "broken": 0, "neither": 40, "unjudged": 0}


def test_samples_are_matched_by_item_and_not_by_place():
    one = side("A", [1.0, 0.0, 1.0], ids=["a", "b", "c"])
    two = side("B", [1.0, 1.0, 0.0, 1.0], ids=["c", "b", "a", "z"])
    found = compare(one, two)
    assert (found.n, found.only_first, found.only_second) == (3, 0, 1)
    assert (found.broken, found.fixed) == (("a",), ("b",))


def test_other_suites_and_versions_are_refused_with_why():
    one, two = side("A", [1.0, 0.0]), side("B", [1.0, 1.0])
    with pytest.raises(Conflict, match="different suites: codeqa and arith"):
        compare(one, replace(two, suite="arith"))
    with pytest.raises(Conflict, match="different versions of codeqa: 111111111111 and 222222222"):
        compare(one, replace(two, suite_version="2" * 64))
    with pytest.raises(Conflict, match="A and B have no sample in common") as raised:
        compare(one, replace(two, ids=["x", "y"]))
    assert raised.value.status == 409
    assert raised.value.hint == "Run both with the same seed and number of samples."


def test_what_one_did_not_judge_is_left_out_and_told():
    one = side("A", [1.0, 0.0, None, 1.0, 0.0])
    two = side("B", [1.0, 1.0, 1.0, NAN, 0.0])
    found = compare(one, two)
    assert found.rows[0].paired is not None
    assert found.rows[0].paired.n == 3
    assert found.counts()["unjudged"] == 2
    assert found.verdict.sentence.endswith(
        " 2 of 5 samples are left out: one of the two has no judged answer there."
    )


def test_every_measure_has_a_row_with_its_unit():
    one = side("A", [1.0] * 30, metrics={"latency": [2.0 + n / 100 for n in range(30)]})
    two = side("B", [1.0] * 30, metrics={"latency": [1.0 + n / 90 for n in range(30)]})
    row = compare(one, two).rows[1]
    assert (row.name, row.title, row.unit, row.better) == ("latency", "Latency", "s", "lower")
    assert row.verdict is not None
    assert row.verdict.sentence.startswith("B is better by 0.984 s (95 % ")


def test_scores_of_other_versions_are_not_compared():
    one, two = side("A", [1.0, 0.0]), side("B", [1.0, 1.0], versions={"contains": "2"})
    found = compare(one, two)
    assert found.rows[0].paired is None
    assert found.verdict.sentence == (
        "A and B are not compared. They were scored by versions 1 and 2 of contains; "
        "score the older one again."
    )


def test_a_score_only_one_has_says_so():
    one = side("A", [1.0, 0.0], metrics={"rouge_l": [0.5, 0.5], "mine": [1.0, 1.0]})
    rows = {row.name: row for row in compare(one, side("B", [1.0, 0.0])).rows}
    assert rows["rouge_l"].why == "B was not scored by it."
    assert rows["mine"].title == "mine"
    backwards = {row.name: row for row in compare(side("B", [1.0, 0.0]), one).rows}
    assert backwards["rouge_l"].why == "B was not scored by it."


def test_epochs_are_averaged_before_items_are_compared():
    ids = ["a", "b", "a", "b", "c", "c"]
    one = side("A", [1.0, 0.0, 0.0, 0.0, None, 1.0], ids=ids, clusters=["d", "e"] * 2 + ["f"] * 2)
    two = side("B", [1.0, 1.0, 1.0, 1.0, 1.0, 1.0], ids=ids)
    found = compare(one, two)
    row = found.rows[0].paired
    assert row is not None
    assert (row.n, row.test, row.first) == (3, "permutation", 0.5)
    assert found.ids == ("a", "b", "c")
    assert found.fixed == ("a", "b")


def test_samples_of_one_document_count_together():
    names = [f"d{n // 10}" for n in range(40)]
    one = side("A", [0.0] * 40, clusters=names)
    two = side("B", [1.0] * 10 + [0.0] * 30, clusters=names)
    found = compare(one, two)
    assert not found.verdict.is_shown
    assert "permutation by document" in found.verdict.sentence
    assert compare(side("A", [0.0] * 40), side("B", [1.0] * 10 + [0.0] * 30)).verdict.is_shown


def test_kinds_are_compared_apart():
    kinds = ["x"] * 20 + ["y"] * 20
    one = side("A", [0.0] * 40, kinds=kinds)
    two = side("B", [1.0] * 20 + [0.0] * 20, kinds=kinds)
    rows = compare(one, two).kinds
    assert [row.name for row in rows] == ["x", "y"]
    assert [row.verdict.is_shown for row in rows if row.verdict] == [True, False]
    assert compare(side("A", [0.0]), side("B", [1.0])).kinds == ()


def test_many_comparisons_are_corrected():
    base = side("A", [0.0] * 50 + [1.0] * 50)
    others = [side(f"B{n}", [1.0] * n + [0.0] * (50 - n) + [1.0] * 50) for n in (6, 7, 0)]
    alone = [compare(base, other) for other in others]
    together = compare_many([base, *others])
    raw = {str(n): each.rows[0].paired.p for n, each in enumerate(alone) if each.rows[0].paired}
    wanted = list(holm(raw).values())
    assert [each.rows[0].paired.holm for each in together if each.rows[0].paired] == wanted
    assert "after Holm" in together[1].verdict.sentence
    assert compare_many([base, others[0]])[0].rows[0].paired == alone[0].rows[0].paired
    assert compare_many([base]) == ()


def test_a_comparison_can_be_sent():
    one = side("A", [1.0, 0.0, 1.0], metrics={"latency": [1.0, 2.0, 3.0]}, kinds=["x", "y", "x"])
    found = told(compare(one, replace(one, name="B", passed=[0.0, 1.0, 1.0])))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["broken"], found["fixed"], found["samples"]) == (["q0"], ["q1"], 3)
    assert found["rows"][0]["paired"]["table"]["first"] == 1


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0, None]), st.sampled_from([0.0, 1.0, None]))))
@settings(max_examples=60, deadline=None)
def test_states_add_up_and_turn_with_the_sides(pairs: list):
    if not pairs:
        return
    one, two = (list(column) for column in zip(*pairs, strict=True))
    there, back = compare(side("A", one), side("B", two)), compare(side("B", two), side("A", one))
    assert sum(there.counts().values()) == len(pairs) == there.n
    assert (there.fixed, there.broken) == (back.broken, back.fixed)
    assert there.counts()["both"] == back.counts()["both"]


def test_numpy_columns_are_taken_as_they_are():
    rng = np.random.default_rng(0)
    ids = [f"q{n}" for n in range(3000)]
    one = side("A", [], ids=ids).__class__(
        "a", "A", "s", "v", "c", ids, (rng.random(3000) < 0.5).astype(float)
    )
    two = replace(one, name="B", passed=(rng.random(3000) < 0.6).astype(float))
    assert compare(one, two).verdict.better == "second"
