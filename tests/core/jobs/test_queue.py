"""The queue with real workers: order, endings, cancelling, resuming, stopping."""

import os
import signal

import pytest

from core.errors import BadInput, Busy, NotFound, StateError
from core.jobs import queue
from core.jobs.order import ALIVE
from core.store.flock import is_held
from core.store.identity import ProcessId
from tests.core.jobs.conftest import TASKS, until


def test_a_job_runs_to_its_end_and_everything_it_said_is_kept(running):
    job = running.done("count", total=30)
    assert (job.state, job.error, job.attempt) == ("completed", None, 1)
    assert (job.progress, job.status) == (1.0, "number 29")
    assert job.started is not None
    assert job.ended is not None
    assert job.created <= job.started <= job.ended
    assert job.pid is None
    assert running.results(job.id) == [{"number": n, "attempt": 1} for n in range(30)]
    assert [record.kind for record in running.jobs.records(job.id)][::31] == ["started", "ended"]
    assert running.jobs.folder(job.id) == running.folder / "jobs" / job.id


def test_records_can_be_asked_for_from_where_one_stopped_reading(running):
    job = running.done("count", total=10)
    results = running.jobs.records(job.id, kind="result")
    assert [r.n for r in results] == sorted({r.n for r in results})
    assert running.jobs.records(job.id, after=results[6].n, kind="result") == results[7:]


def test_a_worker_is_polite_and_knows_no_database(running):
    args = {"text": "\x00a\ud800", "deep": [1, {"two": None}]}
    told = running.results(running.done("surroundings", **args).id)[0]
    assert told.pop("nice") >= 10
    assert told == {
        "duckdb": False,
        "pad": "",
        "stdin": "",
        "leads_session": True,
        "stop": False,
        "args": {"text": "a\ufffd", "deep": [1, {"two": None}]},
    }


def test_a_training_job_gets_the_environment_of_one(running):
    job = running.jobs.submit("test", f"{TASKS}:surroundings", {}, "ann", environment="training")
    assert running.finished(job.id).environment == "training"
    assert running.results(job.id)[0]["pad"] == "268435456"


def test_a_function_that_fails_is_recorded_with_type_message_and_trace(running):
    job = running.done("fails")
    assert (job.state, job.error) == ("failed", "ValueError: no \ufffd way  out")
    error = running.jobs.records(job.id, kind="error")[0].data
    assert error["type"] == "ValueError"
    assert 'raise ValueError("no' in error["trace"]
    assert running.results(job.id) == [{"step": "before"}]


ENDINGS = {
    "fails_in_our_words": "ModelMissing: There is no folder nowhere. Set HUB_MODEL.",
    "exits": "SystemExit: enough",
    "dies": "Its process was ended by SIGKILL. The machine may have run out of memory.",
    "leaves": "Its process ended with code 3. something broke",
    "absent": "AttributeError: module 'tests.core.jobs.tasks' has no attribute 'absent'",
}


def test_every_bad_ending_is_told_in_words(running):
    jobs = {function: running.submit(function) for function in ENDINGS}
    ended = {function: running.finished(job.id) for function, job in jobs.items()}
    assert {function: job.error for function, job in ended.items()} == ENDINGS
    assert {job.state for job in ended.values()} == {"failed"}


def test_one_job_at_a_time_and_the_important_first(running, tmp_path):
    book, gate = tmp_path / "book", tmp_path / "gate"
    first = running.submit("diary", book=str(book), name="first", gate=str(gate))
    until(book.exists)
    rest = {"low": -1, "plain": 0, "later": 0, "high": 5}
    for name, priority in rest.items():
        running.submit("diary", priority, book=str(book), name=name)
    assert [job.state for job in running.jobs.list()].count("running") == 1
    gate.touch()
    until(lambda: all(job.is_over for job in running.jobs.list()))
    order = ["first", "high", "plain", "later", "low"]
    lines = [f"{word} {name}" for name in order for word in ("in", "out")]
    assert book.read_text().split("\n") == [*lines, ""]
    assert running.jobs.list()[-1].id == first.id


def test_cancelling_a_waiting_job_keeps_it_from_starting(bench):
    job = bench.submit("count", total=3)
    assert bench.jobs.cancel(job.id).state == "cancelled"
    bench.jobs.start()
    bench.done("count", total=1)
    assert bench.jobs.get(job.id).state == "cancelled"
    assert bench.jobs.get(job.id).started is None


def test_cancelling_a_running_job_lets_it_keep_what_is_done(running):
    job = running.submit("gated")
    running.reached(job.id)
    running.jobs.cancel(job.id)
    assert running.finished(job.id).state == "cancelled"
    assert running.results(job.id) == [{"step": "before"}]
    logged = running.jobs.records(job.id, kind="log")
    assert [record.data["text"] for record in logged] == ["asked to end"]


def test_a_generator_inside_a_job_is_stopped_by_the_event_it_takes(running):
    job = running.submit("awaits_stop")
    running.reached(job.id)
    running.jobs.cancel(job.id)
    assert running.finished(job.id).state == "cancelled"


def test_a_job_that_does_not_listen_is_killed_with_what_it_started(running):
    job = running.submit("stubborn")
    running.reached(job.id)
    program = ProcessId.of(running.results(job.id)[0]["program"])
    assert program is not None
    worker = ProcessId.of(running.jobs.get(job.id).pid)
    assert worker is not None
    running.jobs.cancel(job.id)
    assert running.finished(job.id).state == "cancelled"
    assert not worker.alive()
    until(lambda: not program.alive())


def test_cancelling_what_is_over_changes_nothing(running):
    job = running.done("count", total=1)
    assert running.jobs.cancel(job.id) == job
    for act in (running.jobs.cancel, running.jobs.get, running.jobs.resume, running.jobs.folder):
        with pytest.raises(NotFound):
            act("nothing")


def test_a_resumed_job_is_told_its_attempt(running):
    job = running.done("second_time_lucky")
    assert job.state == "failed"
    running.jobs.resume(job.id)
    job = running.finished(job.id)
    assert (job.state, job.attempt, job.error) == ("completed", 2, None)
    assert running.results(job.id) == [{"attempt": 1}, {"attempt": 2}]
    assert [r.attempt for r in running.jobs.records(job.id, kind="started")] == [1, 2]
    with pytest.raises(BadInput, match="completed"):
        running.jobs.resume(job.id)


def test_stopping_interrupts_the_running_job_and_keeps_the_waiting(bench):
    bench.jobs.start()
    job = bench.submit("gated")
    bench.reached(job.id)
    waiting = bench.submit("count", total=2)
    bench.jobs.stop()
    assert bench.jobs.get(job.id).state == "interrupted"
    assert "resumed" in (bench.jobs.get(job.id).error or "")
    assert bench.jobs.get(waiting.id).state == "queued"
    bench.jobs.stop()
    bench.jobs.start()
    assert bench.finished(waiting.id).state == "completed"
    bench.go(job.id)
    bench.jobs.resume(job.id)
    job = bench.finished(job.id)
    assert (job.state, job.attempt) == ("completed", 2)


def test_stopping_kills_a_job_that_does_not_listen(bench):
    bench.jobs.start()
    job = bench.submit("stubborn")
    bench.reached(job.id)
    worker = ProcessId.of(bench.jobs.get(job.id).pid)
    bench.jobs.stop()
    assert worker is not None
    assert not worker.alive()
    assert bench.jobs.get(job.id).state == "interrupted"


def test_what_cannot_be_run_is_refused(bench):
    for target in ("", "os.system", "os:system; import x", "../x:y", "a:b:c", "a.:b", "\ud800:x"):
        with pytest.raises(BadInput):
            bench.jobs.submit("test", target, {}, "ann")
    with pytest.raises(BadInput):
        bench.submit("count", total=object())
    assert bench.jobs.list() == []


def test_too_many_waiting_jobs_are_turned_away(bench):
    for _ in range(5):
        bench.submit("count", total=1)
    with pytest.raises(Busy, match="5 jobs are waiting"):
        bench.submit("count", total=1)
    bench.jobs.cancel(bench.jobs.list()[0].id)
    bench.submit("count", total=1)


def test_a_worker_killed_from_outside_fails_its_job_and_the_next_runs(running):
    job = running.submit("gated")
    running.reached(job.id)
    pid = running.jobs.get(job.id).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert running.finished(job.id).state == "failed"
    assert running.done("count", total=1).state == "completed"


def test_a_worker_ended_from_outside_is_interrupted_not_cancelled(running):
    job = running.submit("gated")
    running.reached(job.id)
    pid = running.jobs.get(job.id).pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    assert running.finished(job.id).state == "interrupted"


def test_a_job_is_over_when_its_worker_is_whatever_that_left_behind(running):
    job = running.done("leaves_others_behind")
    left = [ProcessId.of(pid) for pid in running.results(job.id)[0]["left"]]
    alive = [process.send(signal.SIGKILL) for process in left if process is not None]
    assert job.state == "completed"
    assert alive == [True, True]
    assert not is_held(running.jobs.folder(job.id) / ALIVE)


def test_the_queue_goes_on_after_the_store_failed_once(bench, monkeypatch, caplog):
    failures = iter([StateError("The record store failed."), OSError("no room")])
    next_queued = bench.jobs._rows.next_queued

    def failing_twice():
        for error in failures:
            raise error
        return next_queued()

    monkeypatch.setattr(queue, "RETRY_S", 0.01)
    monkeypatch.setattr(bench.jobs._rows, "next_queued", failing_twice)
    bench.jobs.start()
    assert bench.done("count", total=1).state == "completed"
    assert caplog.text.count("tries again") == 2


def test_a_folder_that_cannot_be_made_fails_the_job_in_words(bench):
    job = bench.submit("count", total=1)
    bench.jobs.folder(job.id).parent.mkdir(exist_ok=True)
    bench.jobs.folder(job.id).write_bytes(b"in the way")
    bench.jobs.start()
    job = bench.finished(job.id)
    assert job.state == "failed"
    assert "could not be started" in (job.error or "")
