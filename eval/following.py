"""Runs under way, followed: what their workers wrote is taken in, and their ends are settled.

It knows when a run is over and what is kept of it then. What is queued, it asks the queue.
"""

import re
import shutil
import time
from contextlib import suppress
from pathlib import Path

from core.errors import Corrupt, NotFound
from core.jobs.queue import Jobs
from core.records import Job, Run, RunProgress
from core.store.results import Results
from core.store.runs import RunRows
from core.store.samples import ItemRows, SampleRows
from eval import report
from eval.intake import Intake
from eval.work import BULK

KIND = "eval"
SUMMARY_S = 2.0
SUMMARY_SHARE = 20
_TYPE = re.compile(r"^\w+: ")


class Following:
    """The runs of a DATA_DIR that are queued or running."""

    def __init__(
        self,
        jobs: Jobs,
        runs: RunRows,
        items: ItemRows,
        samples: SampleRows,
        results: Results,
        folder: Path,
    ) -> None:
        self._jobs = jobs
        self._runs = runs
        self._items = items
        self._samples = samples
        self._results = results
        self._folder = folder
        self._intakes: dict[str, Intake] = {}
        self._since: dict[str, tuple[float, int]] = {}
        self._due: dict[str, float] = {}
        self._broken_off: set[str] = set()

    def look_back(self, go_on: bool) -> None:
        """Settle what an earlier owner left between two steps, and go on with what it broke off.

        A command that is there for a moment goes on with nothing by itself.
        """
        jobs = {
            str(job.args.get("run")): job for job in self._jobs.list(10_000) if job.kind == KIND
        }
        for run in self._runs.open():
            if go_on:
                self._broken_off.add(run.id)
            if run.job_id is None and run.id in jobs:
                self._runs.amend(run.id, job_id=jobs[run.id].id)
            elif run.job_id is None:
                words = "It was interrupted before it was queued. It can be resumed."
                self._runs.amend(run.id, state="interrupted", error=words)

    def go_on(self, id: str) -> None:
        """Go on with a run if its job turns out to have been broken off."""
        self._broken_off.add(id)

    def tick(self) -> bool:
        """Take in what is new; say whether anything is left to follow."""
        under_way = [run for run in self._runs.open() if run.job_id]
        for run in under_way:
            try:
                self._follow(run)
            except Corrupt as error:
                # It would be as it is at every look; other runs go on.
                self._runs.amend(run.id, state="failed", error=str(error))
        return bool(under_way)

    def progress(self, run: Run) -> RunProgress:
        """Say how far a run is."""
        fraction = run.done / run.total if run.total else None
        if run.state == "queued":
            said = "Waiting for its turn."
        elif run.state == "running":
            said = self._said(run)
        else:
            said = run.error or f"The run is {run.state}."
        left = self._left(run) if run.state == "running" else None
        return RunProgress(run.id, run.state, run.done, run.total, run.failed, fraction, left, said)

    def _said(self, run: Run) -> str:
        """Return what the worker said last: how far it is, or what it waits for."""
        job = self._job(run)
        so_far = f"{run.done:,} of {run.total:,} samples." if run.done else "Loading the model."
        said = job.status if job and job.status else so_far
        return f"Waiting while somebody chats. {said}" if self._jobs.paused else said

    def _left(self, run: Run) -> float | None:
        """Return the seconds that are left at the pace since this owner watches."""
        then, done = self._since.get(run.id, (0.0, 0))
        made = run.done - done
        if not then or made <= 0:
            return None
        return (time.monotonic() - then) / made * (run.total - run.done)

    def _follow(self, run: Run) -> None:
        job = self._job(run)
        if job is None:
            self._runs.amend(run.id, state="interrupted", error="Its job is gone.")
            return
        if job.state == "running" and run.state == "queued":
            self._runs.amend(run.id, state="running", started=run.started or job.started, error="")
            self._since[run.id] = time.monotonic(), run.done
        self._take(run, job)
        if job.state == "interrupted" and run.id in self._broken_off:
            self._broken_off.discard(run.id)
            self._jobs.resume(job.id)
            self._runs.amend(run.id, state="queued")
        elif job.is_over:
            self._settle(run.id, job)
        elif time.monotonic() > self._due.get(run.id, 0.0):
            self._sum(self._runs.get(run.id))

    def _sum(self, run: Run) -> None:
        """Add up what there is so far; a large run is added up less often."""
        began = time.monotonic()
        if run.done:
            self._runs.amend(run.id, summary=report.aggregates(run, self._samples))
        took = time.monotonic() - began
        self._due[run.id] = began + max(SUMMARY_S, SUMMARY_SHARE * took)

    def _job(self, run: Run) -> Job | None:
        with suppress(NotFound):
            return self._jobs.get(str(run.job_id))
        return None

    def _take(self, run: Run, job: Job) -> None:
        intake = self._intakes.get(run.id)
        if intake is None or intake.job_id != job.id:
            intake = Intake(
                run,
                job.id,
                self._jobs.folder(job.id),
                self._runs,
                self._items,
                self._samples,
                self._results,
            )
            self._intakes[run.id] = intake
        while records := self._jobs.records(job.id, intake.after, "result"):
            intake.take(records)

    def _settle(self, id: str, job: Job) -> None:
        """Write down how a run ended and what it came to."""
        run = self._runs.get(id)
        summary = report.aggregates(run, self._samples) if run.done else {}
        error = "" if job.state == "completed" else _words(job)
        self._runs.amend(id, state=job.state, ended=job.ended, summary=summary, error=error)
        if job.state == "completed":
            (self._jobs.folder(job.id) / BULK).unlink(missing_ok=True)
            shutil.rmtree(self._folder / id, ignore_errors=True)
        self._broken_off.discard(id)
        self._intakes.pop(id, None)
        self._since.pop(id, None)
        self._due.pop(id, None)


def _words(job: Job) -> str:
    if job.error:
        return _TYPE.sub("", job.error)
    return f"The run was {job.state}."
