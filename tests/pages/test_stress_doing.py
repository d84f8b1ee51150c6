"""What Stress begins, ends, exports and takes in; the form says before what it comes to."""

import json

import pytest

from core.errors import BadInput, Forbidden, NotFound
from core.services import Services
from eval.stress import export
from eval.stress.plan import Asked as Config
from eval.stress.service import Listed, Stress
from pages import _stress_doing as doing
from pages import _stress_new as new
from pages import _stress_runs as runs
from pages._stress_asked import Asked
from pages._stress_desk import Desk
from tests import stressed

OWNER = "visitor"
FIELDS = {"scenario": "needle", "budget_mb": "32", "modes": ["memory", "flash"], "control": "1"}


@pytest.fixture
def desk(services: Services) -> Desk:
    return Desk(services, Stress(services.settings, services.jobs), OWNER)


def stored() -> str:
    return json.dumps(export.document(stressed.state()))


def test_the_form_begins_what_it_says_in_a_job_of_its_own(desk: Desk):
    done = doing.do(desk, Asked(), {"do": "start", "fields": FIELDS})
    job = desk.services.jobs.get(done.asked.run)
    assert (job.kind, job.owner, job.state) == ("stress", OWNER, "queued")
    assert done.asked.view == "run"
    assert job.args["asked"]["modes"] == ["memory", "flash"]
    assert [run.id for run in desk.under_way()] == [job.id]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, Config(scenario="needle", budget_mb=32)),
        ({"modes": "truncate"}, Config(scenario="needle", budget_mb=32, modes=("truncate",))),
        ({"control": ""}, Config(scenario="needle", budget_mb=32, control=False)),
        ({"folder": "/m", "slow_s": "2.5"}, Config(
            scenario="needle", budget_mb=32, model="/m", slow_s=2.5
        )),
        ({"modes": [], "url": "http://a"}, Config(
            scenario="needle", budget_mb=32, url="http://a"
        )),
    ],
)  # fmt: skip
def test_the_fields_are_what_is_asked_for(changed: dict, found: Config):
    assert new.config({**FIELDS, **changed}) == found


@pytest.mark.parametrize(
    "changed",
    [{"budget_mb": "much"}, {"budget_mb": "0"}, {"modes": []}, {"slow_s": "soon"}, {"url": "ftp:"}],
)
def test_what_makes_no_run_is_told_and_nothing_begins(desk: Desk, changed: dict):
    before = desk.stress.list()
    with pytest.raises(BadInput):
        doing.do(desk, Asked(), {"do": "start", "fields": {**FIELDS, **changed}})
    done = doing.do(desk, Asked(), {"do": "plan", "fields": {**FIELDS, **changed}})
    assert 'class="state failure"' in str(done.figures)
    assert desk.stress.list() == before


def test_the_plan_says_what_the_budget_holds_and_the_command_that_does_the_same(desk: Desk):
    told = new.planned(desk, FIELDS)
    assert "32\u2009MB hold at most" in told and ">modelled<" in told
    assert "Run both</button>" in told
    assert "python -m eval.stress run --scenario needle --mode both --budget 32MB" in told
    assert "Run both" not in new.planned(desk, {**FIELDS, "modes": ["flash"]})


def test_the_form_holds_what_the_address_says(desk: Desk):
    shown = new.show(desk, Asked(scenario="needle", budget="77"))
    own = next(each for each in desk.stress.scenarios() if each.name == "needle")
    assert f'value="needle" data-budget="{own.budget_mb}" checked' in shown.head
    assert 'value="77"' in shown.head
    assert new.show(desk, Asked(scenario="nowhere")).head.count(" checked><span><b>") == 1


def test_only_its_owner_ends_a_run_and_everybody_sees_it(desk: Desk):
    done = doing.do(desk, Asked(), {"do": "start", "fields": FIELDS})
    other = Desk(desk.services, desk.stress, "somebody else")
    given = {"do": "cancel", "run": done.asked.run}
    with pytest.raises(Forbidden):
        doing.do(other, done.asked, given)
    assert "Cancel" not in runs.show(other, Asked()).head
    assert "Watch" in runs.show(other, Asked()).head
    assert "Cancel" in runs.show(desk, Asked()).head
    doing.do(desk, done.asked, given)
    assert desk.stress.state(done.asked.run).state == "cancelled"


def test_a_run_is_exported_in_every_form_under_its_own_name(desk: Desk):
    id = desk.stress.bring(stored())
    for form in ("csv", "json", "html", "trace"):
        done = doing.do(desk, Asked(), {"do": "export", "run": id, "fields": {"form": form}})
        assert done.file and done.file.stat().st_size > 100
        assert done.file.name.startswith("stress-small-") and done.piece
    with pytest.raises(BadInput):
        doing.do(desk, Asked(), {"do": "export", "run": id, "fields": {"form": "exe"}})


def test_a_run_that_is_brought_is_stored_and_called_replayed(desk: Desk):
    given = {"do": "bring", "fields": {"name": "run.json", "text": stored()}}
    done = doing.do(desk, Asked(), given)
    assert desk.stress.state(done.asked.run).replayed
    told = runs.show(desk, Asked()).head
    assert ">replayed</span>" in told and "A small session" in told
    assert not desk.may_change(done.asked.run)
    assert "newest" in new.show(desk, Asked()).body


def test_a_trace_becomes_a_session_that_can_be_run(desk: Desk):
    line = json.dumps({"timestamp": 0, "input_length": 300, "output_length": 8, "hash_ids": [1]})
    given = {"do": "bring", "fields": {"name": "mine.jsonl", "text": f"{line}\n{line}\n"}}
    done = doing.do(desk, Asked(), given)
    assert done.asked.scenario == "mine"
    assert 'value="mine"' in new.show(desk, done.asked).head


def test_what_is_no_run_is_refused_in_words(desk: Desk):
    with pytest.raises(BadInput):
        doing.do(desk, Asked(), {"do": "bring", "fields": {"name": "x.json", "text": "{}"}})
    with pytest.raises(NotFound):
        doing.do(desk, Asked(), {"do": "export", "run": "nothing", "fields": {"form": "csv"}})
    with pytest.raises(BadInput):
        doing.do(desk, Asked(), {"do": "harm"})


def test_a_summary_that_is_cut_shows_what_is_whole_of_it(desk: Desk):
    listed = Listed(
        "x", "A session", "completed", stressed.WHEN, ("memory",), "", 1,
        "Without: died. With: 30 turns. The model lo…", False,
    )  # fmt: skip
    told = runs._row(desk, listed)
    assert "<p>With: 30 turns.</p>" in told and "The model lo" not in told
