"""The flash tier of one model: it opens a cache for a prompt with all that is known of it.

What a session had in memory is taken up again; else the longest start that any session stored is
read from flash, unless computing it is quicker; the rest is computed. It never decides what an
answer says: a tier that fails in any way leaves a cache to compute with.
"""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import torch

from core.errors import BadInput, Corrupt
from core.memory.arithmetic import Shape
from core.memory.budget import Budget
from core.memory.cache import FlashCache
from core.memory.counters import Counters
from core.memory.held import Held
from core.memory.kept import Memory, Tiers
from core.memory.key import SEGMENT, Key, chain, shared
from core.memory.pace import Pace
from core.memory.segment import DTYPES, Label, Segment
from core.memory.shelf import NO_ROOM, Shelf

SAVE_EVERY_S = 10.0


class Tier:
    """Opens caches of one model and keeps them between turns; one budget, one folder."""

    def __init__(self, key: Key, shape: Shape, folder: Path, ram: int, disk: int) -> None:
        if not shape.is_plain:
            raise BadInput(
                "The flash tier does not keep layers with a sliding window.", "Set KV_TIER=off."
            )
        if key.dtype not in DTYPES:
            raise BadInput(f"The flash tier does not keep {key.dtype}.", "Set KV_TIER=off.")
        self._key, self._shape, self._root = key, shape, key.root
        self.counters = Counters()
        self.budget = Budget(ram)
        self._shelf = Shelf(folder, disk, self.counters)
        self._paces = folder / "paces.json"
        self.pace = Pace(_kept(self._paces).get(self._root.hex()))
        self._saved = time.monotonic()
        self._lock = threading.Lock()
        self._idle: OrderedDict[str, FlashCache] = OrderedDict()
        self._busy: list[FlashCache] = []
        self._gone: set[str] = set()

    def open(self, tokens: Sequence[int], session: str = "") -> Held:
        """Return a cache that holds as much of the prompt as is known, but never all of it."""
        wanted = list(tokens[:-1])
        cache = self._take(session)
        counters = self.counters.of(session)
        length = shared(cache.tokens, wanted) if cache is not None else 0
        stored, read = self._read(wanted, length, session)
        if stored is not None:
            self._let_go(cache)
            cache, length = stored, read
            counters.add(hits_flash=1, reused_flash=length)
        elif cache is not None and length:
            cache.crop(length - cache.get_seq_length())
            counters.add(hits_memory=1, reused_memory=length)
        else:
            self._let_go(cache)
            cache = self._new(session)
            counters.add(misses=1)
        counters.add(recomputed=len(tokens) - length)
        with self._lock:
            self._busy.append(cache)
        return Held(cache, cache.tokens)

    def close(self, held: Held) -> None:
        """Keep what an answer worked with, in memory and, in the background, on flash."""
        cache = held.cache
        assert isinstance(cache, FlashCache)
        self._forget_busy(cache)
        if not cache.is_even or self._was_forgotten(cache.session):
            self._let_go(cache)
            return
        cache.finish()
        if self._shelf.is_stuck:
            held.notices.append(NO_ROOM)
        cache.account.rest()
        with self._lock:
            before = self._idle.pop(cache.session, None)
            self._idle[cache.session] = cache
        self._let_go(before)
        if time.monotonic() - self._saved > SAVE_EVERY_S:
            self._save()

    def abandon(self, held: Held) -> None:
        """Keep nothing of what an answer worked with: it ended in the middle of a pass."""
        assert isinstance(held.cache, FlashCache)
        self._forget_busy(held.cache)
        self._was_forgotten(held.cache.session)
        self._let_go(held.cache)

    @contextmanager
    def group(self) -> Iterator[FlashCache]:
        """Lend a cache within the budget for prompts side by side; it ends with them."""
        cache = FlashCache(self._shape, self.budget, self._shelf, self.counters, pace=self.pace)
        with self._lock:
            self._busy.append(cache)
        try:
            yield cache
        finally:
            self._forget_busy(cache)
            self._let_go(cache)

    def use(self, adapter: str) -> None:
        """Go on with another adapter; what was computed with one is nothing to another."""
        if adapter == self._key.adapter:
            return
        self.drop()
        self._key = replace(self._key, adapter=adapter)
        self._root = self._key.root

    def drop(self) -> None:
        """Give back the memory of every session that is not at work."""
        with self._lock:
            caches = [*self._idle.values()]
            self._idle.clear()
        for cache in caches:
            self._let_go(cache)

    def forget(self, session: str) -> None:
        """Delete what only this session uses, in memory and on flash; at work, once it is over."""
        with self._lock:
            cache = self._idle.pop(session, None)
            if any(busy.session == session for busy in self._busy):
                self._gone.add(session)
        self._let_go(cache)
        self._shelf.forget(session)
        self.counters.forget(session)

    def memory(self, session: str | None = None) -> Memory:
        """Return what is kept of a session, or of all, and what came of it."""
        return Memory(
            keeper="flash",
            tiers=self.tiers(session),
            counts=self.counters.read(session),
            since=self.counters.since,
            break_even=self.break_even(),
            ram_limit=self.budget.limit,
            flash_limit=self._shelf.cap,
        )

    def tiers(self, session: str | None = None) -> Tiers:
        """Return the bytes by tier, of one session or of all."""
        with self._lock:
            caches = [*self._idle.values(), *self._busy]
        if session is not None:
            caches = [cache for cache in caches if cache.session == session]
        held = sum(cache.account.used for cache in caches)
        on_card = self._key.device != "cpu"
        return Tiers(
            tokens=sum(len(cache.tokens) for cache in caches),
            vram=held if on_card else 0,
            ram=0 if on_card else held,
            flash=self._shelf.size if session is None else self._shelf.bytes_of(session),
        )

    def break_even(self) -> int | None:
        """Return from how many tokens on reading back is quicker; None where unmeasured."""
        return self.pace.break_even(self._shape.per_token(_short(self._key.dtype)))

    def flush(self) -> None:
        """Wait until all that was finished is on flash."""
        self._shelf.flush()

    def shut(self) -> None:
        """Write what is to be written and give the memory back."""
        self._save()
        self._shelf.flush()
        self.drop()
        self._shelf.close()

    def _take(self, session: str) -> FlashCache | None:
        with self._lock:
            cache = self._idle.pop(session, None)
        return cache if cache is not None and cache.account.wake() else None

    def _new(self, session: str) -> FlashCache:
        counters = self.counters.of(session)
        return FlashCache(
            self._shape, self.budget, self._shelf, counters, self._root, session, self.pace
        )

    def _forget_busy(self, cache: FlashCache) -> None:
        with self._lock:
            self._busy = [other for other in self._busy if other is not cache]

    def _was_forgotten(self, session: str) -> bool:
        """Say whether a session was forgotten while at work, and forget what it wrote since."""
        with self._lock:
            if session not in self._gone:
                return False
            self._gone.discard(session)
        self._shelf.forget(session)
        self.counters.forget(session)
        return True

    def _let_go(self, cache: FlashCache | None) -> None:
        if cache is not None:
            cache.account.leave()
            cache.release()

    def _find(self, wanted: list[int]) -> list[tuple[Segment, int]]:
        """Return stored segments that follow each other, and how much of each is wanted."""
        found: list[tuple[Segment, int]] = []
        before = self._root
        while len(found) * SEGMENT < len(wanted):
            at = len(found) * SEGMENT
            piece = tuple(wanted[at : at + SEGMENT])
            hit = self._shelf.find(self._label(before, at, piece), before)
            if hit is None:
                break
            found.append(hit)
            if hit[1] < SEGMENT:
                break
            before = chain(before, piece)
        return found

    def _read(
        self, wanted: list[int], more_than: int, session: str
    ) -> tuple[FlashCache | None, int]:
        """Return a cache begun from flash and its length, where that is longer and worth it."""
        while True:
            found = self._find(wanted)
            length = sum(used for _, used in found)
            # What is in memory is not given up for a few tokens more.
            if length < more_than + (SEGMENT if more_than else 1):
                return None, 0
            if not self.pace.pays(length - more_than, sum(segment.size for segment, _ in found)):
                self.counters.of(session).add(too_short=1)
                return None, 0
            if self._is_sound(found):
                cache = self._new(session)
                cache.attach(found, torch.device(self._key.device))
                return cache, length

    def _is_sound(self, found: list[tuple[Segment, int]]) -> bool:
        """Check what was found; what is damaged is deleted."""
        since = time.perf_counter()
        for segment, _ in found:
            segment.fetch()
        for segment, _ in found:
            try:
                segment.check()
            except Corrupt:
                self._shelf.discard(segment)
                return False
        self.pace.read(sum(s.size for s, _ in found), time.perf_counter() - since)
        return True

    def _label(self, before: bytes, at: int, tokens: tuple[int, ...]) -> Label:
        key = self._key
        return Label(
            before=before.hex(),
            position=at,
            tokens=tokens,
            dtype=key.dtype,
            layers=key.layers,
            batch=1,
            kv_heads=key.kv_heads,
            head_dim=key.head_dim,
        )

    def _save(self) -> None:
        self._saved = time.monotonic()
        kept = {**_kept(self._paces), self._root.hex(): self.pace.kept()}
        draft = self._paces.with_suffix(".part")
        with suppress(OSError):
            draft.write_text(json.dumps(kept), encoding="utf-8")
            draft.rename(self._paces)


def _kept(path: Path) -> Mapping[str, dict[str, list[float]]]:
    """Return what was measured before, as far as it can be read."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return {k: v for k, v in found.items() if isinstance(v, dict)}
    return {}


def _short(dtype: str) -> str:
    return {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}[dtype]
