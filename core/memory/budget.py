"""How many bytes of keys and values may lie in memory, shared fairly by those at work.

Nobody waits for another: who is over its share makes itself smaller the next time it computes,
and who is idle is emptied by whoever needs the room. So there is nothing to be stuck on.
"""

import threading
from collections.abc import Callable


class Account:
    """What one cache holds of the budget; `empty` gives all of it back, while it is idle."""

    def __init__(self, budget: "Budget", empty: Callable[[], None]) -> None:
        self._budget, self._empty = budget, empty
        self.used = 0
        self.peak = 0
        self.active = True
        self.emptied = False

    def allowance(self, wanted: int) -> int:
        """Return how many bytes it may hold now, having emptied idle ones where that is needed."""
        return self._budget.allowance(self, wanted)

    def add(self, change: int) -> None:
        """Note that so many bytes more, or fewer, are held."""
        self.used += change
        self.peak = max(self.peak, self.used)

    def empty(self) -> None:
        """Have its cache give everything back, for good."""
        self.emptied = True
        self._empty()

    def rest(self) -> None:
        """Note that its cache is idle from now on."""
        self._budget.rest(self)

    def wake(self) -> bool:
        """Note that its cache is at work again; False where it was emptied meanwhile."""
        return self._budget.wake(self)

    def leave(self) -> None:
        """Hold nothing any more."""
        self._budget.remove(self)


class Budget:
    """So many bytes for all; half each where two are at work."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._accounts: list[Account] = []

    def join(self, empty: Callable[[], None]) -> Account:
        """Open an account."""
        account = Account(self, empty)
        with self._lock:
            self._accounts.append(account)
        return account

    def remove(self, account: Account) -> None:
        """Close an account."""
        with self._lock:
            self._accounts = [other for other in self._accounts if other is not account]

    @property
    def used(self) -> int:
        """Return the bytes that all hold together."""
        with self._lock:
            return sum(account.used for account in self._accounts)

    def allowance(self, account: Account, wanted: int) -> int:
        """Return what is left beside the others, and no more than a share while others work."""
        with self._lock:
            others = [other for other in self._accounts if other is not account]
            idle = [other for other in others if not other.active and other.used]
            left = self.limit - sum(other.used for other in others)
            while idle and left < wanted:
                # The one that was at work longest ago stands first.
                gone = idle.pop(0)
                left += gone.used
                self._accounts.remove(gone)
                gone.empty()
            share = self.limit // (1 + sum(other.active for other in others))
            return min(left, share)

    def rest(self, account: Account) -> None:
        """Note that a cache is idle from now on, and the last one that should be emptied."""
        with self._lock:
            account.active = False
            self._accounts = [other for other in self._accounts if other is not account]
            self._accounts.append(account)

    def wake(self, account: Account) -> bool:
        """Note that a cache is at work again; False where it was emptied meanwhile."""
        with self._lock:
            account.active = not account.emptied
            return account.active
