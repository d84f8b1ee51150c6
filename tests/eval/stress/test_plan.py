"""What is asked for, scenarios, and what is said in their turns."""

import json
from pathlib import Path

import pytest

from core.documents import approximate_tokens
from core.errors import BadInput, NotFound
from eval.stress import plan
from eval.stress.__main__ import document, megabytes
from eval.stress.scenario import DEFAULT, Shelf, parse
from eval.stress.script import steps
from tests.eval.stress.making import SMALL, small


def test_what_is_asked_for_says_what_runs():
    assert plan.parse({}).lanes == ("memory", "flash", "control")
    assert plan.parse({"modes": ["flash"], "control": False}).lanes == ("flash",)
    assert plan.parse({"url": "http://gpu:8000/v1"}).lanes == ("endpoint",)
    assert plan.modes_of("both") == ("memory", "flash")
    assert plan.modes_of("truncate") == ("truncate",)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"modes": ["disk"]}, "Use one of memory, truncate, recompute, flash"),
        ({"mode": "flash"}, "mode is not a field"),
        ({"budget_mb": 0}, "budget_mb"),
        ({"url": "http://a/v1", "model": "bundled"}, "two models"),
        ({"url": "file:///etc/passwd"}, "must start with http"),
        ({"modes": ["flash", "flash"]}, "twice"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(given: dict, words: str):
    with pytest.raises(BadInput, match=words):
        plan.parse(given)


def test_budgets_are_written_as_people_write_them():
    assert megabytes("100MB") == 100
    assert megabytes("2 gb") == 2000
    assert megabytes("64") == 64
    for wrong in ("", "lots", "0MB", "-3MB"):
        with pytest.raises(BadInput):
            megabytes(wrong)


def test_a_command_asks_for_what_it_names():
    from eval.stress.__main__ import _parser

    asked = _parser().parse_args(["run", "--mode", "both", "--budget", "100MB"])
    made = plan.parse(document(asked))
    assert (made.modes, made.budget_mb, made.scenario) == (("memory", "flash"), 100, DEFAULT)


def test_every_shipped_scenario_can_be_read_and_the_default_comes_first(tmp_path: Path):
    found = Shelf(tmp_path).all()
    assert found[0].name == DEFAULT
    assert {each.name for each in found} >= {"needle", "coding", "pair", "sweep"}
    for each in found:
        assert len([*steps(each, approximate_tokens)]) == each.turns * each.sessions


def test_a_brought_scenario_is_kept_and_a_damaged_one_passed_over(tmp_path: Path):
    shelf = Shelf(tmp_path)
    shelf.keep(small(name="mine"))
    (tmp_path / "stress" / "scenarios" / "bad.json").write_text("{")
    assert shelf.get("mine").source == "imported"
    with pytest.raises(NotFound, match="Use one of needle"):
        shelf.get("bad")
    with pytest.raises(BadInput, match="ships"):
        shelf.keep(small(name="needle"))
    with pytest.raises(BadInput, match="turn is not a field"):
        parse({**SMALL, "turn": 3})
    with pytest.raises(BadInput):
        parse({**SMALL, "name": "../../etc"})


def test_turns_are_the_same_each_time_and_hold_the_fact_where_it_belongs():
    scenario = small(turns=6, sessions=2)
    scenario = scenario.model_copy(
        update={"needle": scenario.needle and scenario.needle.model_copy(update={"at": (3, 6)})}
    )
    once, twice = ([*steps(scenario, approximate_tokens)] for _ in range(2))
    assert once == twice
    assert [(step.session, step.turn) for step in once[:4]] == [(0, 1), (1, 1), (0, 2), (1, 2)]
    assert [step.turn for step in once if step.is_needle] == [3, 3, 6, 6]
    assert once[0].text == "The code is 4821."
    middle = [step for step in once if step.turn == 2]
    assert middle[0].text != middle[1].text
    assert "Question:" in middle[0].text


def test_a_fact_is_recalled_as_a_word_of_its_own():
    needle = small().needle
    assert needle
    assert needle.is_in("Your code is 4821.")
    assert not needle.is_in("Your code is 44821.")


def test_a_sweep_asks_for_lengths_and_never_more():
    lengths = [{"tokens": n, "answer": 2} for n in (20, 200, 2000)]
    scenario = small(kind="sweep", turns=3, lengths=lengths, needle=None)
    found = [*steps(scenario, approximate_tokens)]
    counts = [approximate_tokens(step.text) for step in found]
    for count, wanted in zip(counts, (20, 200, 2000), strict=True):
        assert wanted * 0.7 <= count <= wanted
    assert all(step.is_alone for step in found)
    two = [*steps(scenario.model_copy(update={"sessions": 2}), approximate_tokens)]
    assert [step.session for step in two] == [*range(6)]
    assert [step.is_alone for step in two] == [False, True] * 3


def test_shipped_scenarios_are_written_as_they_are_read():
    folder = Path("eval/stress/scenarios")
    for path in folder.glob("*.json"):
        assert json.loads(path.read_text())["name"] == path.stem
