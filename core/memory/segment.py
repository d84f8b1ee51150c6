"""A file with the keys and values of up to 256 tokens, every layer after the other.

    8 bytes magic · 4 bytes length of the header · 8 bytes its checksum · the header, in JSON ·
    from a page boundary on, for each layer: keys, then values, token by token, up to a page

It is written beside its name and renamed, so that a name stands for a whole file. Each layer
has a checksum, compared whenever the layer is read. What does not agree in any way is Corrupt.
"""

import json
import mmap
import os
import struct
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import torch
import xxhash

from core.errors import Corrupt

MAGIC = b"PLUMBKV1"
_HEAD = struct.Struct("<8sIQ")
HEADER_LIMIT = 1_000_000
PAGE = mmap.ALLOCATIONGRANULARITY
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True, slots=True)
class Label:
    """What a segment holds: which tokens, from which position, after which hash, in which form."""

    before: str
    position: int
    tokens: tuple[int, ...]
    dtype: str
    layers: int
    batch: int
    kv_heads: int
    head_dim: int

    @property
    def part(self) -> int:
        """Return the bytes of one layer's keys and values."""
        row = self.batch * self.kv_heads * self.head_dim * DTYPES[self.dtype].itemsize
        return 2 * len(self.tokens) * row

    @property
    def stride(self) -> int:
        """Return the bytes from one layer to the next."""
        return _paged(self.part)


def write(path: Path, label: Label, part: Callable[[int], bytes]) -> int:
    """Write a segment whose layers `part` returns, and return its bytes; all of it or nothing."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    start = _paged(_HEAD.size + len(_header(label, [0xFFFFFFFFFFFFFFFF] * label.layers)))
    sums = []
    try:
        with draft.open("wb", buffering=0) as file:
            for layer in range(label.layers):
                data = part(layer)
                sums.append(xxhash.xxh3_64_intdigest(data))
                _write_all(file.fileno(), data, start + layer * label.stride)
            size = start + label.layers * label.stride
            header = _header(label, sums)
            head = _HEAD.pack(MAGIC, len(header), xxhash.xxh3_64_intdigest(header))
            _write_all(file.fileno(), head + header, 0)
            file.truncate(size)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    return size


class Segment:
    """A segment that is mapped for reading; its bytes are checked each time they are read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise Corrupt(f"{path.name} cannot be read: {error}") from error
        self.size = len(self._map)
        self.label, self._sums, self._start = self._read_header()
        # After a beam search or a cut batch, which of its rows are still wanted.
        self.pick: torch.Tensor | None = None

    def fetch(self) -> None:
        """Tell the system that all of it is read soon."""
        self._map.madvise(mmap.MADV_WILLNEED)

    def check(self) -> None:
        """Compare every layer with its checksum."""
        for layer in range(self.label.layers):
            self._check(layer)

    def advise(self, layer: int) -> None:
        """Tell the system that a layer is read next."""
        self._map.madvise(mmap.MADV_WILLNEED, self._at(layer), self.label.stride)

    def read(self, layer: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return keys and values of a layer, each [tokens, batch, heads, dim], checked."""
        self._check(layer)
        keys, values = self._parts[layer]
        if self.pick is None:
            return keys, values
        return keys.index_select(1, self.pick), values.index_select(1, self.pick)

    def _check(self, layer: int) -> None:
        start = self._at(layer)
        with memoryview(self._map) as whole, whole[start : start + self.label.part] as part:
            if xxhash.xxh3_64_intdigest(part) != self._sums[layer]:
                raise Corrupt(f"{self.path.name} was damaged in layer {layer}.")

    def _at(self, layer: int) -> int:
        return self._start + layer * self.label.stride

    @cached_property
    def _parts(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        label = self.label
        shape = (2, len(label.tokens), label.batch, label.kv_heads, label.head_dim)
        count = label.part // DTYPES[label.dtype].itemsize
        found = []
        with warnings.catch_warnings(), torch.inference_mode(False):
            # Nobody writes to it, which torch cannot know.
            warnings.filterwarnings("ignore", message="The given buffer is not writable")
            for layer in range(label.layers):
                flat = torch.frombuffer(
                    self._map, dtype=DTYPES[label.dtype], count=count, offset=self._at(layer)
                )
                keys, values = flat.view(shape)
                found.append((keys, values))
        return found

    def _read_header(self) -> tuple[Label, list[int], int]:
        name = self.path.name
        try:
            magic, length, checksum = _HEAD.unpack_from(self._map)
            raw = self._map[_HEAD.size : _HEAD.size + length] if length <= HEADER_LIMIT else b""
            if magic != MAGIC or xxhash.xxh3_64_intdigest(raw) != checksum:
                raise Corrupt(f"The header of {name} was damaged.")
            found = json.loads(raw)
            sums = found.pop("sums")
            label = Label(**{**found, "tokens": tuple(found["tokens"])})
        except (ValueError, KeyError, TypeError, struct.error) as error:
            raise Corrupt(f"The header of {name} cannot be read: {error}") from error
        start = _paged(_HEAD.size + length)
        if self.size != start + label.layers * label.stride or len(sums) != label.layers:
            raise Corrupt(f"{name} was cut off.")
        return label, sums, start


def _header(label: Label, sums: Sequence[int]) -> bytes:
    # Padded, so that its length does not hang on the checksums, which are known last.
    text = json.dumps({**asdict(label), "sums": list(sums)}, separators=(",", ":"))
    room = len(json.dumps({**asdict(label), "sums": []}, separators=(",", ":"))) + 21 * len(sums)
    return text.ljust(room).encode()


def _paged(size: int) -> int:
    return -(-size // PAGE) * PAGE


def _write_all(descriptor: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(descriptor, view, at)
        view, at = view[done:], at + done
