"""A transformers Cache with a budget: what is finished is written to flash and read from there.

It is given to `model.generate` or `model(...)` as `past_key_values`. Whoever computes puts each
token into `tokens` before the pass that computes it; without that the cache works just the
same, but what it writes is its own and ends with it. It decides what moves; a layer does it.
"""

import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import RLock

import torch
from transformers import Cache

from core.errors import StateError
from core.memory.arithmetic import Shape
from core.memory.budget import Budget
from core.memory.counters import Counters
from core.memory.key import SEGMENT, chain
from core.memory.layer import STEP, FlashLayer
from core.memory.pace import Pace
from core.memory.rows import Rows
from core.memory.segment import DTYPES, Label, Segment
from core.memory.shelf import Shelf, name


@dataclass(slots=True)
class Place:
    """Where the writer reads a segment's tokens; not alive once they were forgotten."""

    first: int
    last: int
    alive: bool = True


@dataclass(slots=True)
class Stored:
    """A finished segment: being written, or written."""

    name: str
    place: Place
    writing: Future[Segment] | None
    segment: Segment | None = None

    def settle(self, wait: bool = False) -> Segment | None:
        """Return the segment once it is written; raises where that failed."""
        if self.segment is None and self.writing is not None and (wait or self.writing.done()):
            self.segment = self.writing.result()
        return self.segment


class FlashCache(Cache):
    """Keys and values of one sequence, or of a batch, within an account of a budget."""

    def __init__(
        self,
        shape: Shape,
        budget: Budget,
        shelf: Shelf,
        counters: Counters,
        root: bytes | None = None,
        session: str = "",
        pace: Pace | None = None,
    ) -> None:
        self.heads = (shape.kv_heads, shape.head_dim)
        self.tokens: list[int] = []
        self.session = session
        self.pace = pace or Pace()
        self._shelf, self._counters = shelf, counters
        self._chain = [root] if root else []
        self._is_keyed = root is not None
        self._stored: list[Stored] = []
        self._work: tuple[Rows, Rows] | None = None
        self._lock = RLock()
        # Layers and budget know the cache without keeping it, so that its memory ends with it.
        mine = weakref.proxy(self)
        self.account = budget.join(lambda: mine.release())
        weakref.finalize(self, self.account.leave)
        self._rows = [FlashLayer(mine, index) for index in range(shape.layers)]
        super().__init__(layers=[*self._rows])

    def attach(self, found: list[tuple[Segment, int]], device: torch.device) -> None:
        """Begin with checked segments from flash, of the last of which only a part may count."""
        label = found[0][0].label
        row, dtype = (label.batch, label.kv_heads, label.head_dim), DTYPES[label.dtype]
        whole = [segment for segment, used in found if used == SEGMENT]
        for layer in self._rows:
            layer.prepare(row, dtype, device)
            layer.attach(len(whole) * SEGMENT)
        for segment in whole:
            place = Place(segment.label.position, segment.label.position + SEGMENT)
            self._stored.append(Stored(segment.path.name, place, None, segment))
            self._chain.append(chain(self._chain[-1], segment.label.tokens))
        self.tokens += [token for segment in whole for token in segment.label.tokens]
        if len(whole) < len(found):
            self._attach_part(*found[-1])

    def _attach_part(self, segment: Segment, used: int) -> None:
        self.tokens += segment.label.tokens[:used]
        self.make_room(-(-used // STEP) * STEP * self._row_bytes * len(self._rows))
        for index, layer in enumerate(self._rows):
            keys, values = segment.read(index)
            layer.put_back(keys[:used], values[:used])
            layer.length += used

    def updated(self, index: int, fresh: int) -> None:
        """Hand over what is finished, once the last layer has its rows."""
        if index == 0:
            self.pace.begin(fresh)
        if index < len(self._rows) - 1:
            return
        self.pace.end()
        while self._is_next_known() and not self._shelf.is_stuck and self._seal():
            pass

    def moving(self) -> AbstractContextManager[object]:
        """Keep the writer from reading rows while they move."""
        return self._lock

    def make_room(self, extra: int) -> None:
        """Take so many bytes of the budget, after moving to flash what does not fit beside them."""
        wanted = self.account.used + extra
        over = wanted - self.account.allowance(wanted)
        while over > 0 and (victim := self._victim(over)):
            layer, count = victim
            before = layer.size
            with self._lock:
                layer.evict(count)
            self.account.add(layer.size - before)
            self._counters.add(evicted_bytes=count * layer.row_bytes)
            over -= before - layer.size
        self.account.add(extra)

    def has_room(self, extra: int) -> bool:
        """Say whether so many bytes more fit without moving anything."""
        wanted = self.account.used + extra
        return wanted <= self.account.allowance(wanted)

    def stored(self, index: int, tokens: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Read a layer's first tokens from flash, and announce the next layer."""
        following = (index + 1) % len(self._rows)
        ahead = self._rows[following].start // SEGMENT
        for at in range(tokens // SEGMENT):
            segment = self._whole(at)
            if at < ahead:
                segment.advise(following)
            yield segment.read(index)
            self._counters.add(read_bytes=segment.label.part)

    def workspace(self, layer: FlashLayer) -> tuple[Rows, Rows]:
        """Return room for all rows of one layer, the same for every layer."""
        first = self._two(layer)
        capacity = -(-layer.length // STEP) * STEP
        if first[0].capacity < capacity:
            self.make_room((capacity - first[0].capacity) * layer.row_bytes)
            for part in first:
                part.resize(capacity)
        return first

    def crop(self, tokens_to_remove: int) -> None:
        """Forget the last tokens, here and in `tokens`; give their number as a negative one."""
        if tokens_to_remove > 0:
            raise ValueError("Give the number of tokens to forget as a negative number.")
        length = self.get_seq_length() + tokens_to_remove
        whole = length // SEGMENT
        part = length - whole * SEGMENT
        for stored in self._stored[whole:]:
            stored.place.alive = False
        deep = [layer for layer in self._rows if layer.start > length]
        room = -(-part // STEP) * STEP * self._row_bytes
        for index, layer in enumerate(self._rows):
            if layer not in deep:
                layer.crop(length - layer.length)
                continue
            self.account.add(room - layer.size)
            keys, values = self._whole(whole).read(index)
            with self._lock:
                layer.reset()
                layer.start = whole * SEGMENT
                layer.put_back(keys[:part], values[:part])
                layer.length = length
        del self._stored[whole:], self._chain[whole + 1 :], self.tokens[length:]
        self.make_room(0)

    def reorder_cache(self, beam_idx: torch.LongTensor) -> None:
        """Take rows of the batch in another order, as beams do."""
        self._select(beam_idx)

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Repeat every row of the batch."""
        self._select(torch.arange(self._batch).repeat_interleave(repeats))

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep some rows of the batch."""
        self._select(torch.arange(self._batch)[indices.cpu()])

    def finish(self) -> None:
        """Have what is not yet on flash written too, so that the next turn can begin with it."""
        length = min(self.get_seq_length(), len(self.tokens))
        if not self._is_keyed or self._shelf.is_stuck:
            return
        names = [stored.name for stored in self._stored]
        first = len(self._stored) * SEGMENT
        if first < length <= first + SEGMENT:
            place = Place(first, length)
            label = self._label(place, self._chain[-1])
            self._shelf.put(label, self._reader(place), self.session)
            names.append(name(label, self._chain[-1]))
        self._shelf.remember(self.session, names)

    def release(self) -> None:
        """Give all memory back; the cache is empty afterwards."""
        for stored in self._stored:
            if stored.writing is not None:
                stored.writing.exception()
        with self._lock:
            for layer in self._rows:
                layer.reset()
            self._stored.clear()
            self.tokens.clear()
            self._work = None
            self.account.add(-self.account.used)

    def reset(self) -> None:
        """Forget everything and begin anew."""
        self.release()
        del self._chain[1:]

    @property
    def is_even(self) -> bool:
        """Say whether every layer holds the tokens that were told, and no more."""
        return {layer.length for layer in self._rows} == {len(self.tokens)}

    @property
    def on_flash(self) -> int:
        """Return the bytes of rows that are on flash and not in memory."""
        return sum(layer.start * layer.row_bytes for layer in self._rows)

    @property
    def _batch(self) -> int:
        parts = self._rows[0].parts
        return parts[0].row[0] if parts else 1

    @property
    def _row_bytes(self) -> int:
        return self._rows[0].row_bytes

    def _two(self, layer: FlashLayer) -> tuple[Rows, Rows]:
        if self._work is None:
            like = layer.two[0]
            form = (like.row, like.dtype, like.device)
            self._work = (Rows(*form), Rows(*form))
        return self._work

    def _victim(self, over: int) -> tuple[FlashLayer, int] | None:
        """Return a layer and how many of its first rows in memory can go, the last layer first."""
        while True:
            for layer in reversed(self._rows):
                ready = self._ready(layer)
                if ready:
                    needed = -(-over // (SEGMENT * layer.row_bytes))
                    return layer, min(ready, needed) * SEGMENT
            if not self._get_ready():
                return None

    def _ready(self, layer: FlashLayer) -> int:
        """Count the segments that a layer has in memory and on flash."""
        first, count = layer.start // SEGMENT, 0
        for stored in self._stored[first : layer.length // SEGMENT]:
            if stored.writing is not None and stored.writing.done() and stored.writing.exception():
                break
            if stored.settle() is None:
                break
            count += 1
        return count

    def _get_ready(self) -> bool:
        """Have one more segment on flash; False where there is none, or no room for it."""
        for at, stored in enumerate(self._stored):
            if stored.segment is None:
                try:
                    stored.settle(wait=True)
                    return True
                except OSError:
                    # It is still in memory, and written again once the disk takes it.
                    del self._stored[at:], self._chain[at + 1 :]
                    return False
        return not self._shelf.is_stuck and self._seal()

    def _whole(self, at: int) -> Segment:
        segment = self._stored[at].settle()
        if segment is None:
            raise StateError("A piece of the cache was read before it was written.")
        return segment

    def _is_next_known(self) -> bool:
        """Say whether the tokens of the next segment were told."""
        return self._is_keyed and len(self.tokens) >= (len(self._stored) + 1) * SEGMENT

    def _seal(self) -> bool:
        """Begin to write the next segment, if every layer has all of it."""
        first = len(self._stored) * SEGMENT
        place = Place(first, first + SEGMENT)
        if min(layer.length for layer in self._rows) < place.last:
            return False
        if self._is_next_known():
            before = self._chain[-1]
            label = self._label(place, before)
            writing = self._shelf.put(label, self._reader(place), self.session)
            self._stored.append(Stored(name(label, before), place, writing))
            self._chain.append(chain(before, label.tokens))
            return True
        self._is_keyed = False
        label = self._label(place, b"")
        self._stored.append(Stored("", place, self._shelf.scratch(label, self._reader(place))))
        return True

    def _reader(self, place: Place) -> Callable[[int], bytes]:
        def part(index: int) -> bytes:
            with self._lock:
                if not place.alive:
                    raise StateError("These tokens were forgotten before they were written.")
                return self._rows[index].copy(place.first, place.last)

        return part

    def _label(self, place: Place, before: bytes) -> Label:
        rows = self._rows[0].two[0]
        tokens = tuple(self.tokens[place.first : place.last])
        return Label(
            before=before.hex(),
            position=place.first,
            tokens=tokens if len(tokens) == place.last - place.first else (0,) * SEGMENT,
            dtype=str(rows.dtype).removeprefix("torch."),
            layers=len(self._rows),
            batch=rows.row[0],
            kv_heads=self.heads[0],
            head_dim=self.heads[1],
        )

    def _select(self, picked: torch.Tensor) -> None:
        picked = picked.cpu()
        if torch.equal(picked, torch.arange(self._batch)):
            return
        while any(stored.segment is None for stored in self._stored) and self._get_ready():
            pass
        self._is_keyed, self._work = False, None
        for stored in self._stored:
            if segment := stored.settle():
                segment.pick = picked if segment.pick is None else segment.pick[picked]
        with self._lock:
            for layer in self._rows:
                layer.select(picked)
        self.account.add(sum(layer.size for layer in self._rows) - self.account.used)
