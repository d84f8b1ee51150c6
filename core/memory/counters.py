"""What was kept, taken up again and computed, counted; every figure is measured, none derived.

Counters of one session add to those of all, so that the parts and the whole never disagree. What
nobody's session can be named for (damage, room made on flash) is counted for all alone.
"""

import threading
import time
from collections.abc import Mapping
from types import MappingProxyType

NAMES = (
    "reused_memory",
    "reused_flash",
    "recomputed",
    "hits_memory",
    "hits_flash",
    "misses",
    "too_short",
    "damaged",
    "evicted_bytes",
    "read_bytes",
    "written_bytes",
    "failed_writes",
    "forgotten_sessions",
)
SESSIONS = 1_000


class Counters:
    """Totals since a moment, in tokens, bytes and events."""

    def __init__(self, above: "Counters | None" = None) -> None:
        self.since = time.time()
        self._above = above
        self._lock = threading.Lock()
        self._totals: dict[str, int] = dict.fromkeys(NAMES, 0)
        self._sessions: dict[str, Counters] = {}

    def add(self, **amounts: int) -> None:
        """Add to one or more totals, and to those of which they are a part."""
        with self._lock:
            for name, amount in amounts.items():
                self._totals[name] += amount
        if self._above is not None:
            self._above.add(**amounts)

    def of(self, session: str) -> "Counters":
        """Return the counters of one session, of which the latest thousand are kept."""
        if not session:
            return self
        with self._lock:
            found = self._sessions.pop(session, None) or Counters(self)
            self._sessions[session] = found
            while len(self._sessions) > SESSIONS:
                del self._sessions[next(iter(self._sessions))]
        return found

    def forget(self, session: str) -> None:
        """Keep nothing of a session by itself; it stays in the totals."""
        with self._lock:
            self._sessions.pop(session, None)

    def read(self, session: str | None = None) -> Mapping[str, int]:
        """Return every total as they were at one moment, of one session or of all."""
        with self._lock:
            found = self if session is None else self._sessions.get(session)
            if found is None:
                return MappingProxyType(dict.fromkeys(NAMES, 0))
            if found is self:
                return MappingProxyType(dict(self._totals))
        return found.read()
