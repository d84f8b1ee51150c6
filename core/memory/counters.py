"""What the flash tier has done, counted; every figure here was measured, none is derived."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
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


class Counters:
    """Totals since the tier was opened, in tokens, bytes and events."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals: dict[str, int] = dict.fromkeys(NAMES, 0)

    def add(self, **amounts: int) -> None:
        """Add to one or more totals."""
        with self._lock:
            for name, amount in amounts.items():
                self._totals[name] += amount

    def read(self) -> Mapping[str, int]:
        """Return every total, as they were at one moment."""
        with self._lock:
            return MappingProxyType(dict(self._totals))


@dataclass(frozen=True, slots=True)
class Tiers:
    """Bytes of keys and values by where they lie, and the tokens they are of."""

    tokens: int = 0
    vram: int = 0
    ram: int = 0
    flash: int = 0
