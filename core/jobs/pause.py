"""Making room for somebody who chats: the owner holds a file, workers wait while it is held.

The kernel lets go of the file when the owner dies, so no worker is left waiting.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.store.flock import HeldFile

_TRIES = 20


class Pause:
    """The owner's side; several may ask at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._asking = 0
        self._held: HeldFile | None = None

    @property
    def asked(self) -> bool:
        """Say whether workers are to wait now."""
        return self._asking > 0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask workers to wait until the last of those who ask is done."""
        with self._lock:
            self._asking += 1
            if self._held is None:
                self._held = _hold(self._path)
        try:
            yield
        finally:
            with self._lock:
                self._asking -= 1
                if self._asking == 0 and self._held is not None:
                    self._held.close()
                    self._held = None


def _hold(path: Path) -> HeldFile | None:
    # A worker that looks holds the file for an instant. Waiting longer would cost the chat more
    # than the pause gains, and the job is niced in any case.
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = HeldFile(path)
    except OSError:
        return None
    for _ in range(_TRIES):
        if held.take():
            return held
        time.sleep(0.001)
    held.close()
    return None
