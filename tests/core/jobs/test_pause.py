"""Jobs wait while somebody chats, and never longer than the owner lives."""

import time

import pytest

from core.jobs.order import PAUSE
from core.jobs.pause import Pause
from core.store.flock import is_held
from tests.core.jobs.conftest import until


def counted(bench, id):
    try:
        return int((bench.jobs.folder(id) / "count").read_text() or 0)
    except FileNotFoundError:
        return 0


def stands_still(bench, id):
    before = counted(bench, id)
    time.sleep(0.5)
    return counted(bench, id) == before


def test_a_job_that_asks_nobody_waits_while_somebody_chats(running):
    job = running.submit("busy")
    until(lambda: counted(running, job.id) > 10)
    assert not running.jobs.paused
    with running.jobs.yielding():
        assert running.jobs.paused
        with running.jobs.yielding():
            until(lambda: stands_still(running, job.id))
        assert stands_still(running, job.id)
        held_at = counted(running, job.id)
    until(lambda: counted(running, job.id) > held_at + 10)
    running.go(job.id)
    assert running.finished(job.id).state == "completed"


def test_a_waiting_job_can_be_cancelled(running):
    job = running.submit("gated")
    running.reached(job.id)
    with running.jobs.yielding():
        time.sleep(0.3)
        running.jobs.cancel(job.id)
        assert running.finished(job.id).state == "cancelled"
    logged = running.jobs.records(job.id, kind="log")
    assert [record.data["text"] for record in logged] == ["asked to end"]


def test_a_job_started_while_somebody_chats_waits_before_it_emits(running):
    with running.jobs.yielding():
        job = running.submit("gated")
        until(lambda: running.jobs.records(job.id, kind="started"))
        time.sleep(0.5)
        assert running.results(job.id) == []
    running.reached(job.id)
    running.go(job.id)
    assert running.finished(job.id).state == "completed"


def test_an_error_in_a_chat_lets_jobs_go_on(tmp_path):
    pause = Pause(tmp_path / "jobs" / PAUSE)
    with pytest.raises(RuntimeError), pause.asking():
        assert is_held(tmp_path / "jobs" / PAUSE)
        raise RuntimeError
    assert not pause.asked
    assert not is_held(tmp_path / "jobs" / PAUSE)


def test_a_folder_that_cannot_be_written_does_not_keep_anybody_from_chatting(tmp_path):
    (tmp_path / "jobs").write_bytes(b"")
    with Pause(tmp_path / "jobs" / PAUSE).asking():
        assert (tmp_path / "jobs").read_bytes() == b""
