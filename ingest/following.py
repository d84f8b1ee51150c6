"""Running ingests, followed: each one's records taken in, its pace measured, its end settled.

It knows when a job is over and what is kept of it then. What is queued, it asks the queue.
"""

import re
import shutil
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

from core.errors import NotFound
from core.jobs.queue import Jobs
from core.records import IngestProgress, Job
from core.retrieval.library import Library
from ingest import parts
from ingest.intake import Intake
from ingest.work import EMBEDDED_TO, LEXICAL, SPLIT_TO

# How far back the pace of embedding is looked at for the time that is left.
WINDOW_S = 30.0
_MADE = ("rows-*", "answer-*", "wanted-*", "missing-*", "seen.json", "pieces.parquet", LEXICAL)
_KEPT = (f"{parts.CUT}-*", f"{parts.VECTORS}-*")
_TYPE = re.compile(r"^\w+: ")


def in_words(error: str) -> str:
    """Return what ended a job without the name of the error's type before it."""
    return _TYPE.sub("", error)


class Following:
    """The ingests of a DATA_DIR that are queued or running."""

    def __init__(self, kind: str, jobs: Jobs, library: Library) -> None:
        self._kind = kind
        self._jobs = jobs
        self._corpora = library.corpora
        self._library = library
        self._intakes: dict[str, Intake] = {}
        self._paces: dict[str, Pace] = {}
        self._told: tuple[IngestProgress, ...] = ()
        self._settled = False

    def told(self) -> list[IngestProgress]:
        """Return how far each is, as of the last look."""
        return list(self._told)

    def expect(self, job: Job) -> None:
        """Tell of a job before the next look finds it."""
        self._told = (*self._told, self._progress(job))

    def tick(self) -> bool:
        """Take in what is new; say whether anything is left to follow."""
        under_way = [job for job in self._jobs.list() if job.kind == self._kind and not job.is_over]
        for job in under_way:
            if job.state == "running":
                self._follow(job)
        for id in self._intakes.keys() - {job.id for job in under_way}:
            del self._intakes[id]
            self._paces.pop(id, None)
            self._settle(self._jobs.get(id))
        if not self._settled:
            self._settle_earlier()
        self._told = tuple(self._progress(job) for job in under_way)
        return bool(under_way)

    def _follow(self, job: Job) -> None:
        intake = self._intakes.get(job.id)
        if intake is None or intake.attempt != job.attempt:
            intake = Intake(job, self._jobs.folder(job.id), self._library)
            self._intakes[job.id] = intake
            self._paces[job.id] = Pace()
        intake.take(self._jobs.records(job.id, intake.after, "result"))
        if job.progress is not None and job.progress >= SPLIT_TO:
            self._paces[job.id].note(job.progress)

    def _settle(self, job: Job) -> None:
        """Clean up after a job, and write down why a corpus could not be made."""
        folder = self._jobs.folder(job.id)
        for pattern in _MADE if job.state != "completed" else (*_MADE, *_KEPT):
            _remove(folder, pattern)
        if job.state == "completed":
            return
        with suppress(NotFound):
            corpus = self._corpora.get(str(job.args["corpus"]))
            why = in_words(job.error) if job.error else f"The ingest was {job.state}."
            if corpus.job_id == job.id and not corpus.generation:
                self._corpora.amend(corpus.name, state="failed", error=why)
            elif corpus.job_id == job.id and job.state == "failed":
                self._corpora.amend(corpus.name, error=why)

    def _settle_earlier(self) -> None:
        """Settle what ended while no owner was there to see it."""
        self._settled = True
        for corpus in self._corpora.list():
            if corpus.state == "building" and corpus.job_id:
                with suppress(NotFound):
                    job = self._jobs.get(corpus.job_id)
                    if job.is_over:
                        self._settle(job)

    def _progress(self, job: Job) -> IngestProgress:
        corpus = str(job.args["corpus"])
        intake = self._intakes.get(job.id)
        if job.state == "queued" or intake is None:
            said = "Waiting for its turn." if job.state == "queued" else "Starting."
            state = "queued" if job.state == "queued" else "running"
            return IngestProgress(corpus, job.id, job.owner, state, "waiting", None, None, said)
        left = self._paces[job.id].left() if intake.phase == "embedding" else None
        said = intake.said if intake.phase == "checking" else job.status
        if self._jobs.paused:
            said = f"Waiting while somebody chats. {said}"
        return IngestProgress(
            corpus, job.id, job.owner, "running", intake.phase, job.progress, left, said
        )


class Pace:
    """How fast a bar has moved lately."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()

    def note(self, fraction: float) -> None:
        """Remember where the bar is now."""
        now = time.monotonic()
        if self._seen and self._seen[-1][1] == fraction:
            return
        self._seen.append((now, fraction))
        while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW_S:
            self._seen.popleft()

    def left(self, until: float = EMBEDDED_TO) -> float | None:
        """Return the seconds until the bar is there; None while its pace is not known."""
        if len(self._seen) < 2:
            return None
        (then, start), (now, end) = self._seen[0], self._seen[-1]
        if end <= start or now <= then:
            return None
        passed = time.monotonic() - now
        return max(0.0, (until - end) * (now - then) / (end - start) - passed)


def _remove(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
