"""How many calls go to a server at once: few at first, more while it copes, fewer when it does not.

It knows counts and moments. It makes no call itself.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import Stopped
from core.messages import Stop
from eval.boundary import Trouble

CROWDED = ("overloaded", "unreachable", "rate_limited", "busy", "bad_reply")
POLL_S = 0.1


class Throttle:
    """A limit that doubles until the first sign of trouble, halves at each, and then creeps up."""

    def __init__(self, most: int, stop: Stop) -> None:
        self.limit = 1.0
        self._most = most
        self._stop = stop
        self._busy = 0
        self._steep = True
        self._closed_until = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a place, and give it back."""
        with self._changed:
            while not self._free():
                if self._stop.is_set():
                    raise Stopped("The run was asked to end.")
                self._changed.wait(POLL_S)
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def heard(self, trouble: Trouble | None) -> None:
        """Take note of how a call went; what the server asks to wait is waited by all."""
        with self._changed:
            if trouble is None:
                self.limit = min(self._most, self.limit + (1 if self._steep else 1 / self.limit))
            elif trouble.kind in CROWDED:
                self._steep = False
                self.limit = max(1.0, self.limit / 2)
                wait = trouble.retry_after or 0.0
                self._closed_until = max(self._closed_until, time.monotonic() + wait)
            self._changed.notify_all()

    def words(self, trouble: Trouble | None) -> str:
        """Say what the server asked for and what happens next; blank where it copes."""
        if trouble is None or trouble.kind not in CROWDED:
            return ""
        at_once = int(self.limit)
        then = f"with {at_once} call{'' if at_once == 1 else 's'} at once"
        if trouble.retry_after:
            wait = f"The server asked to wait {trouble.retry_after:.0f} s"
            return f"{wait}; the run goes on then, {then}."
        return f"{trouble.message.rstrip('.')}; the run goes on {then}."

    def _free(self) -> bool:
        return self._busy < int(self.limit) and time.monotonic() >= self._closed_until
