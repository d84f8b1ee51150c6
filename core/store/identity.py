"""Which process is meant by a number: a pid together with when that process was born.

It knows pids are reused and clocks are set. It does not know what the process does.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

import psutil

TOLERANCE = 0.5


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process that cannot be mistaken for a later one with the same number."""

    pid: int
    born: float

    @classmethod
    def of(cls, pid: int) -> "ProcessId | None":
        """Return the identity of a living process, or None when there is none."""
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            # Both come from the same clock, so setting it moves neither their difference.
            return cls(pid, process.create_time() - psutil.boot_time())
        except (psutil.Error, ValueError, OverflowError):
            return None

    @classmethod
    def own(cls) -> "ProcessId":
        """Return the identity of this process."""
        return cls.of(os.getpid()) or cls(os.getpid(), 0.0)

    def alive(self) -> bool:
        """Say whether that very process still runs."""
        now = ProcessId.of(self.pid)
        return now is not None and abs(now.born - self.born) <= TOLERANCE

    def send(self, signal: int) -> bool:
        """Signal that very process; False when it is gone."""
        return self.alive() and _delivered(os.kill, self.pid, signal)

    def send_group(self, signal: int) -> bool:
        """Signal that process and those it started, where it leads its group."""
        return self.alive() and _delivered(os.killpg, self.pid, signal)


def _delivered(send: Callable[[int, int], None], pid: int, signal: int) -> bool:
    try:
        send(pid, signal)
    except (ProcessLookupError, PermissionError):
        return False
    return True
