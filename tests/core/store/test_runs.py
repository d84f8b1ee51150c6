"""Runs, their samples and labels as they are kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.documents import Chunk, Evidence
from core.errors import NotFound
from core.messages import Usage
from core.records import Gold, Item, Run, Sample, Score
from core.store.connection import Store
from core.store.packing import item_of, packed, sample_of, score_of
from core.store.results import Results
from core.store.runs import Configs, RunRows
from core.store.samples import ItemRows, SampleRows, Taken
from core.store.values import from_json, to_json

ITEM = Item(
    "q1",
    "What is 2 + 3?",
    ("5", "five"),
    "sum",
    choices=("4", "5"),
    contexts=("Two and three.",),
    gold=(Gold("a.py", (3, 9), "f"), Gold("b.py")),
    cluster="doc",
    details={"split": "test"},
)
CHUNK = Chunk("a.py", 1, 4, "def f(): ...", "function", "f", ("x",), "python", "pkg", "id1", (0, 9))
SAMPLE = Sample(
    "r1",
    "q1",
    0,
    answer="5",
    evidence=(Evidence(CHUNK, 0.5, ("lexical",)),),
    usage=(Usage(7, 2, "stop", 0.5, 0.1, notices=("cut",)), Usage(3, 1, "stop", 0.1)),
    steps=({"kind": "retrieve", "text": "found"},),
    prompts=("naive@abc",),
    seconds=0.6,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path)
    yield opened
    opened.close()


def run(id: str = "r1", **given: object) -> Run:
    told = {"owner": "ann", "method": "naive", "suite": "arith", "total": 3, **given}
    moment = datetime.now(UTC)
    base = {"name": "t", "state": "queued", "config": {}, "suite_version": "v", "model": ""}
    return Run(id=id, created=moment, **{**base, **told})  # type: ignore[arg-type]


def taken(position: int, outcome: str = "correct", error: str = "", batch: int = 0) -> Taken:
    sample = Sample("r1", f"q{position}", position, batch=batch, answer=f"a{position}", error=error)
    score = Score("r1", f"q{position}", "numeric", "1", value=None if error else 1.0)
    return Taken(sample, (score,), outcome)  # type: ignore[arg-type]


def items(n: int) -> list[tuple[int, Item]]:
    return [
        (k, Item(f"q{k}", f"question {k}", kind="even" if k % 2 == 0 else "odd")) for k in range(n)
    ]


def test_everything_comes_back_as_it_went_in():
    for value, back in ((ITEM, item_of), (SAMPLE, sample_of)):
        assert back(from_json(to_json(packed(value)))) == value
    score = Score("r", "q", "numeric", "2", 1, 0.5, True, "because", {"a": 1})
    assert score_of(from_json(to_json(packed(score)))) == score


def test_a_run_is_kept_whole_with_what_it_asks(store: Store):
    rows = RunRows(store)
    kept = rows.add(run(criterion="numeric", config={"n": 3}), items(3), key="once")
    assert (kept.criterion, kept.config, kept.done) == ("numeric", {"n": 3}, 0)
    assert [item.id for _, item in ItemRows(store).walk("r1", piece=2)] == ["q0", "q1", "q2"]
    assert ItemRows(store).some("r1", [2])[2].question == "question 2"
    assert rows.by_key("ann", "once") == kept
    assert rows.by_key("ben", "once") is None
    assert rows.by_key("ann", "") is None


def test_what_is_amended_is_there_and_the_rest_stays(store: Store):
    rows = RunRows(store)
    rows.add(run(), [])
    rows.amend("r1", state="failed", error="No room.", summary={"passed": {"mean": 0.5}})
    assert (rows.get("r1").state, rows.get("r1").error) == ("failed", "No room.")
    rows.amend("r1", state="queued", error="")
    assert rows.get("r1").error is None
    assert rows.get("r1").summary == {"passed": {"mean": 0.5}}
    with pytest.raises(NotFound):
        rows.get("r2")


def test_a_list_shows_what_may_be_seen(store: Store):
    rows = RunRows(store)
    for n in range(5):
        moment = datetime.now(UTC) + timedelta(seconds=n)
        one = run(f"r{n}", owner="ann" if n % 2 else "ben", suite="arith" if n < 3 else "codeqa")
        rows.add(
            Run(**{name: getattr(one, name) for name in Run.__slots__} | {"created": moment}), []
        )
    assert [each.id for each in rows.list().rows] == ["r4", "r3", "r2", "r1", "r0"]
    assert [each.id for each in rows.list(["ann"]).rows] == ["r3", "r1"]
    assert rows.list(suite="arith", size=2).total == 3
    assert [each.id for each in rows.list(page=2, size=2).rows] == ["r2", "r1"]
    rows.delete("r4")
    assert rows.list(deleted=True).total == 1
    assert [each.id for each in rows.named("t")] == ["r3", "r2", "r1", "r0"]
    rows.delete("r4", deleted=False)
    assert rows.list().total == 5


def test_samples_are_taken_in_once_and_an_answer_stays_before_an_error(store: Store):
    rows, samples = RunRows(store), SampleRows(store)
    rows.add(run(), items(3))
    samples.take_in("r1", [taken(0), taken(1, "error", "overloaded")])
    samples.take_in("r1", [taken(0, "error", "overloaded"), taken(1), taken(2, "wrong")])
    assert samples.grid("r1") == [(0, 0, "correct"), (1, 0, "correct"), (2, 0, "wrong")]
    assert samples.grid("r1", 1, 1) == [(1, 0, "correct")]
    assert samples.places("r1", ["q2", "q0", "none"]) == {"q0": 0, "q2": 2}
    assert (rows.get("r1").done, rows.get("r1").failed) == (3, 0)
    assert samples.scores("r1").num_rows == 3


def test_samples_are_read_by_the_page(store: Store):
    rows, samples = RunRows(store), SampleRows(store)
    rows.add(run(), items(9))
    samples.take_in("r1", [taken(n, "wrong" if n % 3 else "correct") for n in range(9)])
    page = samples.page("r1", 2, 4)
    assert [each.sample.position for each in page.rows] == [4, 5, 6, 7]
    assert page.total == 9
    assert samples.page("r1", outcome="correct").total == 3
    assert samples.page("r1", kind="odd").total == 4
    assert samples.page("r1", text="QUESTION 8").rows[0].item.id == "q8"
    assert [each.sample.position for each in samples.walk("r1", piece=4)] == list(range(9))
    assert samples.one("r1", 5).scores[0].scorer == "numeric"
    with pytest.raises(NotFound):
        samples.one("r1", 50)


def test_both_versions_of_a_score_stay(store: Store):
    rows, samples = RunRows(store), SampleRows(store)
    rows.add(run(), items(1))
    samples.take_in("r1", [taken(0)])
    again = Score("r1", "q0", "numeric", "2", value=0.0, passed=False)
    for _ in range(2):
        samples.rescore("r1", [(taken(0).sample, again, "wrong")])
    one = samples.one("r1", 0)
    assert [(score.version, score.value) for score in one.scores] == [("1", 1.0), ("2", 0.0)]
    assert one.outcome == "wrong"


def test_a_label_counts_until_it_is_taken_back(store: Store):
    rows, samples = RunRows(store), SampleRows(store)
    rows.add(run(), items(1))
    samples.take_in("r1", [taken(0, "wrong")])
    samples.label("r1", (0, 0), True, "Ann", "It says the same.")
    samples.label("r1", (0, 0), False, "Ben", "It does not.")
    assert samples.one("r1", 0).outcome == "wrong"
    samples.unlabel("r1", (0, 0), "correct")
    one = samples.one("r1", 0)
    assert one.outcome == "correct"
    assert [(label.name, label.undone is None) for label in one.labels] == [
        ("Ann", False),
        ("Ben", False),
    ]


def test_answers_are_found_again_all_or_none(store: Store):
    results = Results(store)
    results.keep("r1", {"a": {"answer": "1"}, "b": {"answer": "2"}})
    results.keep("r2", {"a": {"answer": "other"}})
    assert results.find([["a", "b"]])["a"] == ("r1", {"answer": "1"})
    assert results.find([["a", "c"]]) == {}
    assert set(results.find([["a", "c"], ["b"]])) == {"b"}
    told = results.told()
    assert (told["rows"], told["hits"], told["misses"]) == (2, 3, 4)
    assert results.prune(days=1) == 0
    assert results.prune() == 2


def test_configurations_are_saved_put_away_and_brought_back(store: Store):
    configs = Configs(store)
    configs.save("ann", "mine", {"suite": "a"})
    kept = configs.save("ann", "mine", {"suite": "b"})
    assert [each.config for each in configs.list(["ann"])] == [{"suite": "b"}]
    assert configs.list(["ben"]) == []
    configs.delete(kept.id)
    assert configs.list(["ann"]) == []
    configs.delete(kept.id, deleted=False)
    assert configs.get(kept.id).deleted is None
