"""How much at once and how often: slots for answers, and a rate per visitor.

It counts and refuses in words. It does not know what an answer is.
"""

import asyncio
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from core.errors import Busy, RateLimited
from core.messages import Stop

ADDRESS_FACTOR = 10


class Slots:
    """Places for answers under way, and a queue before them."""

    def __init__(self, at_once: int, queue: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._queue = queue
        self.active = 0
        self.waiting = 0
        self.closing = False
        self.stops: set[Stop] = set()

    async def take(self, stop: Stop) -> None:
        """Wait for a slot; refuse when the queue is full or the server is stopping."""
        if self.closing:
            raise Busy("Plumbline is stopping.", "Ask again when it is back.", retry_after=5)
        if self._free.locked() and self.waiting >= self._queue:
            raise Busy(
                f"{self.active} answers are being written and {self.waiting} more are waiting.",
                "Ask again in a moment.",
                retry_after=5,
            )
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.active += 1
        self.stops.add(stop)

    def give(self, stop: Stop) -> None:
        """Free a slot."""
        self.active -= 1
        self.stops.discard(stop)
        self._free.release()

    def end_all(self) -> None:
        """Ask every answer under way to end with what it has."""
        for stop in self.stops:
            stop.set()


class Rate:
    """Requests per visitor; many visitors behind one address share a tenfold allowance."""

    def __init__(self, limit: str) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._each = parse(limit)
        item = self._each
        self._address = type(item)(item.amount * ADDRESS_FACTOR, item.multiples)

    def check(self, owner: str | None, address: str) -> None:
        """Count a request; raise when the visitor or the address has asked too often.

        `owner` is None for a caller that brought no token: such a caller is counted by address,
        so that throwing tokens away gains nothing.
        """
        if owner is None:
            self._hit(self._each, "address", address)
            return
        self._hit(self._each, "owner", owner)
        self._hit(self._address, "shared", address)

    def _hit(self, item: RateLimitItem, kind: str, key: str) -> None:
        if self._limiter.hit(item, kind, key):
            return
        reset = self._limiter.get_window_stats(item, kind, key).reset_time
        wait = max(1.0, reset - time.time())
        raise RateLimited(
            f"More than {item.amount} requests in {_span(item)}.",
            f"Wait {wait:.0f} s, then ask again.",
            retry_after=wait,
        )


def _span(item: RateLimitItem) -> str:
    name = item.GRANULARITY.name
    return f"a {name}" if item.multiples == 1 else f"{item.multiples} {name}s"
