"""An owner killed with SIGKILL: its worker goes on, and the next owner records it exactly once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.jobs import journal
from core.jobs.order import ALIVE
from core.store.flock import HeldFile, is_held
from core.store.identity import ProcessId
from tests.core.jobs.conftest import TASKS, Bench, until

ROOT = Path(__file__).resolve().parents[3]


class Doomed:
    """An owner in a process of its own, with one job."""

    def __init__(self, folder: Path, function: str, *more: str) -> None:
        target = f"{TASKS}:{function}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.core.jobs.owner", str(folder), target, *more],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.job_id = self.heard()
        self.folder = folder / "jobs" / self.job_id

    def heard(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def said(self, kind: str) -> list[dict]:
        batch = journal.read(self.job_id, self.folder, 0)
        return [record.data for record in batch.records if record.kind == kind]

    def worker(self) -> ProcessId:
        until(lambda: self.said("started"))
        return ProcessId(**self.said("started")[0])

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def next_owner(tmp_path):
    opened: list[Bench] = []

    def open_next() -> Bench:
        opened.append(Bench(tmp_path))
        return opened[-1]

    yield open_next
    for bench in opened:
        bench.close()


def test_a_running_worker_is_adopted_and_recorded_once(tmp_path, next_owner):
    owner = Doomed(tmp_path, "gated")
    worker = owner.worker()
    until(lambda: owner.said("result"))
    owner.kill()
    assert worker.alive()
    bench = next_owner()
    bench.jobs.start()
    bench.reached(owner.job_id)
    job = bench.jobs.get(owner.job_id)
    assert (job.state, job.pid, job.attempt) == ("running", worker.pid, 1)
    bench.go(owner.job_id)
    job = bench.finished(owner.job_id)
    assert (job.state, job.attempt) == ("completed", 1)
    assert bench.results(owner.job_id) == [{"step": "before"}, {"step": "after"}]
    assert len(bench.jobs.records(owner.job_id, kind="started")) == 1
    assert not worker.alive()


def test_a_worker_that_finished_unwatched_is_recorded_once(tmp_path, next_owner):
    owner = Doomed(tmp_path, "count")
    owner.worker()
    owner.kill()
    until(lambda: owner.said("ended") and not is_held(owner.folder / ALIVE))
    bench = next_owner()
    bench.jobs.start()
    job = bench.finished(owner.job_id)
    assert (job.state, job.attempt, job.status) == ("completed", 1, "number 199")
    assert [result["number"] for result in bench.results(owner.job_id)] == list(range(200))


def test_two_owners_killed_in_a_row_still_record_once(tmp_path, next_owner):
    owner = Doomed(tmp_path, "gated")
    until(lambda: owner.said("result"))
    owner.kill()
    second = Doomed(tmp_path, "count")
    second.kill()
    bench = next_owner()
    bench.jobs.start()
    bench.go(owner.job_id)
    assert bench.finished(owner.job_id).state == "completed"
    assert bench.finished(second.job_id).state == "completed"
    assert bench.results(owner.job_id) == [{"step": "before"}, {"step": "after"}]
    assert len(bench.results(second.job_id)) == 200


def test_owner_and_worker_killed_leave_an_interrupted_job_that_resumes(tmp_path, next_owner):
    owner = Doomed(tmp_path, "gated")
    worker = owner.worker()
    until(lambda: owner.said("result"))
    owner.kill()
    os.kill(worker.pid, signal.SIGKILL)
    until(lambda: not is_held(owner.folder / ALIVE))
    bench = next_owner()
    bench.jobs.start()
    job = bench.finished(owner.job_id)
    assert job.state == "interrupted"
    bench.go(owner.job_id)
    bench.jobs.resume(owner.job_id)
    job = bench.finished(owner.job_id)
    assert (job.state, job.attempt) == ("completed", 2)


def test_an_adopted_worker_can_be_cancelled(tmp_path, next_owner):
    owner = Doomed(tmp_path, "stubborn")
    worker = owner.worker()
    until(lambda: owner.said("result"))
    owner.kill()
    program = ProcessId.of(owner.said("result")[0]["program"])
    bench = next_owner()
    bench.jobs.start()
    bench.jobs.cancel(owner.job_id)
    assert bench.finished(owner.job_id).state == "cancelled"
    assert not worker.alive()
    assert program is not None
    until(lambda: not program.alive())


def test_a_wish_to_cancel_outlives_the_owner_that_heard_it(tmp_path, next_owner):
    owner = Doomed(tmp_path, "stubborn")
    until(lambda: owner.said("result"))
    owner.kill()
    first = next_owner()
    first.jobs.cancel(owner.job_id)
    first.store.close()
    second = next_owner()
    second.jobs.start()
    assert second.finished(owner.job_id).state == "cancelled"


def test_a_job_held_back_goes_on_when_its_owner_dies(tmp_path, next_owner):
    owner = Doomed(tmp_path, "busy", "yield")
    count = owner.folder / "count"
    until(count.exists)
    assert owner.process.stdin
    owner.process.stdin.write("now\n")
    owner.process.stdin.flush()
    assert owner.heard() == "yielding"
    owner.kill()
    held_at = int(count.read_text() or 0)
    until(lambda: int(count.read_text() or 0) > held_at + 100)
    bench = next_owner()
    bench.jobs.start()
    bench.go(owner.job_id)
    assert bench.finished(owner.job_id).state == "completed"


def test_an_attempt_that_never_reached_its_worker_is_run_as_the_first(bench):
    job = bench.submit("count", total=3)
    assert bench.jobs._rows.begin(job.id)
    assert bench.jobs.get(job.id).state == "running"
    bench.jobs.start()
    job = bench.finished(job.id)
    assert (job.state, job.attempt) == ("completed", 1)
    assert len(bench.results(job.id)) == 3


def test_a_worker_that_has_not_said_a_word_is_not_started_twice(bench):
    job = bench.submit("count", total=3)
    bench.jobs._rows.begin(job.id)
    folder = bench.jobs.folder(job.id)
    folder.mkdir(parents=True)
    silent = HeldFile(folder / ALIVE)
    assert silent.take()
    bench.jobs.start()
    until(lambda: bench.jobs._children)
    assert bench.jobs.get(job.id).attempt == 1
    silent.close()
    assert bench.finished(job.id).state == "interrupted"
    assert bench.results(job.id) == []
