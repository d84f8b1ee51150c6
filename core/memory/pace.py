"""How long this machine takes to compute tokens and to read them back, as it was measured here.

From both follows the break-even length: below it, computing again is as quick as reading. It is
measured while answers are made, and kept with the stored keys and values between two starts.
"""

import threading
import time
from collections.abc import Mapping

from core.memory.key import SEGMENT

# Shorter passes say more about their overhead than about the pace.
LEAST_FRESH = 32
FADE = 0.9
# What is read back is read to be checked, and again to be used.
READS = 2


class Line:
    """A straight line through what was measured, the latest counting most."""

    def __init__(self, sums: tuple[float, ...] = (0.0,) * 5) -> None:
        self.sums = sums

    def add(self, x: float, y: float) -> None:
        """Take in a measured point."""
        new = (1.0, x, y, x * x, x * y)
        self.sums = tuple(FADE * old + value for old, value in zip(self.sums, new, strict=True))

    @property
    def terms(self) -> tuple[float, float] | None:
        """Return what it takes at 0 and what each unit adds; None before the first point."""
        n, x, y, xx, xy = self.sums
        if not n or not x:
            return None
        spread = n * xx - x * x
        slope = (n * xy - x * y) / spread if spread > 1e-9 * n * xx else -1.0
        offset = (y - slope * x) / n
        # Points too near each other, or too scattered, give a line through 0 instead.
        return (offset, slope) if slope > 0 and offset >= 0 else (0.0, y / x)


class Pace:
    """Seconds to compute and to read; safe to use from several threads."""

    def __init__(self, kept: Mapping[str, list[float]] | None = None) -> None:
        kept = kept or {}
        self.computing = Line(_sums(kept.get("computing")))
        self.reading = Line(_sums(kept.get("reading")))
        self._local = threading.local()
        self._lock = threading.Lock()

    def begin(self, fresh: int) -> None:
        """Note that a pass over so many new tokens went through its first layer."""
        self._local.begun = (fresh, time.perf_counter()) if fresh >= LEAST_FRESH else None

    def end(self) -> None:
        """Note that the pass went through its last layer."""
        begun = getattr(self._local, "begun", None)
        if begun:
            with self._lock:
                self.computing.add(begun[0], time.perf_counter() - begun[1])
            self._local.begun = None

    def read(self, size: int, seconds: float) -> None:
        """Note how long so many bytes took to find, map and check."""
        with self._lock:
            self.reading.add(size, seconds)

    def pays(self, tokens: int, size: int) -> bool:
        """Say whether reading them is quicker; unmeasured, it is tried where a segment is won."""
        with self._lock:
            computing, reading = self.computing.terms, self.reading.terms
        if computing is None or reading is None:
            return tokens >= SEGMENT
        return READS * (reading[0] + reading[1] * size) < computing[1] * tokens

    def break_even(self, bytes_per_token: int) -> int | None:
        """Return from how many tokens on reading is quicker; None where that is not known."""
        with self._lock:
            computing, reading = self.computing.terms, self.reading.terms
        if computing is None or reading is None:
            return None
        gain = computing[1] - READS * reading[1] * bytes_per_token
        return int(READS * reading[0] / gain) + 1 if gain > 0 else None

    def kept(self) -> dict[str, list[float]]:
        """Return what is worth keeping for the next start."""
        with self._lock:
            return {"computing": [*self.computing.sums], "reading": [*self.reading.sums]}


def _sums(kept: list[float] | None) -> tuple[float, ...]:
    good = isinstance(kept, list) and len(kept) == 5 and all(isinstance(x, float) for x in kept)
    return tuple(kept) if good and kept else (0.0,) * 5
