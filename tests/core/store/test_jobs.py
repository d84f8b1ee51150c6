"""Rows of jobs: which state follows which, and records that go in once."""

from datetime import UTC, datetime

import pytest

from core.errors import NotFound
from core.records import JobRecord
from core.store.identity import ProcessId
from core.store.jobs import JobRows


@pytest.fixture
def rows(store):
    return JobRows(store)


def add(rows, priority=0, **args):
    return rows.add("index", "a:b", args, "ann", priority, "clean")


def record(job, n, kind="result", **data):
    return JobRecord(job.id, n, 1, kind, datetime(2026, 1, 1, tzinfo=UTC), data)


def test_a_job_comes_back_as_it_was_queued(rows):
    job = add(rows, 3, path="a\ud800\x00", n=1)
    assert rows.get(job.id) == job
    assert (job.kind, job.target, job.owner, job.priority) == ("index", "a:b", "ann", 3)
    assert (job.state, job.attempt, job.progress, job.started) == ("queued", 0, None, None)
    assert job.args == {"path": "a\ufffd", "n": 1}
    assert job.created.tzinfo == UTC
    assert not job.is_over
    with pytest.raises(NotFound):
        rows.get("other")


def test_the_next_is_the_most_important_then_the_oldest(rows):
    plain, later, high = add(rows), add(rows), add(rows, 2)
    order = []
    while (job := rows.next_queued()) is not None:
        order.append(job.id)
        assert rows.begin(job.id)
    assert order == [high.id, plain.id, later.id]
    assert {job.id for job in rows.running()} == set(order)
    assert rows.waiting() == 0


def test_each_change_of_state_happens_once(rows):
    job = add(rows)
    assert not rows.finish(job.id, "completed")
    assert not rows.requeue(job.id)
    assert rows.begin(job.id)
    assert not rows.begin(job.id)
    assert not rows.cancel_queued(job.id)
    assert rows.finish(job.id, "failed", "broke")
    assert not rows.finish(job.id, "completed")
    assert rows.get(job.id).state == "failed"
    assert rows.get(job.id).error == "broke"
    assert rows.requeue(job.id)
    assert rows.cancel_queued(job.id)
    assert rows.get(job.id).is_over


def test_a_completed_job_cannot_be_queued_again(rows):
    job = add(rows)
    rows.begin(job.id)
    rows.finish(job.id, "completed")
    assert rows.get(job.id).progress == 1.0
    assert not rows.requeue(job.id)


def test_a_new_attempt_begins_clean(rows):
    job = add(rows)
    rows.begin(job.id)
    half = record(job, 0, "progress", fraction=0.5, text="half")
    rows.take_in(job.id, 10, [], half, ProcessId(7, 1.5))
    rows.ask_cancel(job.id)
    assert rows.cancel_asked(job.id)
    assert rows.process_of(job.id) == ProcessId(7, 1.5)
    rows.finish(job.id, "cancelled")
    rows.requeue(job.id)
    rows.begin(job.id)
    again = rows.get(job.id)
    assert (again.attempt, again.progress, again.status, again.pid) == (2, None, "", None)
    assert not rows.cancel_asked(job.id)
    assert rows.process_of(job.id) is None
    assert rows.imported(job.id) == 10


def test_taking_in_twice_keeps_each_record_once(rows):
    job = add(rows)
    records = [record(job, n * 10, number=n, text="\ud800") for n in range(300)]
    rows.take_in(job.id, 3000, records, None)
    rows.take_in(job.id, 2000, records, None)
    assert rows.imported(job.id) == 3000
    kept = rows.records(job.id)
    assert [item.data["number"] for item in kept] == list(range(300))
    assert kept[0].data["text"] == "\ufffd"
    assert kept[0].created == records[0].created
    assert rows.records(job.id, after=2970) == kept[298:]
    assert rows.records(job.id, kind="log") == []
    assert rows.records("other") == []


def test_progress_without_a_share_is_unknown_not_zero(rows):
    job = add(rows)
    rows.begin(job.id)
    rows.take_in(job.id, 1, [], record(job, 0, "progress", fraction=None, text="a\nb"))
    assert rows.get(job.id).progress is None
    assert rows.get(job.id).status == "a b"


def test_the_list_is_newest_first_and_limited(rows):
    ids = [add(rows).id for _ in range(4)]
    assert [job.id for job in rows.list(limit=3)] == ids[:0:-1]
