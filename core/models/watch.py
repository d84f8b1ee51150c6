"""Looks again and again, from one thread, for as long as there is something to wait for.

It knows when to look. It does not know what is looked for.
"""

import threading
from collections.abc import Callable

EVERY = 10.0


class Watch:
    """Calls `look` until it says that there is nothing left to wait for."""

    def __init__(self, look: Callable[[], bool], every: float = EVERY) -> None:
        self._look = look
        self._every = every
        self._guard = threading.Lock()
        self._asked = False
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    @property
    def ended(self) -> bool:
        """Say whether looking was given up for good."""
        return self._ended.is_set()

    def start(self) -> None:
        """Begin to look; a second call while it looks starts no second thread."""
        with self._guard:
            self._asked = True
            if self._thread is None and not self.ended:
                self._thread = threading.Thread(
                    target=self._run, name="plumbline-watch", daemon=True
                )
                self._thread.start()

    def close(self) -> None:
        """Stop looking; a look under way is the last."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            with self._guard:
                self._asked = False
            go_on = self._look()
            with self._guard:
                # Whoever asked while it looked may have seen newer trouble.
                if not go_on and not self._asked:
                    self._thread = None
                    return
