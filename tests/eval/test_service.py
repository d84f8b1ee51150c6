"""Runs from the first question to the report: planned, answered, scored, gone on with."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BadInput, Conflict, Forbidden, NotFound
from core.records import Run
from core.settings import load
from eval.asking import asking
from eval.datasets.fields import Mapping
from eval.datasets.service import Datasets
from eval.datasets.suites import About
from eval.service import Runs
from tests import parts
from tests.eval.answering import Sums, questions, sums


@pytest.fixture(scope="module")
def server() -> Iterator[Sums]:
    with sums() as running:
        yield running


@pytest.fixture(autouse=True)
def behaved(server: Sums) -> None:
    server.pause, server.broken, server.crowded, server.wait = 0.0, set(), 0, 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def runs(folder: Path) -> Iterator[Runs]:
    settings = load({"data_dir": str(folder / "data")}, env_file=None)
    with asking(settings) as opened:
        assert isinstance(opened, Runs)
        yield opened


def told(folder: Path, server: Sums, **given: object) -> dict:
    model = {"url": server.url("sums"), "name": "m"}
    return {"suite": str(questions(folder)), "model": model, "retries": 0, **given}


@pytest.fixture(scope="module")
def base(runs: Runs, server: Sums, folder: Path) -> Run:
    """Return a run that is complete; what a test changes of it, it takes back."""
    return over(runs, runs.submit(told(folder, server, name="first", scorers=["numeric"])))


def over(runs: Runs, run: Run) -> Run:
    for _ in range(600):
        if runs.get(run.id).state not in ("queued", "running"):
            break
        time.sleep(0.1)
    return runs.get(run.id)


def test_a_run_is_answered_scored_and_added_up(runs: Runs, base: Run):
    run = base
    assert (run.state, run.done, run.failed, run.total) == ("completed", 24, 0, 24)
    assert run.model == "m"
    report = runs.report("first")
    assert (report["passed"]["hits"], report["passed"]["n"]) == (21, 24)
    assert report["passed"]["low"] < 0.875 < report["passed"]["high"]
    assert report["outcomes"] == {"correct": 21, "wrong": 3}
    assert set(report["kinds"]) == {"even", "odd"}
    assert report["scores"]["numeric"]["1"]["n"] == 24
    assert report["tokens"]["out"]["sum"] == 72
    assert len(report["slowest"]) == 5
    wrong = runs.samples(run.id, outcome="wrong")
    assert [each.item.id for each in wrong.rows] == ["s007", "s014", "s021"]
    prompt = wrong.rows[0].sample.steps[-1]["messages"]
    assert "What is 7 + 8?" in prompt[-1]["content"]
    made = run.provenance["made"]
    assert made["model"]["name"] == "m"
    assert made["libraries"]["numpy"]
    assert run.provenance["suite"]["version"] == run.suite_version
    assert "INFERENCE_KEY" in run.provenance["settings"]


def test_the_same_again_takes_what_was_answered(runs: Runs, server: Sums, folder: Path, base: Run):
    given = told(folder, server, scorers=["numeric"])
    calls = len(server.asked)
    again = over(runs, runs.submit(given))
    assert len(server.asked) == calls
    assert again.model == "m"
    assert again.provenance["made"]["cached_from"] == base.id
    assert runs.report(again.id)["samples"]["cached"] == 24
    assert "".join(runs.canonical(again.id)) == "".join(runs.canonical(base.id))
    assert runs.cached()["hits"] == 24
    runs.label(again.id, 6, 0, True, "Ann", "Near enough.")
    found = runs.compare(base.id, again.id)
    assert (found.n, found.fixed, found.broken) == (24, ("s007",), ())
    assert "No difference shown" in found.verdict.sentence
    anew = over(runs, runs.submit({**given, "cache": False}))
    assert len(server.asked) == calls + 24
    assert "".join(runs.canonical(anew.id)) == "".join(runs.canonical(base.id))


def test_what_fails_is_a_sample_and_is_asked_again(runs: Runs, server: Sums, folder: Path):
    server.broken = {3, 4}
    run = over(runs, runs.submit(told(folder, server, name="some fail", cache=False)))
    assert (run.state, run.failed) == ("completed", 2)
    (one, _) = runs.samples(run.id, outcome="error").rows
    assert one.sample.error_text
    assert one.scores[0].value is None
    assert runs.report(run.id)["passed"]["n"] == 22
    server.broken = set()
    again = over(runs, runs.resume(run.id))
    assert (again.state, again.failed, again.done) == ("completed", 0, 24)
    assert runs.report(run.id)["passed"]["n"] == 24
    with pytest.raises(BadInput, match="complete"):
        runs.resume(run.id)


def test_too_many_failures_end_a_run_in_words(runs: Runs, server: Sums, folder: Path):
    server.broken = set(range(1, 25))
    run = over(runs, runs.submit(told(folder, server, batch=4, concurrency=1, cache=False)))
    assert run.state == "failed"
    assert "more than error_budget allows" in (run.error or "")
    assert run.done < 24
    server.broken = set()
    assert over(runs, runs.resume(run.id)).state == "completed"
    assert runs.report(run.id)["outcomes"] == {"correct": 21, "wrong": 3}


def test_a_crowded_server_is_asked_again(runs: Runs, server: Sums, folder: Path):
    server.crowded = 8
    run = over(runs, runs.submit(told(folder, server, retries=5, n=12, cache=False)))
    assert (run.state, run.failed) == ("completed", 0)


def test_the_wait_that_a_server_names_is_kept_and_told(runs: Runs, server: Sums, folder: Path):
    server.refused, server.answered = [], []
    server.crowded, server.wait = 2, 1
    run = runs.submit(told(folder, server, retries=0, n=12, cache=False))
    said: set[str] = set()
    while runs.get(run.id).state in ("queued", "running"):
        said.add(runs.progress(run.id).said)
        time.sleep(0.02)
    over = runs.get(run.id)
    assert (over.state, over.done, over.failed) == ("completed", 12, 0)
    words = "The server asked to wait 1 s; the run goes on then, with 1 call at once."
    assert words in said
    # A second passes after each refusal, with no other call meanwhile.
    calls = sorted(server.refused + server.answered)
    for moment in server.refused:
        after = [each for each in calls if each > moment]
        assert after[0] - moment > 0.9


def test_a_run_can_be_cancelled_and_gone_on_with(runs: Runs, server: Sums, folder: Path):
    server.pause = 0.5
    run = runs.submit(told(folder, server, batch=2, concurrency=1, cache=False))
    assert parts.until(lambda: runs.get(run.id).done > 0, 60)
    runs.cancel(run.id)
    done = over(runs, run)
    assert done.state == "cancelled"
    assert 0 < done.done < 24
    server.pause = 0.0
    assert over(runs, runs.resume(run.id)).done == 24
    assert len(runs.grid(run.id)) == 24


def test_each_epoch_asks_everything_again(runs: Runs, server: Sums, folder: Path):
    given = told(folder, server, n=4, epochs=2, cache=False)
    run = over(runs, runs.submit(given))
    assert (run.total, run.done) == (8, 8)
    assert runs.report(run.id)["epochs"]["steady"] == 1.0
    assert runs.report(run.id)["passed"]["how"] == "bootstrap over source documents"


def test_scores_and_labels_can_be_added_and_taken_back(runs: Runs, server: Sums, base: Run):
    run = base
    calls = len(server.asked)
    runs.rescore(run.id, "exact_match")
    assert set(runs.report(run.id)["scores"]) == {"contains", "numeric", "exact_match"}
    assert len(server.asked) == calls
    with pytest.raises(BadInput, match="exact_match"):
        runs.rescore(run.id, "exact_mach")
    with pytest.raises(BadInput, match="reason"):
        runs.label(run.id, 6, 0, True, "Ann", " ")
    assert runs.label(run.id, 6, 0, True, "Ann", "One too many is near.").outcome == "correct"
    assert runs.report(run.id)["passed"]["hits"] == 22
    assert runs.unlabel(run.id, 6, 0).outcome == "wrong"
    assert runs.report(run.id)["passed"]["hits"] == 21


def test_a_run_is_put_away_and_brought_back(runs: Runs, base: Run):
    runs.delete(base.id)
    assert base.id not in {run.id for run in runs.list(size=200).rows}
    with pytest.raises(NotFound):
        runs.get("first")
    runs.restore("first")
    assert runs.get("first").done == 24


def test_the_same_key_is_the_same_run(runs: Runs, server: Sums, folder: Path):
    given = told(folder, server, n=2)
    run = over(runs, runs.submit(given, "ann", key="k"))
    assert runs.submit(given, "ann", key="k").id == run.id
    with pytest.raises(Conflict, match="key"):
        runs.submit({**given, "n": 3}, "ann", key="k")
    assert runs.submit(given, "ben", key="k").id != run.id


def test_what_cannot_be_asked_is_refused_before_anything_is_kept(runs: Runs, folder: Path):
    file, before = str(questions(folder)), runs.list().total
    for given, said in (
        ({"suite": file, "scorers": ["numerik"]}, "numeric"),
        ({"suite": file, "kinds": ["none"]}, "no question of kind none"),
        ({"suite": str(folder / "no.jsonl")}, "cannot be read"),
        ({"suite": file, "method": "rag", "corpus": "none"}, "none"),
    ):
        with pytest.raises((BadInput, NotFound), match=said):
            runs.submit(given)
    assert runs.list().total == before


def test_a_file_of_questions_says_what_is_wrong_with_it(runs: Runs, folder: Path):
    file = folder / "bad.jsonl"
    row = json.dumps({"id": "a", "question": "x?"})
    for text, said in (
        (f"{row}\n{row}\n", "repeats id 'a'"),
        ("[1]\n", "Line 1"),
        ("{", "not JSON"),
        ("{}", "has no id"),
        ('{"id": 1, "question": " "}', "no question"),
        ('{"id": 1, "question": "x?", "answer": NaN}', "'answer' is not a field"),
        ('{"id": 1, "question": "x?", "references": "yes"}', "references is no list of texts"),
    ):
        file.write_text(text)
        with pytest.raises(BadInput, match=said):
            runs.submit({"suite": str(file)})


def test_an_answer_that_comes_along_waits_for_no_model(tmp_path: Path):
    with parts.services(parts.settings(tmp_path), warm=False) as opened:
        given = {"question": "2 + 3?", "answer": "It is 5.", "reference": "5"}
        assert opened.evals.evaluate(given, "ann").outcome == "correct"


def test_strangers_are_held_to_caps(tmp_path: Path):
    with parts.services(parts.settings(tmp_path, public="1"), warm=False) as opened:
        runs = opened.evals
        for given in (
            {"suite": "arith", "n": 10, "model": "http://inside/v1"},
            {"suite": "secrets.jsonl", "n": 10},
            {"suite": "arith"},
            {"suite": "arith", "n": 30, "epochs": 2},
        ):
            with pytest.raises(Forbidden):
                runs.submit(given, "eve")
            with pytest.raises(Forbidden):
                runs.estimate(given, "eve")
        sheet = tmp_path / "q.csv"
        sheet.write_text("question,answer\nQ?,1\n")
        suites = Datasets(opened.settings, opened.store)
        suites.keep("adams", suites.examine(sheet, Mapping()), About(), "adam")
        assert "adams" in runs.names("adam")["suites"]
        assert "adams" not in runs.names("eve")["suites"]
        with pytest.raises(NotFound):
            runs.estimate({"suite": "adams", "n": 1}, "eve")
        mine = runs.submit({"suite": "arith", "n": 3, "priority": 9}, "eve")
        assert mine.config["priority"] == 0
        nobodys = runs.submit({"suite": "arith", "n": 3}, trusted=True)
        with pytest.raises(Forbidden):
            runs.delete(nobodys.id, "eve")
        assert runs.get(nobodys.id, "eve").total == 3
        with pytest.raises(NotFound):
            runs.get(mine.id, "adam")
        assert "settings" in runs.get(nobodys.id).provenance
        assert "settings" not in runs.get(nobodys.id, "eve").provenance
        assert not [run for run in runs.list("eve").rows if "settings" in run.provenance]


def test_what_a_run_would_take_is_told_from_earlier_ones(
    runs: Runs, server: Sums, folder: Path, base: Run
):
    guess = runs.estimate(told(folder, server, n=12))
    assert (guess.samples, guess.calls) == (12, 12)
    assert guess.seconds is not None
    assert runs.estimate(told(folder, server, method="cot")).seconds is None


def test_days_that_are_none_are_refused(runs: Runs):
    with pytest.raises(BadInput, match="no number of days"):
        runs.prune(-1)


def test_configurations_are_checked_before_they_are_saved(runs: Runs):
    with pytest.raises(BadInput, match="Did you mean"):
        runs.save_config("mine", {"suite": "arith", "metod": "rag"})
    kept = runs.save_config("mine", {"suite": "arith", "matrix": {"top_k": [2, 4]}})
    assert [each.name for each in runs.saved()] == ["mine"]
    runs.delete_config(kept.id)
    assert not runs.saved()
