"""The worker of a run, with lanes that only act: what is kept, what is done again, how one dies."""

import threading
import time
from pathlib import Path

import pytest

from core.errors import Stopped
from core.jobs.journal import Journal
from core.jobs.order import Order
from core.jobs.work import Work
from eval.stress import plan, work
from eval.stress.state import Fold, folded
from tests.eval.stress.making import small

LANES = ("memory", "flash", "control")


@pytest.fixture(autouse=True)
def acting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(work, "LANE", "tests.eval.stress.acting")
    monkeypatch.setattr(work, "find", lambda *_: (tmp_path, False))
    monkeypatch.setenv("MALLOC_TOP_PAD_", "268435456")
    monkeypatch.setenv("MALLOC_ARENA_MAX", "1")


def given(folder: Path, how: str = "fine", attempt: int = 1) -> Work:
    args = {
        "asked": plan.parse({}).model_dump(mode="json"),
        "scenario": small(title=how).model_dump(mode="json"),
        "budget_bytes": 1_000_000,
        "slow_s": 10,
        "settings": {"data_dir": str(folder)},
        "secrets": "",
    }
    order = Order("j", "eval.stress.work:run", args, attempt, "clean")
    return Work(order, folder, Journal(folder, attempt), folder / "pause")


def told(folder: Path) -> Fold:
    return folded(LANES, work.earlier(folder))


def test_lanes_run_one_after_the_other_in_a_clean_environment(tmp_path: Path):
    work.run(given(tmp_path))
    found = work.earlier(tmp_path)
    begun = [each for each in found if each["event"] == "lane"]
    assert [each["lane"] for each in begun] == [*LANES]
    assert all(each["malloc"] == [] for each in begun)
    assert [lane.state for lane in told(tmp_path).lanes] == ["done"] * 3
    moments = [each["at_s"] for each in found if "at_s" in each]
    assert moments == sorted(moments)
    assert found[0]["machine"]["cores"]
    assert not [*tmp_path.glob("kv-*")]


@pytest.mark.parametrize(
    ("how", "type", "words"),
    [("killed", "SIGKILL", ""), ("aborted", "exit code 1", "std::bad_alloc")],
)
def test_a_lane_that_dies_without_a_word_is_told_of(
    tmp_path: Path, how: str, type: str, words: str
):
    work.run(given(tmp_path, how))
    memory, flash, _ = told(tmp_path).lanes
    assert memory.death is not None
    assert (memory.death.kind, memory.death.type, memory.death.turn) == ("memory", type, 2)
    assert words in memory.death.message
    assert memory.state == "failed"
    assert flash.state == "done"


def test_a_lane_that_is_done_is_not_done_again(tmp_path: Path):
    first = given(tmp_path)
    course = work.Course(first)
    course._emit({"event": "setup", "began": 5.0, "machine": {}})  # pyright: ignore[reportPrivateUsage]
    course._lane("memory", 0)  # pyright: ignore[reportPrivateUsage]
    course._emit({"event": "lane", "lane": "flash", "turns": 2})  # pyright: ignore[reportPrivateUsage]
    work.run(given(tmp_path, attempt=2))
    begun = [each["lane"] for each in work.earlier(tmp_path) if each["event"] == "lane"]
    assert begun == ["memory", "flash", "flash", "control"]
    assert [len(lane.turns) for lane in told(tmp_path).lanes] == [1, 1, 1]


def test_a_run_that_is_to_end_ends_its_lane(tmp_path: Path):
    made = given(tmp_path, "hangs")
    threading.Timer(0.8, made.ask_to_end).start()
    since = time.monotonic()
    with pytest.raises(Stopped):
        work.run(made)
    assert time.monotonic() - since < 20
    assert not [*tmp_path.glob("kv-*")]
    assert [lane.state for lane in told(tmp_path).lanes] == ["running", "waiting", "waiting"]
