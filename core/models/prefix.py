"""Keys and values of the last conversation, kept so that its next turn need not be read again.

It keeps one cache, in memory, of whole prompts with their answers. It knows token numbers only;
whoever calls it holds the model's lock. What a sliding window has forgotten cannot be kept.
"""

from collections.abc import Sequence

from transformers import DynamicCache, PreTrainedConfig
from transformers.cache_utils import DynamicLayer

from core.memory.held import Held


class Prefix:
    """Hands out the kept cache, cut to what a prompt shares with it, or an empty one."""

    def __init__(self, config: PreTrainedConfig) -> None:
        self._config = config
        self._kept: Held | None = None

    def open(self, tokens: Sequence[int], session: str = "") -> Held:
        """Return a cache that holds a beginning of the tokens, never all of them."""
        kept, self._kept = self._kept, None
        if kept is None:
            return fresh(self._config)
        same = min(common(kept.tokens, tokens), len(tokens) - 1)
        if same <= 0:
            return fresh(self._config)
        surplus = len(kept.tokens) - same
        if surplus:
            kept.cache.crop(-surplus)
            del kept.tokens[same:]
        return kept

    def close(self, held: Held) -> None:
        """Keep what an answer worked with, in the place of what was kept before."""
        self._kept = held if held.tokens and _can_be_cut(held) else None

    def abandon(self, held: Held) -> None:
        """Keep nothing of what an answer worked with: it ended in the middle of a pass."""
        held.tokens.clear()

    def drop(self) -> None:
        """Give the memory back."""
        self._kept = None

    def shut(self) -> None:
        """Keep nothing any more."""
        self.drop()


def fresh(config: PreTrainedConfig) -> Held:
    """Return an empty cache."""
    return Held(DynamicCache(config=config), [])


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two texts share at their beginning."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _can_be_cut(held: Held) -> bool:
    return all(type(layer) is DynamicLayer for layer in held.cache.layers)
