"""What a job's function is handed: its arguments, its folder, and ways to say how it goes.

It knows the journal and when to wait. It does not know who reads what is said.
"""

import threading
import time
from pathlib import Path
from typing import Any

from core.jobs.journal import Journal
from core.jobs.order import Order
from core.store.flock import is_held
from core.store.values import line

REPORT_EVERY_S = 0.2
POLL_S = 0.1


class Work:
    """One attempt at a job, as its function sees it."""

    def __init__(self, order: Order, folder: Path, journal: Journal, pause: Path) -> None:
        self.args: dict[str, Any] = order.args
        self.folder = folder
        self.attempt = order.attempt
        self.stop = threading.Event()
        self._journal = journal
        self._pause = pause
        self._asked_to_end = False
        self._reported = 0.0
        self.is_waiting = False

    def report(self, fraction: float | None, text: str = "") -> None:
        """Say how far the work is, from 0 to 1; None when that cannot be told."""
        self.wait_while_paused()
        moment = time.monotonic()
        last = fraction is not None and fraction >= 1
        if last or moment - self._reported >= REPORT_EVERY_S:
            self._reported = moment
            share = None if fraction is None else min(1.0, max(0.0, float(fraction)))
            self._journal.append("progress", {"fraction": share, "text": line(text)})

    def log(self, text: str) -> None:
        """Write down something worth reading later."""
        self._journal.append("log", {"text": text})

    def emit(self, record: dict[str, Any]) -> None:
        """Write down a result; once this returns it survives a kill."""
        self.wait_while_paused()
        self._journal.append("result", record)

    def cancelled(self) -> bool:
        """Say whether the work is to end; keep what is done and return."""
        return self._asked_to_end

    def ask_to_end(self) -> None:
        """Note the wish; safe inside a signal handler, where setting an event is not."""
        self._asked_to_end = True

    def is_paused(self) -> bool:
        """Say whether somebody chats and the machine is to be left to them."""
        return not self._asked_to_end and is_held(self._pause)

    def wait_while_paused(self) -> None:
        """Return when nobody chats, or when the work is to end."""
        while self.is_paused():
            time.sleep(POLL_S)

    def wait_once(self) -> None:
        """Wait while paused unless this thread does so already, further up its stack."""
        if not self.is_waiting:
            self.is_waiting = True
            try:
                self.wait_while_paused()
            finally:
                self.is_waiting = False
