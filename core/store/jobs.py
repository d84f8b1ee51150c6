"""The rows of the job queue and of what workers wrote down; used by core/jobs alone.

It knows states and which may follow which. It starts and signals no process.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.errors import NotFound
from core.records import Environment, Job, JobRecord, JobState
from core.store.connection import Row, Store, insert_many
from core.store.identity import ProcessId
from core.store.values import (
    aware,
    body,
    clean,
    from_json,
    line,
    maybe_aware,
    new_id,
    now,
    stored,
    to_json,
)

_JOB = (
    "SELECT id, kind, target, args, state, owner, created, priority, started, ended, pid, "
    "progress, status, error, attempt, environment FROM jobs"
)
_NEXT = "WHERE state = 'queued' ORDER BY priority DESC, created, id LIMIT 1"
_OVER = "state IN ('failed', 'cancelled', 'interrupted')"


class JobRows:
    """Jobs as they are kept."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        kind: str,
        target: str,
        args: dict[str, Any],
        owner: str,
        priority: int,
        environment: Environment,
    ) -> Job:
        """Keep a new job as queued."""
        id = new_id()
        self._store.write(
            "INSERT INTO jobs (id, kind, target, args, environment, state, owner, priority, "
            "created, attempt, status, cancel_asked, imported) "
            "VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, 0, '', false, 0)",
            [id, line(kind), target, to_json(args), environment, line(owner), priority, _now()],
        )
        return self.get(id)

    def get(self, id: str) -> Job:
        """Return one job."""
        rows = self._store.rows(f"{_JOB} WHERE id = ?", [line(id)])
        if not rows:
            raise NotFound("There is no such job.")
        return _job(rows[0])

    def waiting(self) -> int:
        """Return how many jobs are queued."""
        return int(self._store.rows("SELECT count(*) FROM jobs WHERE state = 'queued'")[0][0])

    def next_queued(self) -> Job | None:
        """Return the job whose turn it is."""
        rows = self._store.rows(f"{_JOB} {_NEXT}")
        return _job(rows[0]) if rows else None

    def running(self) -> list[Job]:
        """Return the jobs that were started and have not ended."""
        return [_job(row) for row in self._store.rows(f"{_JOB} WHERE state = 'running'")]

    def process_of(self, id: str) -> ProcessId | None:
        """Return the worker of the current attempt, once it is known."""
        rows = self._store.rows("SELECT pid, born FROM jobs WHERE id = ?", [id])
        if not rows or rows[0][0] is None or rows[0][1] is None:
            return None
        return ProcessId(int(rows[0][0]), float(rows[0][1]))

    def begin(self, id: str) -> bool:
        """Mark a queued job as running its next attempt; False when it is no longer queued."""
        return self._changed(
            "UPDATE jobs SET state = 'running', started = ?, ended = NULL, pid = NULL, "
            "born = NULL, progress = NULL, status = '', error = NULL, attempt = attempt + 1 "
            "WHERE id = ? AND state = 'queued' RETURNING id",
            [_now(), id],
        )

    def unbegin(self, id: str) -> bool:
        """Put a job back whose attempt never reached its function."""
        return self._changed(
            "UPDATE jobs SET state = 'queued', started = NULL, attempt = attempt - 1 "
            "WHERE id = ? AND state = 'running' RETURNING id",
            [id],
        )

    def requeue(self, id: str) -> bool:
        """Queue a job again that ended without completing."""
        return self._changed(
            f"UPDATE jobs SET state = 'queued', cancel_asked = false WHERE id = ? AND {_OVER} "
            "RETURNING id",
            [id],
        )

    def finish(self, id: str, state: JobState, error: str | None = None) -> bool:
        """End a running job; False when it had ended already."""
        return self._changed(
            "UPDATE jobs SET state = ?, ended = ?, error = ?, pid = NULL, born = NULL, "
            "progress = CASE WHEN ? = 'completed' THEN 1.0 ELSE progress END "
            "WHERE id = ? AND state = 'running' RETURNING id",
            [state, _now(), None if error is None else body(error), state, id],
        )

    def cancel_queued(self, id: str) -> bool:
        """Cancel a job that has not been started; False when it has."""
        return self._changed(
            "UPDATE jobs SET state = 'cancelled', ended = ? "
            "WHERE id = ? AND state = 'queued' RETURNING id",
            [_now(), id],
        )

    def ask_cancel(self, id: str) -> None:
        """Write down that a running job is to end, so that a next owner ends it too."""
        self._store.write(
            "UPDATE jobs SET cancel_asked = true WHERE id = ? AND state = 'running'", [id]
        )

    def cancel_asked(self, id: str) -> bool:
        """Say whether somebody wants the job to end."""
        rows = self._store.rows("SELECT cancel_asked FROM jobs WHERE id = ?", [id])
        return bool(rows and rows[0][0])

    def imported(self, id: str) -> int:
        """Return how many bytes of the worker's file have been taken in."""
        rows = self._store.rows("SELECT imported FROM jobs WHERE id = ?", [id])
        return int(rows[0][0]) if rows else 0

    def take_in(
        self,
        id: str,
        upto: int,
        records: Sequence[JobRecord],
        progress: JobRecord | None = None,
        process: ProcessId | None = None,
    ) -> None:
        """Keep what a worker wrote, once: rows and the place reached go in together."""
        with self._store.writing() as cursor:
            insert_many(cursor, "job_records", [_kept(record) for record in records])
            sql = "UPDATE jobs SET imported = greatest(imported, ?) WHERE id = ?"
            cursor.execute(sql, [upto, id])
            if progress is not None:
                data = progress.data
                sql = "UPDATE jobs SET progress = ?, status = ? WHERE id = ?"
                cursor.execute(sql, [data.get("fraction"), line(str(data.get("text", ""))), id])
            if process is not None:
                sql = "UPDATE jobs SET pid = ?, born = ? WHERE id = ?"
                cursor.execute(sql, [process.pid, process.born, id])

    def records(
        self, id: str, after: int = -1, kind: str | None = None, limit: int = 10_000
    ) -> list[JobRecord]:
        """Return what a job's workers wrote, in order, from after `n` on."""
        rows = self._store.rows(
            "SELECT job_id, n, attempt, kind, created, data FROM job_records "
            "WHERE job_id = ? AND n > ? AND (? IS NULL OR kind = ?) ORDER BY n LIMIT ?",
            [line(id), after, kind, kind, max(0, limit)],
        )
        return [_record(row) for row in rows]

    def _changed(self, sql: str, values: list[object]) -> bool:
        with self._store.writing() as cursor:
            return bool(cursor.execute(sql, values).fetchall())

    def list(self, limit: int = 100) -> list[Job]:
        """Return the latest jobs, newest first."""
        sql = f"{_JOB} ORDER BY created DESC, id LIMIT ?"
        return [_job(row) for row in self._store.rows(sql, [max(0, limit)])]


def _now() -> datetime | None:
    return stored(now())


def _kept(record: JobRecord) -> dict[str, object]:
    return {
        "job_id": record.job_id,
        "n": record.n,
        "attempt": record.attempt,
        "kind": clean(record.kind),
        "created": stored(record.created),
        "data": to_json(record.data),
    }


def _job(row: Row) -> Job:
    id, kind, target, args, state, owner, created, priority, started, ended, *rest = row
    pid, progress, status, error, attempt, environment = rest
    return Job(
        id=id,
        kind=kind,
        target=target,
        args=from_json(args),
        state=state,
        owner=owner,
        created=aware(created),
        priority=priority,
        started=maybe_aware(started),
        ended=maybe_aware(ended),
        pid=pid,
        progress=progress,
        status=status,
        error=error,
        attempt=attempt,
        environment=environment,
    )


def _record(row: Row) -> JobRecord:
    job_id, n, attempt, kind, created, data = row
    return JobRecord(job_id, n, attempt, kind, aware(created), from_json(data))
