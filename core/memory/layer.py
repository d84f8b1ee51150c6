"""One layer of the cache: its latest rows in memory, its earlier ones, where they must, on flash.

    tokens  0 ……………… start ……………… length
            on flash     in memory

While `start` is 0 attention reads the rows where they lie. Otherwise what is on flash is read
from its files, checked, and put before the rows in a workspace that all layers share.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import torch
from transformers.cache_utils import DynamicLayer

from core.errors import ModelError
from core.memory.rows import Rows

STEP = 64


class Owner(Protocol):
    """What a layer asks of the cache it belongs to."""

    heads: tuple[int, int]

    def __len__(self) -> int: ...

    def make_room(self, extra: int) -> None:
        """Take so many bytes of the budget."""
        ...

    def has_room(self, extra: int) -> bool:
        """Say whether so many bytes more fit."""
        ...

    def moving(self) -> AbstractContextManager[object]:
        """Keep others from reading rows while they move."""
        ...

    def stored(self, index: int, tokens: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Read a layer's first tokens from flash."""
        ...

    def workspace(self, layer: "FlashLayer") -> tuple[Rows, Rows]:
        """Return room for all rows of one layer."""
        ...

    def updated(self, index: int, fresh: int) -> None:
        """Hear that a layer has its new rows."""
        ...


class FlashLayer(DynamicLayer):
    """What transformers asks of a layer; decisions about room and files are its owner's."""

    def __init__(self, owner: Owner, index: int) -> None:
        super().__init__()
        self._owner, self._index = owner, index
        self.start = self.length = 0
        self.parts: tuple[Rows, Rows] | None = None
        self._comes_back = False

    @property
    def two(self) -> tuple[Rows, Rows]:
        """Return the rows of its keys and those of its values."""
        if self.parts is None:
            raise ModelError("This layer of the cache was never filled.")
        return self.parts

    @property
    def size(self) -> int:
        """Return the bytes its rows take in memory."""
        return sum(part.size for part in self.parts or ())

    @property
    def row_bytes(self) -> int:
        """Return the bytes of one token."""
        return sum(part.row_bytes for part in self.parts or ())

    def prepare(self, row: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> None:
        """Make it ready for rows of that form."""
        self.parts = (Rows(row, dtype, device), Rows(row, dtype, device))
        self.dtype, self.device, self.is_initialized = dtype, device, True

    def attach(self, start: int) -> None:
        """Begin with so many tokens on flash, which come to memory if there is room."""
        self.start = self.length = start
        self._comes_back = True

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Take the form of what comes first."""
        batch, heads, _, dim = key_states.shape
        if key_states.shape != value_states.shape or (heads, dim) != self._owner.heads:
            raise ModelError(
                "This model's keys and values have another form than its config says.",
                "Set KV_TIER=off.",
            )
        self.prepare((batch, heads, dim), key_states.dtype, key_states.device)

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add keys and values, and return all of them."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        fresh = key_states.shape[-2]
        if self.start and self._comes_back:
            self._come_back(fresh)
        if self._index == 0 or self.length - self.start + fresh > self.two[0].capacity:
            self._reserve(fresh)
        keys, values = self.two
        keys.seen.narrow(2, self.length - self.start, fresh).copy_(key_states)
        values.seen.narrow(2, self.length - self.start, fresh).copy_(value_states)
        self.length += fresh
        if self.start:
            keys, values = self._gathered()
        self._owner.updated(self._index, fresh)
        return keys.seen.narrow(2, 0, self.length), values.seen.narrow(2, 0, self.length)

    def get_seq_length(self) -> int:
        """Return how many tokens it holds."""
        return self.length

    def copy(self, first: int, last: int) -> bytes:
        """Return the keys, then the values, of tokens that are in memory."""
        pieces = [p.tensor[first - self.start : last - self.start] for p in self.two]
        raw = [p.contiguous().cpu().flatten().view(torch.uint8).numpy() for p in pieces]
        return b"".join(piece.tobytes() for piece in raw)

    def evict(self, count: int) -> None:
        """Forget the first rows in memory; they are on flash."""
        kept = self.length - self.start - count
        for part in self.two:
            part.drop(count, kept)
            part.resize(_rounded(kept))
        self.start += count
        self._comes_back = False

    def put_back(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        """Take rows that come before those in memory, of which there are none."""
        for part, states in zip(self.two, (keys, values), strict=True):
            part.resize(_rounded(len(states)))
            part.tensor[: len(states)] = states

    def crop(self, tokens_to_remove: int) -> None:
        """Forget the last tokens, given as a negative number."""
        if tokens_to_remove > 0:
            raise ValueError("Give the number of tokens to forget as a negative number.")
        self.length += tokens_to_remove
        if self.start > self.length:
            raise ValueError("Tokens on flash are forgotten by the whole cache, not by a layer.")

    def reset(self) -> None:
        """Forget everything and give the memory back."""
        self.start = self.length = 0
        for part in self.parts or ():
            part.resize(0)

    def select(self, picked: torch.Tensor) -> None:
        """Keep these rows of the batch, in this order."""
        if not self.is_initialized:
            return
        held, old = self.length - self.start, self.two
        row = (len(picked), *old[0].row[1:])
        self.prepare(row, self.dtype, self.device)
        for new, was in zip(self.two, old, strict=True):
            new.resize(_rounded(held))
            new.tensor[:held] = was.tensor[:held].index_select(1, picked.to(self.device))

    def _reserve(self, fresh: int) -> None:
        """Have room for the new rows, after the owner has made it."""
        while True:
            held = self.length - self.start
            capacity = max(_rounded(held + fresh), self.two[0].capacity)
            start = self.start
            self._owner.make_room((capacity - self.two[0].capacity) * self.row_bytes)
            # Making room may have moved rows of this very layer to flash.
            if self.start == start:
                break
        if capacity != self.two[0].capacity:
            with self._owner.moving():
                for part in self.two:
                    part.resize(capacity)

    def _come_back(self, fresh: int) -> None:
        """Copy what is on flash to memory for good, where the budget has room for it."""
        self._comes_back = False
        capacity, held = _rounded(self.length + fresh), self.length - self.start
        extra = (capacity - self.two[0].capacity) * self.row_bytes
        # Beside it stay the workspace and one growth of every layer.
        beside = self.length * self.row_bytes + STEP * self.row_bytes * len(self._owner)
        if not self._owner.has_room(extra + beside):
            return
        tail = [part.tensor[:held].clone() for part in self.two]
        pieces = list(self._owner.stored(self._index, self.start))
        self._owner.make_room(extra)
        with self._owner.moving():
            for which, part in enumerate(self.two):
                part.resize(capacity)
                _join([piece[which] for piece in pieces] + [tail[which]], part.tensor)
            self.start = 0

    def _gathered(self) -> tuple[Rows, Rows]:
        """Return a workspace with what is on flash before what is in memory."""
        work = self._owner.workspace(self)
        pieces = list(self._owner.stored(self._index, self.start))
        held = self.length - self.start
        for which, part in enumerate(self.two):
            _join([piece[which] for piece in pieces] + [part.tensor[:held]], work[which].tensor)
        return work


def _join(pieces: list[torch.Tensor], into: torch.Tensor) -> None:
    total = sum(len(piece) for piece in pieces)
    if into.device.type == "cpu":
        torch.cat(pieces, out=into[:total])
        return
    at = 0
    for piece in pieces:
        into[at : at + len(piece)].copy_(piece)
        at += len(piece)


def _rounded(rows: int) -> int:
    return -(-rows // STEP) * STEP
