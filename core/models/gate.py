"""One at a time, in order of arrival, with a bounded line: what stands before a local model.

A generator may be ended by another thread than the one that began it, so the gate belongs
to a ticket and not to a thread.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import Busy
from core.messages import Stop

POLL = 0.05


class Gate:
    """Lets one caller through at a time; beyond `length` waiting callers it refuses."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._line: deque[object] = deque()
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """Return how many wait behind the one that is inside."""
        return max(0, len(self._line) - 1)

    @contextmanager
    def turn(self, stop: Stop | None = None, patient: bool = False) -> Iterator[bool]:
        """Wait for the turn; yields False when `stop` was set before it came.

        A patient caller has no one waiting for it and is never refused.
        """
        ticket = object()
        with self._changed:
            if not patient and len(self._line) > self._length:
                raise Busy(
                    f"{self.waiting} requests already wait for the model.",
                    "Try again in a moment, or raise QUEUE_LENGTH.",
                    retry_after=2.0,
                )
            self._line.append(ticket)
        try:
            yield self._wait(ticket, stop)
        finally:
            with self._changed:
                self._line.remove(ticket)
                self._changed.notify_all()

    def _wait(self, ticket: object, stop: Stop | None) -> bool:
        with self._changed:
            while self._line[0] is not ticket:
                if stop is not None and stop.is_set():
                    return False
                self._changed.wait(POLL)
        return stop is None or not stop.is_set()
