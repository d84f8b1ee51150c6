"""The buttons of Evals against the real runs: begin, end, put away, bring back, label, keep."""

import csv
import zipfile

import pytest

from core.errors import BadInput, NotFound
from pages._evals_asked import Asked
from pages._evals_desk import Desk
from pages._evals_doing import do
from tests.pages.runs import kept, outcomes

HERE = Asked(view="run", run="r1")


def test_the_first_run_is_small_and_opens_at_once(desk: Desk):
    done = do(desk, Asked(), {"do": "first"})
    run = desk.evals.get(done.asked.run, desk.owner)
    assert (run.suite, run.total, run.state) == ("arith", 20, "queued")
    assert run.owner == desk.owner
    assert "A first look is queued." in done.said


def test_a_form_begins_a_run_and_a_sweep_several(desk: Desk):
    fields = {"suite": "arith", "n": "5", "seed": "1", "method": "cot", "name": "mine"}
    done = do(desk, Asked(view="new"), {"do": "start", "fields": fields})
    assert desk.evals.get(done.asked.run, desk.owner).config["n"] == 5
    both = {**fields, "methods": ["naive", "cot"]}
    done = do(desk, Asked(view="new"), {"do": "start", "fields": both})
    assert done.asked == Asked()
    assert desk.evals.list(desk.owner).total == 3


def test_what_is_wrong_with_the_form_is_said_while_it_is_filled_in(desk: Desk):
    done = do(desk, Asked(view="new"), {"do": "plan", "fields": {"suite": "arith", "n": "0"}})
    assert done.body is not None
    assert "✕" in done.body
    assert "Start" not in done.body
    with pytest.raises(BadInput):
        do(desk, Asked(view="new"), {"do": "start", "fields": {"suite": "arith", "n": "0"}})
    with pytest.raises(NotFound):
        do(desk, Asked(view="new"), {"do": "start", "fields": {"suite": "none such"}})


def test_a_run_is_put_away_and_brought_back(desk: Desk):
    kept(desk.services.evals, outcomes(2))
    gone = do(desk, HERE, {"do": "delete", "run": "r1", "back": "1"})
    assert gone.asked == Asked()
    assert 'data-do="restore" data-run="r1"' in gone.said
    assert desk.evals.list(desk.owner).total == 0
    do(desk, Asked(), {"do": "restore", "run": "r1"})
    assert desk.evals.list(desk.owner).total == 1


def test_a_label_needs_a_side_a_name_and_a_reason(desk: Desk):
    kept(desk.services.evals, outcomes(0, 1))
    at = {"do": "label", "run": "r1", "position": "0", "epoch": "0"}
    for fields in ({}, {"passed": "1"}, {"passed": "1", "name": "Ann", "reason": " "}):
        with pytest.raises(BadInput):
            do(desk, HERE, {**at, "fields": fields})
    do(desk, HERE, {**at, "fields": {"passed": "1", "name": "Ann", "reason": "It is."}})
    assert desk.evals.sample("r1", 0, 0, desk.owner).outcome == "correct"
    do(desk, HERE, {**at, "do": "unlabel"})
    assert desk.evals.sample("r1", 0, 0, desk.owner).outcome == "wrong"


def test_a_configuration_is_kept_deleted_and_brought_back(desk: Desk):
    fields = {"suite": "arith", "method": "cot", "n": "7", "kept": "seven"}
    done = do(desk, Asked(view="new"), {"do": "save-config", "fields": fields})
    (saved,) = desk.evals.saved(desk.owner)
    assert (saved.name, saved.config["n"], done.asked.config) == ("seven", 7, saved.id)
    do(desk, Asked(view="new"), {"do": "delete-config", "config": saved.id})
    assert desk.evals.saved(desk.owner) == []
    do(desk, Asked(view="new"), {"do": "restore-config", "config": saved.id})
    assert len(desk.evals.saved(desk.owner)) == 1


def test_a_run_is_written_as_a_file(desk: Desk):
    kept(desk.services.evals, outcomes(2, 1), name="my/run: one")
    done = do(desk, HERE, {"do": "export", "run": "r1", "fields": {"form": "csv"}})
    assert done.file is not None
    assert done.file.name == "my-run-one.csv"
    with done.file.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 3


def test_runs_are_published_as_a_bundle(desk: Desk):
    kept(desk.services.evals, outcomes(2, 1))
    done = do(desk, HERE, {"do": "publish", "runs": "r1"})
    assert done.file is not None
    names = zipfile.ZipFile(done.file).namelist()
    assert any(name.endswith("index.html") for name in names)


def test_one_question_is_evaluated_and_kept(desk: Desk):
    desk.services.catalog.warm()
    fields = {"question": "What is 1 + 1?", "answer": "It is 2.", "reference": "2"}
    done = do(desk, Asked(view="one"), {"do": "one", "fields": fields})
    assert done.asked == Asked(view="one", sample="0")
    with pytest.raises(BadInput, match="no question"):
        do(desk, Asked(view="one"), {"do": "one", "fields": {"answer": "2"}})


@pytest.mark.parametrize("given", [{}, {"do": "drop table"}, {"do": "label", "run": "r1"}])
def test_nonsense_is_refused_in_words(desk: Desk, given):
    with pytest.raises(BadInput):
        do(desk, Asked(), given)
