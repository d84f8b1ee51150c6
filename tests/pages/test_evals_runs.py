"""The history of runs: what it says, how it is narrowed and sorted, what may be done."""

from dataclasses import replace

import pytest

from pages import _evals_runs
from pages._evals_asked import Asked
from pages._evals_desk import Desk
from tests.pages.runs import kept, outcomes


def test_an_empty_history_says_what_it_will_show_and_offers_a_first_run(desk: Desk):
    head = _evals_runs.show(desk, Asked()).head
    assert "Nothing has been measured yet." in head
    assert head.count('data-do="first"') == 1
    assert "<table" not in head
    assert "No run fits these filters." in _evals_runs.show(desk, Asked(state="failed")).head


def test_a_run_is_listed_with_its_share_and_interval(desk: Desk):
    kept(desk.services.evals, outcomes(5, 15), name="<b>sums</b>")
    head = _evals_runs.show(desk, Asked()).head
    assert "&lt;b&gt;sums&lt;/b&gt;" in head
    assert "<b>sums" not in head
    assert ">25.0<" in head
    assert "11.2 to 46.9" in head
    assert "✓ completed" in head
    assert "20 of 20" in head


def test_what_was_not_measured_is_a_dash_and_not_zero(desk: Desk):
    kept(desk.services.evals, (), total=4, state="failed")
    row = _evals_runs.show(desk, Asked()).head.partition("<tbody>")[2]
    assert row.count("—") == 2
    assert "0 of 4" in row
    assert 'name="chosen"' not in row


def test_filters_and_order_are_those_of_the_address(desk: Desk):
    evals = desk.services.evals
    kept(evals, outcomes(5, 5), id="r1", name="first")
    kept(evals, outcomes(9, 1), id="r2", name="second", method="cot")
    shown = _evals_runs.show(desk, Asked(method="cot")).head
    assert "second" in shown.partition("<tbody>")[2]
    assert "first" not in shown.partition("<tbody>")[2]
    best = _evals_runs.show(desk, Asked(sort="-passed")).head
    assert best.index(">second<") < best.index(">first<")
    assert 'aria-sort="descending"' in best
    worst = _evals_runs.show(desk, Asked(sort="passed")).head
    assert worst.index(">first<") < worst.index(">second<")


def test_only_what_is_mine_can_be_changed(desk: Desk):
    run = kept(desk.services.evals, outcomes(2), owner="")
    assert 'data-do="delete"' in _evals_runs.doing(desk, run)
    other = replace(run, owner="bob")
    assert _evals_runs.doing(desk, other) == ""


@pytest.mark.parametrize(
    ("state", "failed", "offered"),
    [
        ("running", 0, ["cancel"]),
        ("failed", 0, ["resume", "delete"]),
        ("completed", 3, ["resume", "delete"]),
        ("completed", 0, ["delete"]),
    ],
)
def test_what_can_be_done_follows_from_the_state(desk: Desk, state, failed, offered):
    run = replace(kept(desk.services.evals, outcomes(2)), state=state, failed=failed)
    shown = _evals_runs.doing(desk, run)
    assert [act for act in ("cancel", "resume", "delete") if f'data-do="{act}"' in shown] == offered


def test_a_deleted_run_is_out_of_sight_and_can_be_brought_back(desk: Desk):
    run = kept(desk.services.evals, outcomes(3))
    desk.evals.delete(run.id, desk.owner)
    assert "Nothing has been measured yet." in _evals_runs.show(desk, Asked()).head
    away = _evals_runs.show(desk, Asked(deleted=True)).head
    assert "1\u00a0deleted run." in away
    assert 'data-do="restore"' in away


def test_what_runs_now_is_told_in_words_and_by_a_bar(desk: Desk):
    kept(desk.services.evals, outcomes(3, 1), total=8, state="running")
    (run,) = _evals_runs.under_way(desk)
    shown = _evals_runs.live(desk, [run])
    assert "4 of 8 samples" in shown
    assert 'aria-valuenow="50"' in shown
    assert 'data-do="cancel"' in shown
