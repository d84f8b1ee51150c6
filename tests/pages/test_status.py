"""Status as HTML: states in words, secrets never, jobs of others without a button."""

from dataclasses import replace

from core.messages import ModelCard
from core.models.catalog import Attempt, ModelState
from core.records import Job
from core.telemetry.health import Part, Report
from core.telemetry.process import Usage
from pages import _status
from tests.pages.made import WHEN

JOB = Job("j1", "train", "m:f", {}, "running", "me", WHEN, progress=0.42, status="step 3")
USAGE = Usage(300_000_000, 12.5, 20, 16_000_000_000, 8_000_000_000, 19_000, 78_000_000_000, 61)


def test_every_state_has_a_word_beside_its_sign():
    for state, word in _status.WORDS.items():
        shown = _status._part(Part("model", state, "because"))
        assert word in shown
        assert "Because." in shown
        assert len(word.split()) > 1


def test_a_job_can_be_ended_by_its_owner_alone_and_only_while_it_runs():
    assert 'data-act="cancel-job" data-id="j1"' in _status.jobs([JOB], "me")
    others = _status.jobs([JOB], "you")
    assert "cancel-job" not in others
    assert "step 3" not in others
    assert "cancel-job" not in _status.jobs([replace(JOB, state="failed")], "me")
    assert ">42</td>" in _status.jobs([JOB], "me")


def test_an_empty_queue_says_what_will_be_there():
    assert _status.NO_JOBS in _status.jobs([], "me")


def test_what_is_not_measured_is_a_dash():
    card = ModelCard("m", "endpoint", "m at gpu")
    state = ModelState("ready", card, "it answers", (Attempt("endpoint", "chosen"),), None, WHEN)
    shown = _status.running(Report("ok", "Fine.", ()), state, {})
    assert "<dt>Context</dt><dd>—</dd>" in shown
    assert "<b>endpoint</b> Chosen." in shown


def test_the_figures_of_the_probe_are_shown_with_their_unit():
    state = ModelState("ready", None, "", (), None, WHEN)
    shown = _status.running(Report("ok", "Fine.", ()), state, {"fp32": 200.0, "bf16": 900.0})
    assert "fp32 200\u2009GFLOP/s · bf16 900\u2009GFLOP/s" in shown


def test_every_card_says_where_its_number_is_from():
    totals = {"calls": 0, "tokens_in": 0, "tokens_out": 0, "errors": 0}
    shown = _status.cards(USAGE, totals, 2, (), "now")
    assert shown.count('class="card"') == shown.count(">measured</span>") == 6
    assert "300\u2009MB" in shown
    assert "Nothing was asked yet" in shown


def test_the_curve_spans_its_box_and_needs_two_readings():
    assert "polyline" not in _status._curve([(0, 1)])
    assert 'points="0.0,12.0 100.0,2.0"' in _status._curve([(5, 1), (9, 2)])
    assert "polyline" in _status._curve([(0, 0), (1, 0)])


def test_strangers_get_no_button_that_makes_the_server_work():
    assert "Check again" in _status.overview(Report("ok", "Fine.", ()), "", public=False)
    assert "Check again" not in _status.overview(Report("ok", "Fine.", ()), "", public=True)
