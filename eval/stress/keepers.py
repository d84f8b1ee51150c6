"""What keeps a conversation's keys and values between its turns, in each mode without flash.

Plain keeps every session's in memory, as transformers does; Fresh keeps nothing, so that all is
computed again. Noted tells how far a pass had come when it failed.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import torch
from transformers import Cache, DynamicCache, PreTrainedConfig

from core.memory.held import Held
from core.memory.kept import Memory, Tiers
from core.models.keeping import Keeper
from core.models.prefix import Prefix, common


class Counted(DynamicCache):
    """A plain cache that fails where its tensors outgrow a number of bytes."""

    def __init__(self, config: PreTrainedConfig, most: int, beside: "Plain") -> None:
        super().__init__(config=config)
        self._most, self._beside = most, beside

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        layer_idx: int,
        *args: Any,  # noqa: ANN401  as transformers has it
        **kwargs: Any,  # noqa: ANN401
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add keys and values, and count them."""
        found = super().update(key_states, value_states, layer_idx, *args, **kwargs)
        held = weight(self) + self._beside.bytes
        if held > self._most:
            raise MemoryError(
                f"The keys and values take {held:,} bytes; the counted budget is {self._most:,}."
            )
        return found


class Plain(Prefix):
    """Every session's cache, in memory; `most` is a number of bytes that is counted, if any."""

    def __init__(self, config: PreTrainedConfig) -> None:
        super().__init__(config)
        self._held: dict[str, Held] = {}
        self._mine = ""
        self.most: int | None = None

    @property
    def bytes(self) -> int:
        """Return what the caches take that are not at work."""
        return sum(weight(held.cache) for held in self._held.values())

    def open(self, tokens: Sequence[int], session: str = "") -> Held:
        """Return the session's cache, cut to what the prompt shares with it."""
        held, self._mine = self._held.pop(session, None), session
        same = min(common(held.tokens, tokens), len(tokens) - 1) if held else 0
        if held is None or same <= 0:
            return Held(self._new(), [])
        if len(held.tokens) > same:
            held.cache.crop(same - len(held.tokens))
            del held.tokens[same:]
        return held

    def close(self, held: Held) -> None:
        """Keep what an answer worked with."""
        self._held[self._mine] = held

    def drop(self) -> None:
        """Give back the memory of what is kept."""
        self._held.clear()

    def forget(self, session: str) -> None:
        """Keep nothing of a session any more."""
        self._held.pop(session, None)

    def memory(self, session: str | None = None) -> Memory:
        """Return what is kept of all sessions that are not at work."""
        caches = [held.cache for held in self._held.values()]
        on_card = any(_is_on_card(cache) for cache in caches)
        tiers = Tiers(**{"vram" if on_card else "ram": self.bytes})
        return replace(super().memory(session), tiers=tiers)

    def _new(self) -> DynamicCache:
        if self.most is None:
            return DynamicCache(config=self._config)
        return Counted(self._config, self.most, self)


class Fresh(Plain):
    """Nothing is kept: each turn computes the whole conversation again."""

    def close(self, held: Held) -> None:
        """Keep nothing."""


class Noted:
    """Any keeper, with a note of where a pass failed."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.reached: int | None = None

    def open(self, tokens: list[int], session: str = "") -> Held:
        """Return a cache that holds a beginning of the tokens."""
        self.reached = None
        return self.keeper.open(tokens, session)

    def close(self, held: Held) -> None:
        """Keep what an answer worked with."""
        self.keeper.close(held)

    def abandon(self, held: Held) -> None:
        """Keep nothing of it, but where it ended."""
        self.reached = len(held.tokens)
        self.keeper.abandon(held)

    def drop(self) -> None:
        """Give back the memory of what is kept."""
        self.keeper.drop()

    def shut(self) -> None:
        """Keep nothing any more."""
        self.keeper.shut()

    def group(self) -> AbstractContextManager[Cache]:
        """Lend a cache for prompts side by side."""
        return self.keeper.group()

    def forget(self, session: str) -> None:
        """Keep nothing of a session any more."""
        self.keeper.forget(session)

    def memory(self, session: str | None = None) -> Memory:
        """Return what is kept of a session, or of all."""
        return self.keeper.memory(session)


def weight(cache: object) -> int:
    """Return the bytes of a plain cache's tensors."""
    layers: Sequence[object] = getattr(cache, "layers", ())
    parts = [getattr(layer, name, None) for layer in layers for name in ("keys", "values")]
    return sum(part.nbytes for part in parts if isinstance(part, torch.Tensor))


def _is_on_card(cache: Cache) -> bool:
    keys = getattr(cache.layers[0], "keys", None) if cache.layers else None
    return isinstance(keys, torch.Tensor) and keys.device.type != "cpu"
