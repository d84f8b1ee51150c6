"""A growing tensor of one row per token, in anonymous memory that is given back to the byte.

On a CPU it lies in a private mapping that is grown, moved and cut in place: the allocator
would keep what is freed, and a budget would be a guess. It knows nothing of layers.
"""

import mmap
from contextlib import suppress

import numpy
import torch


class Rows:
    """A tensor [capacity, *row] whose rows stay where they are counted from."""

    def __init__(self, row: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> None:
        self.row, self.dtype, self.device = row, dtype, device
        self.row_bytes = dtype.itemsize * int(torch.Size(row).numel())
        self.capacity = 0
        self._map: mmap.mmap | None = None
        self.tensor = self.seen = self._empty(0)

    @property
    def size(self) -> int:
        """Return the bytes it takes."""
        return self.capacity * self.row_bytes

    def resize(self, capacity: int) -> None:
        """Make room for so many rows; those that fit stay."""
        if capacity == self.capacity:
            return
        if self.device.type == "cpu":
            self._remap(capacity)
        else:
            kept, old = min(capacity, self.capacity), self.tensor
            self.tensor = self._empty(capacity)
            self.tensor[:kept] = old[:kept]
        self.capacity = capacity
        # As attention wants it: the tokens last but one.
        self.seen = self.tensor.movedim(0, -2)

    def drop(self, count: int, kept: int) -> None:
        """Forget the first rows and move the next `kept` ones to the start."""
        if self._map is not None:
            self._map.move(0, count * self.row_bytes, kept * self.row_bytes)
        else:
            self.tensor[:kept] = self.tensor[count : count + kept].clone()

    def _remap(self, capacity: int) -> None:
        size = capacity * self.row_bytes
        self.tensor = self.seen = self._empty(0)
        if not size:
            self._map = None
            return
        if self._map is not None:
            # Somebody may still look at the old rows, and not every system can resize.
            with suppress(BufferError, SystemError):
                self._map.resize(size)
        if self._map is None or len(self._map) != size:
            old, self._map = self._map, anonymous(size)
            if old is not None:
                kept = min(size, len(old))
                with memoryview(old) as source:
                    self._map[:kept] = source[:kept]
        # Unlike torch.frombuffer, an array keeps the mapping from being resized under a tensor.
        array = numpy.frombuffer(self._map, dtype=numpy.uint8)
        # A tensor made in inference mode could not be written outside of it.
        with torch.inference_mode(False):
            self.tensor = torch.from_numpy(array).view(self.dtype).view(capacity, *self.row)

    def _empty(self, capacity: int) -> torch.Tensor:
        with torch.inference_mode(False):
            return torch.empty(capacity, *self.row, dtype=self.dtype, device=self.device)


def anonymous(size: int) -> mmap.mmap:
    """Return memory of this process alone, which counts as such wherever it is measured."""
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANON)
