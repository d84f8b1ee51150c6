"""Comparisons: the verdict first, paired differences, flips; what is refused, with its reason."""

from dataclasses import replace

import pytest

from core.present.measured import Range, Way, pareto
from pages import _evals_compare
from pages._evals_asked import Asked
from pages._evals_desk import Desk
from tests.pages.runs import kept, outcomes

AT = Asked(view="compare", compare=("r1", "r2"))


@pytest.fixture
def two(desk: Desk) -> Desk:
    """Two runs of 20: one wrong in the last ten, one right but for the first."""
    evals = desk.services.evals
    kept(evals, outcomes(10, 10), name="naive")
    better = ["wrong", *outcomes(19)]
    kept(evals, better, id="r2", method="cot", name="<cot>", slow=0.5)  # pyright: ignore
    return desk


def test_the_verdict_is_the_first_sentence(two: Desk):
    head = _evals_compare.show(two, AT).head
    assert "<h1>&lt;cot&gt; is better by 45 points" in head
    assert "McNemar p=" in head
    assert head.index("<h1>") < head.index("Every measure")
    assert "20\u00a0samples in common." in head


def test_differences_are_paired_with_interval_and_direction(two: Desk):
    table = _evals_compare.show(two, AT).head.partition("Every measure")[2]
    row = table.partition("Pass rate")[2].partition("</tr>")[0]
    assert "50\u2009%" in row
    assert "95\u2009%" in row
    assert "▲ better" in row
    assert "+45.0" in row


def test_what_broke_comes_before_what_was_mended(two: Desk):
    body = _evals_compare.show(two, AT).head
    assert body.index("Right before, wrong now") < body.index("Wrong before, right now")
    broken = body.partition("Wrong before, right now")[0]
    assert "What is 0 + &lt;b&gt;1" in broken
    assert "<del>" in broken
    assert "<ins>" in broken
    assert "slower now" in broken
    assert "pkg/sums.py:10-12" in broken
    assert "10</b> ✕ → ✓ wrong to right" in body
    assert "1</b> ✓ → ✕ right to wrong" in body
    assert body.count('<li class="flip">') == 1 + 3


def test_all_of_one_kind_can_be_paged_through(two: Desk):
    body = _evals_compare.show(two, replace(AT, outcome="fixed", page=2)).head
    assert "Right before" not in body
    assert body.count('<li class="flip">') == 5
    assert "6–10 of 10" in body


def test_the_forest_holds_every_difference_with_its_interval(two: Desk):
    charts = _evals_compare.show(two, AT).charts
    forest = charts[0]
    assert round(forest.data[0].x[0]) == 45
    assert all(trace.error_x.visible is not False for trace in forest.data)
    assert forest.layout.xaxis.title.text == "points, second minus first"


def test_where_nothing_differs_it_says_what_would_have_been_shown(desk: Desk):
    kept(desk.services.evals, outcomes(10, 10))
    kept(desk.services.evals, outcomes(10, 10), id="r2")
    shown = _evals_compare.show(desk, AT)
    assert "<h1>No difference shown" in shown.head
    assert "No sample that both judged came out differently." in shown.head


def test_other_versions_of_a_suite_are_refused_in_words(desk: Desk):
    kept(desk.services.evals, outcomes(3))
    kept(desk.services.evals, outcomes(3), id="r2", version="v2")
    head = _evals_compare.show(desk, AT).head
    assert "These runs cannot be compared." in head
    assert "different versions of sums: v1 and v2" in head
    assert "Run the older one again" in head


def test_three_runs_are_each_compared_with_the_first(two: Desk):
    kept(two.services.evals, outcomes(20), id="r3", method="rag", name="third")
    shown = _evals_compare.show(two, replace(AT, compare=("r1", "r2", "r3")))
    assert "third is better by 50 points" in shown.head
    assert "after Holm" in shown.head
    assert "naive against" in shown.head
    chosen = _evals_compare.show(two, replace(AT, compare=("r1", "r2", "r3"), run="r3"))
    assert "Right before, wrong now</h3><p" in chosen.head.replace(" </h3>", "</h3>")


def test_one_run_is_offered_those_of_its_suite_alone(two: Desk):
    kept(two.services.evals, outcomes(3), id="r4", suite="other", name="elsewhere")
    head = _evals_compare.show(two, replace(AT, compare=("r1",))).head
    assert "Which run is better?" in head
    assert "elsewhere" not in head
    assert 'value="r1" checked' in head
    assert 'value="r2"' in head


def test_without_two_runs_there_is_a_way_to_make_one(desk: Desk):
    head = _evals_compare.show(desk, Asked(view="compare")).head
    assert "Two runs of one suite are needed" in head
    assert "New run" in head


def test_what_pays_off_is_joined_and_the_rest_is_not():
    ways = [
        Way("slow", Range(4.0, 3.0, 5.0), Range(80.0, 70.0, 90.0), is_best=True),
        Way("worse", Range(5.0), Range(60.0)),
        Way("quick", Range(1.0), Range(70.0), is_best=True),
    ]
    drawn = pareto("t", ways, "seconds", "right, %", ("studio", "dark"))
    assert list(drawn.data[0].x) == [1.0, 4.0]
    assert len(drawn.data) == 4
    assert drawn.data[1].error_y.array[0] == 10
    assert drawn.data[2].error_y.visible is False
