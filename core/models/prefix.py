"""Keys and values of the last conversation, kept so that its next turn need not be read again.

It keeps one cache, in memory, of whole prompts with their answers. It knows token numbers only;
whoever calls it holds the model's lock. What a sliding window has forgotten cannot be kept.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from transformers import Cache, DynamicCache, PreTrainedConfig
from transformers.cache_utils import DynamicLayer

from core.memory.counters import Counters
from core.memory.held import Held
from core.memory.kept import Memory, Tiers


class Prefix:
    """Hands out the kept cache, cut to what a prompt shares with it, or an empty one."""

    def __init__(self, config: PreTrainedConfig) -> None:
        self._config = config
        self._kept: Held | None = None
        self._work: Held | None = None
        self._session = ""
        self._forgotten = False
        self.counters = Counters()

    def open(self, tokens: Sequence[int], session: str = "") -> Held:
        """Return a cache that holds a beginning of the tokens, never all of them."""
        held, self._kept = self._kept or fresh(self._config), None
        same = max(0, min(common(held.tokens, tokens), len(tokens) - 1))
        surplus = len(held.tokens) - same
        if not same:
            held = fresh(self._config)
        elif surplus:
            held.cache.crop(-surplus)
            del held.tokens[same:]
        counters = self.counters.of(session)
        counters.add(recomputed=len(tokens) - same, reused_memory=same)
        counters.add(hits_memory=bool(same), misses=not same)
        self._work, self._session, self._forgotten = held, session, False
        return held

    def close(self, held: Held) -> None:
        """Keep what an answer worked with, in the place of what was kept before."""
        wanted = held.tokens and _can_be_cut(held) and not self._forgotten
        self._kept, self._work = held if wanted else None, None

    def abandon(self, held: Held) -> None:
        """Keep nothing of what an answer worked with: it ended in the middle of a pass."""
        held.tokens.clear()
        self._work = None

    def drop(self) -> None:
        """Give the memory back."""
        self._kept = None

    def shut(self) -> None:
        """Keep nothing any more."""
        self.drop()

    def forget(self, session: str) -> None:
        """Keep nothing of a session; at work, once its answer is written."""
        if session == self._session:
            self._kept, self._forgotten = None, True
        self.counters.forget(session)

    @contextmanager
    def group(self) -> Iterator[Cache]:
        """Lend a cache for prompts side by side; nothing of it is kept."""
        yield DynamicCache(config=self._config)

    def memory(self, session: str | None = None) -> Memory:
        """Return what is kept of a session, or of the last one, and what came of it."""
        held = self._work or self._kept
        mine = held is not None and session in (None, self._session)
        tiers = _weighed(held) if held is not None and mine else Tiers()
        return Memory("memory", tiers, self.counters.read(session), self.counters.since)


def fresh(config: PreTrainedConfig) -> Held:
    """Return an empty cache."""
    return Held(DynamicCache(config=config), [])


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two texts share at their beginning."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _can_be_cut(held: Held) -> bool:
    return all(type(layer) is DynamicLayer for layer in held.cache.layers)


def _weighed(held: Held) -> Tiers:
    """Return the bytes of a cache, which may be growing meanwhile."""
    parts = [
        part
        for layer in list(held.cache.layers)
        for part in (getattr(layer, "keys", None), getattr(layer, "values", None))
        if part is not None
    ]
    size = sum(part.nbytes for part in parts)
    on_card = any(part.device.type != "cpu" for part in parts)
    return Tiers(len(held.tokens), vram=size if on_card else 0, ram=0 if on_card else size)
