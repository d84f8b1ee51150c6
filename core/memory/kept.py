"""What a model in this process keeps of conversations: where it lies, and what came of it.

It knows no model and no cache; whoever keeps conversations fills it in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Tiers:
    """Bytes of keys and values by where they lie, and the tokens they are of."""

    tokens: int = 0
    vram: int = 0
    ram: int = 0
    flash: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """What is kept of one session, or of all; the limits are those of all together.

    `keeper` says who keeps it: memory alone, or memory and flash. `counts` are named as in
    counters.py and begin at `since`; `break_even` is the length from which reading back was
    measured to be quicker.
    """

    keeper: Literal["memory", "flash"]
    tiers: Tiers
    counts: Mapping[str, int]
    since: float
    break_even: int | None = None
    ram_limit: int | None = None
    flash_limit: int | None = None


@runtime_checkable
class Remembers(Protocol):
    """A generator that keeps what it read of conversations in this process."""

    def memory(self, session: str | None = None) -> Memory:
        """Return what is kept of a session, or of all."""
        ...

    def forget(self, session: str) -> None:
        """Keep nothing of a session any more, neither in memory nor on flash."""
        ...
