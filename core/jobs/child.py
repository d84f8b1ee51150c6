"""A worker as its owner sees it: started here, or found running after another owner's death.

It knows the process and its folder. It does not know the queue or the database.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from core import process
from core.jobs.order import ALIVE, OUTPUT, Order
from core.records import Environment, Job
from core.store.flock import HeldFile, is_held
from core.store.identity import ProcessId
from core.store.values import line

ROOT = Path(__file__).resolve().parents[2]
TAIL_BYTES = 2_000


class Child:
    """One attempt's worker."""

    def __init__(self, job_id: str, attempt: int, folder: Path) -> None:
        self.job_id = job_id
        self.attempt = attempt
        self.folder = folder
        self.process: ProcessId | None = None
        self._popen: subprocess.Popen[bytes] | None = None
        self._asked: float | None = None

    @classmethod
    def start(cls, job: Job, folder: Path) -> "Child":
        """Start a worker that outlives its owner."""
        child = cls(job.id, job.attempt, folder)
        Order(job.id, job.target, job.args, job.attempt, job.environment).write(folder)
        alive = HeldFile(folder / ALIVE)
        try:
            # Held before the worker exists and handed over: at no moment does a worker run unseen.
            if not alive.take():
                raise BlockingIOError(f"another worker is at work in {folder.name}")
            with (folder / OUTPUT).open("ab") as output:
                child._popen = subprocess.Popen(
                    [sys.executable, "-m", "core.jobs.worker", str(folder.resolve())],
                    stdin=alive.descriptor,
                    stdout=output,
                    stderr=output,
                    cwd=ROOT,
                    env=_environment(job.environment),
                    start_new_session=True,
                )
        finally:
            alive.close()
        child.process = ProcessId.of(child._popen.pid)
        return child

    @classmethod
    def adopt(cls, job: Job, folder: Path, worker: ProcessId | None) -> "Child":
        """Watch a worker that another owner started, whether or not it still runs."""
        child = cls(job.id, job.attempt, folder)
        child.process = worker
        return child

    @property
    def is_adopted(self) -> bool:
        """Say whether another owner started it."""
        return self._popen is None

    def is_alive(self) -> bool:
        """Say whether the worker still runs."""
        if self._popen is not None:
            return self._popen.poll() is None
        return is_held(self.folder / ALIVE)

    def end(self, grace: float) -> None:
        """Ask the worker to end; called again after the grace, make it end."""
        if self.process is None:
            return
        if self._asked is None:
            self._asked = time.monotonic()
            self.process.send(signal.SIGTERM)
        elif time.monotonic() - self._asked >= grace:
            self.process.send_group(signal.SIGKILL)

    def last_words(self) -> str:
        """Say how a worker went that left no ending behind."""
        code = None if self._popen is None else self._popen.poll()
        if code is None:
            how = "Its process is gone."
        elif code < 0:
            how = f"Its process was ended by {_signal_name(-code)}."
        else:
            how = f"Its process ended with code {code}."
        if code == -signal.SIGKILL:
            how += " The machine may have run out of memory."
        return f"{how} {self._last_line()}".strip()

    def _last_line(self) -> str:
        try:
            with (self.folder / OUTPUT).open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - TAIL_BYTES))
                lines = file.read().decode(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return line(lines[-1], 300) if lines else ""


def _environment(kind: Environment) -> dict[str, str]:
    return process.training_environment() if kind == "training" else process.clean_environment()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
