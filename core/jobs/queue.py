"""The queue: detached work runs one job at a time, and outlives the process that asked for it.

It knows order, state and who watches which worker. It names no function itself, and does not
know what any job does.
"""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from core.errors import BadInput, Busy, PlumblineError
from core.jobs import journal
from core.jobs.child import Child
from core.jobs.order import PAUSE, check_target
from core.jobs.pause import Pause
from core.records import Environment, Job, JobRecord, JobState
from core.store.connection import Store
from core.store.identity import ProcessId
from core.store.jobs import JobRows

TICK_S = 0.2
RETRY_S = 2.0
END_POLL_S = 0.05
END_LIMIT_S = 5.0
INTERRUPTED = "It was interrupted before it was done. It can be resumed."

_log = logging.getLogger(__name__)


class Jobs:
    """Detached work of one DATA_DIR."""

    def __init__(
        self, store: Store, data_dir: Path, waiting_limit: int = 100, grace: float = 10.0
    ) -> None:
        self._rows = JobRows(store)
        self._folder = data_dir / "jobs"
        self._pause = Pause(self._folder / PAUSE)
        self._waiting_limit = waiting_limit
        self._grace = grace
        self._children: list[Child] = []
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Take over or settle what an earlier owner left running, then work off the queue."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the running job, which can be resumed later, and the queue; a second call is fine."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def submit(
        self,
        kind: str,
        target: str,
        args: dict[str, Any],
        owner: str,
        priority: int = 0,
        environment: Environment = "clean",
    ) -> Job:
        """Queue `module:function`; higher priority goes first."""
        check_target(target)
        if self._rows.waiting() >= self._waiting_limit:
            raise Busy(
                f"{self._waiting_limit} jobs are waiting already.",
                "Cancel one, or wait until one is done.",
            )
        job = self._rows.add(kind, target, args, owner, priority, environment)
        self._wake.set()
        return job

    def get(self, id: str) -> Job:
        """Return one job."""
        return self._rows.get(id)

    def records(self, id: str, after: int = -1, kind: str | None = None) -> list[JobRecord]:
        """Return what a job wrote down, in order, after record `n`: log, result, error."""
        return self._rows.records(id, after, kind)

    def folder(self, id: str) -> Path:
        """Return the folder a job keeps its files in."""
        return self._folder / self._rows.get(id).id

    def cancel(self, id: str) -> Job:
        """End a job: at once while it waits, within the grace while it runs."""
        job = self._rows.get(id)
        if not self._rows.cancel_queued(job.id):
            self._rows.ask_cancel(job.id)
            self._wake.set()
        return self._rows.get(job.id)

    def resume(self, id: str) -> Job:
        """Queue a job again that did not complete; its function is told which attempt it is."""
        job = self._rows.get(id)
        if not self._rows.requeue(job.id):
            raise BadInput(f"A job that is {job.state} cannot be resumed.")
        self._wake.set()
        return self._rows.get(job.id)

    def yielding(self) -> AbstractContextManager[None]:
        """Let the running job wait while somebody chats."""
        return self._pause.asking()

    @property
    def paused(self) -> bool:
        """Say whether jobs wait because somebody chats."""
        return self._pause.asked

    def _loop(self) -> None:
        adopted = False
        while not self._stopping.is_set():
            self._wake.clear()
            rest = None
            try:
                if not adopted:
                    self._adopt()
                    adopted = True
                self._tick()
                rest = TICK_S if self._children else None
            except (PlumblineError, OSError):
                _log.exception("The job queue could not go on; it tries again.")
                rest = RETRY_S
            self._wake.wait(rest)
        self._end_all()

    def _tick(self) -> None:
        for child in tuple(self._children):
            self._watch(child)
        while not self._children:
            job = self._rows.next_queued()
            if job is None:
                return
            self._begin(job.id)

    def _begin(self, id: str) -> None:
        if not self._rows.begin(id):
            return
        job = self._rows.get(id)
        try:
            self._children.append(Child.start(job, self._folder / job.id))
        except OSError as error:
            self._rows.finish(job.id, "failed", f"Its process could not be started: {error}.")

    def _watch(self, child: Child) -> None:
        # Whether it lives is asked first: what it wrote before it ended is then all there.
        alive = child.is_alive()
        self._take_in(child)
        if not alive:
            self._settle(child)
        elif self._rows.cancel_asked(child.job_id):
            child.end(self._grace)

    def _take_in(self, child: Child) -> None:
        while True:
            offset = self._rows.imported(child.job_id)
            batch = journal.read(child.job_id, child.folder, offset)
            if batch.upto == offset:
                return
            kept = [record for record in batch.records if record.kind != "progress"]
            said = [record for record in batch.records if record.kind == "progress"]
            process = _process(child, kept)
            self._rows.take_in(child.job_id, batch.upto, kept, said[-1] if said else None, process)
            child.process = process or child.process

    def _settle(self, child: Child) -> None:
        state, error = self._outcome(child)
        self._rows.finish(child.job_id, state, error)
        self._children.remove(child)

    def _outcome(self, child: Child) -> tuple[JobState, str | None]:
        ended = self._last(child, "ended")
        state = "" if ended is None else str(ended.data.get("state"))
        if state == "completed":
            return "completed", None
        if self._rows.cancel_asked(child.job_id):
            return "cancelled", None
        if state == "failed":
            return "failed", self._error(child)
        if state == "cancelled" or self._stopping.is_set() or child.is_adopted:
            return "interrupted", INTERRUPTED
        return "failed", child.last_words()

    def _error(self, child: Child) -> str:
        record = self._last(child, "error")
        if record is None:
            return child.last_words()
        words = f"{record.data.get('message', '')} {record.data.get('hint', '')}".strip()
        return f"{record.data.get('type')}: {words}"

    def _last(self, child: Child, kind: str) -> JobRecord | None:
        found = [
            record
            for record in self._rows.records(child.job_id, kind=kind)
            if record.attempt == child.attempt
        ]
        return found[-1] if found else None

    def _adopt(self) -> None:
        known = {child.job_id for child in self._children}
        for job in self._rows.running():
            if job.id in known:
                continue
            child = Child.adopt(job, self._folder / job.id, self._rows.process_of(job.id))
            self._children.append(child)
            self._take_in(child)
            if not child.is_alive() and self._last(child, "started") is None:
                # Its owner died between writing the attempt down and starting it.
                self._rows.unbegin(job.id)
                self._children.remove(child)

    def _end_all(self) -> None:
        deadline = time.monotonic() + self._grace + END_LIMIT_S
        while self._children and time.monotonic() < deadline:
            try:
                for child in tuple(self._children):
                    self._watch(child)
                    child.end(self._grace)
            except (PlumblineError, OSError):
                _log.exception("A running job could not be settled; the next start does it.")
                return
            time.sleep(END_POLL_S)

    def list(self, limit: int = 100) -> list[Job]:
        """Return the latest jobs, newest first."""
        return self._rows.list(limit)


def _process(child: Child, records: Sequence[JobRecord]) -> ProcessId | None:
    """Return the worker as it named itself, if these records say so."""
    for record in records:
        if record.kind == "started" and record.attempt == child.attempt:
            return ProcessId(int(record.data["pid"]), float(record.data["born"]))
    return None
