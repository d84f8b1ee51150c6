"""The ranking of a suite, the suites themselves, and one question by itself."""

from pathlib import Path

from pages import _evals_board, _evals_one, _evals_suites
from pages._evals_asked import Asked
from pages._evals_desk import Desk
from tests.pages.runs import kept, outcomes

BOARD = Asked(view="leaderboard", suite="sums")


def test_of_equally_large_runs_the_ranking_takes_the_newest_of_each_way_best_first(desk: Desk):
    evals = desk.services.evals
    kept(evals, outcomes(20), id="r1", name="early")
    kept(evals, outcomes(5, 15), id="r2", name="late")
    kept(evals, outcomes(15, 5), id="r3", name="steps", method="cot")
    kept(evals, outcomes(20), id="r4", name="broken off", method="chat", state="failed")
    shown = _evals_board.show(desk, BOARD)
    assert "<h1>Step by step leads with 75" in shown.head
    assert "early" not in shown.head
    assert "broken off" not in shown.head
    assert shown.head.index("steps") < shown.head.index(">late<")
    assert "compare=r3,r2" in shown.head
    (chart,) = shown.charts
    assert [trace.x[0] for trace in chart.data] == [75, 25]


def test_a_small_run_made_later_does_not_hide_a_large_one(desk: Desk):
    evals = desk.services.evals
    kept(evals, outcomes(10, 10), id="r1", name="whole")
    kept(evals, outcomes(4), id="r2", name="a taste")
    head = _evals_board.show(desk, BOARD).head
    assert "whole" in head and "a taste" not in head


def test_runs_of_an_older_version_are_not_ranked_with_the_newer(desk: Desk):
    kept(desk.services.evals, outcomes(20), id="r1", version="v0", method="cot", name="older")
    kept(desk.services.evals, outcomes(5, 15), id="r2", name="newer")
    head = _evals_board.show(desk, BOARD).head
    assert "older" not in head.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "1\u00a0run answers an older version" in head


def test_without_a_run_the_ranking_says_what_it_will_show(desk: Desk):
    shown = _evals_board.show(desk, Asked(view="leaderboard"))
    assert "Nothing is ranked yet." in shown.head
    assert "view=new" in shown.head
    assert shown.charts == ()


def test_every_suite_has_a_card_and_its_own_page(desk: Desk):
    shown = _evals_suites.show(desk, Asked(view="datasets"))
    assert "4\u00a0suites with " in shown.head
    assert 'id="bring"' in shown.body
    assert 'data-most="256000000"' in shown.body
    assert "up to 256\u2009MB" in shown.body
    one = _evals_suites.show(desk, Asked(view="datasets", dataset="arith", page=2))
    assert "v1/datasets/arith/export?format=jsonl" in one.head
    assert "evals-delete-suite" not in one.head
    assert "26–50 of 300" in one.body
    assert one.body.count('<tr><th scope="row">') == 25


def test_a_suite_that_was_brought_can_be_deleted(desk: Desk, tmp_path: Path):
    file = tmp_path / "mine.csv"
    file.write_text("question,answer\nWhat is <b>2</b>?,2\n", encoding="utf-8")
    desk.suites.suites.add("mine", file)
    shown = _evals_suites.show(desk, Asked(view="datasets", dataset="mine"))
    assert "evals-delete-suite" in shown.head
    assert "What is &lt;b&gt;2&lt;/b&gt;?" in shown.body
    _evals_suites.delete(desk, "mine")
    assert "5\u00a0suites" not in _evals_suites.show(desk, Asked(view="datasets")).head


def test_one_question_is_there_after_a_reload(desk: Desk):
    desk.services.catalog.warm()
    assert _evals_one.NOTHING in _evals_one.show(desk, Asked(view="one")).body
    fields = {"question": "What is <i>1 + 1</i>?", "answer": "It is 2.", "reference": "2"}
    found = _evals_one.evaluate(desk, fields)
    assert found.outcome == "correct"
    later = _evals_one.show(desk, Asked(view="one", sample="0"))
    assert "The answer is right." in later.head
    assert "What is &lt;i&gt;1 + 1&lt;/i&gt;?" in later.body
    assert "contains@" in later.head
    assert "view=one&amp;sample=0" in _evals_one.show(desk, Asked(view="one")).body
