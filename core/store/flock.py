"""Files that are held for as long as a process lives, whatever ends it.

The kernel lets go when the last copy of the descriptor closes, so no file held this way is
ever stale. It knows nothing of what the file says.
"""

import fcntl
import os
from pathlib import Path

_open: set[int] = set()


def _forget_after_fork() -> None:
    # A forked child would otherwise keep its parent's lock alive after the parent's death.
    for descriptor in _open:
        os.close(descriptor)
    _open.clear()


os.register_at_fork(after_in_child=_forget_after_fork)


class HeldFile:
    """An open file that can be held exclusively; closing it lets go."""

    def __init__(self, path: Path) -> None:
        self.path = path
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self.descriptor = os.open(path, flags, 0o600)
        self._pid = os.getpid()
        self._closed = False
        _open.add(self.descriptor)

    def take(self) -> bool:
        """Hold the file; False when another holds it, or it was replaced meanwhile."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return self._still_named()

    def _still_named(self) -> bool:
        try:
            named = self.path.stat()
        except FileNotFoundError:
            return False
        mine = os.fstat(self.descriptor)
        return (named.st_dev, named.st_ino) == (mine.st_dev, mine.st_ino)

    def write(self, data: bytes) -> None:
        """Replace what the file says and wait until the disk has it."""
        os.fchmod(self.descriptor, 0o600)
        os.pwrite(self.descriptor, data, 0)
        os.ftruncate(self.descriptor, len(data))
        os.fsync(self.descriptor)

    @property
    def is_open(self) -> bool:
        """Say whether this process still has the file open; a forked child has not."""
        return not self._closed and self._pid == os.getpid()

    def close(self) -> None:
        """Let go. Children that were handed the descriptor keep holding the file."""
        if self.is_open:
            self._closed = True
            _open.discard(self.descriptor)
            os.close(self.descriptor)


def keep(descriptor: int) -> None:
    """Go on holding a file that was handed over, in this process alone."""
    _open.add(os.dup(descriptor))


def is_held(path: Path) -> bool:
    """Say whether a living process holds the file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
