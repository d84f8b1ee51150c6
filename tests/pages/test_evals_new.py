"""A new run: what it can show before it starts, what it takes, its YAML, what was kept."""

from pages import _evals_new
from pages._evals_asked import Asked
from pages._evals_desk import Desk
from tests.pages.runs import kept, outcomes

AT = Asked(view="new")


def test_the_form_says_what_so_many_samples_would_show(desk: Desk):
    body = _evals_new.plan(desk, {"suite": "arith", "n": 200, "method": "naive"})
    assert "200\u00a0samples would show a difference of 10" in body.replace(" points", " points")
    assert "method: naive" in body
    more = _evals_new.plan(desk, {"suite": "arith", "n": 300, "method": "naive"})
    assert "300\u00a0samples would show a difference of 8" in more


def test_what_was_never_timed_is_a_dash_with_its_reason(desk: Desk):
    body = _evals_new.plan(desk, {"suite": "arith", "n": 20, "method": "naive"})
    time = body.partition("<dt>Time</dt>")[2].partition("</div>")[0]
    assert "—" in time
    assert "modelled" not in time
    assert "never timed here" in body


def test_what_was_timed_is_told_with_the_run_it_comes_from(desk: Desk):
    kept(desk.services.evals, outcomes(9), suite="arith", name="timed")
    body = _evals_new.plan(desk, {"suite": "arith", "n": 18, "method": "naive"})
    time = body.partition("<dt>Time</dt>")[2].partition("</div>")[0]
    assert "3\u2009min" in time
    assert "modelled" in time
    assert "From timed, 9 samples" in body


def test_the_runs_of_others_tell_nothing(desk: Desk):
    kept(desk.services.evals, outcomes(9), suite="arith", name="secret", owner="ben")
    body = _evals_new.plan(desk, {"suite": "arith", "n": 18, "method": "naive"})
    assert "never timed here" in body
    assert "secret" not in body


def test_a_sweep_is_told_as_the_runs_it_makes(desk: Desk):
    config = {"suite": "arith", "n": 20, "matrix": {"method": ["naive", "cot"], "seed": [0, 1]}}
    body = _evals_new.plan(desk, config)
    assert "4\u00a0runs, one after the other." in body
    assert "Start 4 runs" in body
    assert body.partition("<dt>Model calls</dt>")[2].startswith('<dd class="num">80')


def test_the_form_opens_with_an_earlier_run_or_a_kept_configuration(desk: Desk):
    run = kept(desk.services.evals, outcomes(9), method="cot")
    head = _evals_new.show(desk, Asked(view="new", run=run.id)).head
    assert 'value="sums" selected' in head
    assert 'value="cot" selected' in head
    saved = desk.evals.save_config("my <way>", {"suite": "arith", "method": "cot"}, desk.owner)
    head = _evals_new.show(desk, Asked(view="new", config=saved.id)).head
    assert "my &lt;way&gt;" in head
    assert 'value="arith" selected' in head


def test_every_field_has_a_label_and_every_suite_is_offered(desk: Desk):
    head = _evals_new.show(desk, AT).head
    for suite in desk.suites.list(desk.owner):
        assert f'value="{suite.name}"' in head
    for name in ("suite", "n", "seed", "method", "corpus", "retrieval", "top_k", "model", "name"):
        assert f'<label for="run-{name}">' in head
        assert f'id="run-{name}"' in head
