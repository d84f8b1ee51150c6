"""The folder of stored keys and values: which segments there are, whose they are, how many bytes.

    segments/BEFORE-LENGTH-AFTER.kv     named by the hashes of all tokens before it and with it
    sessions/ID.json                    the segments a session used last, and when

Whatever the folder says is checked when it is read. Nothing in it is needed: all of it can be
computed again. It knows no model and no cache.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import RLock

import psutil

from core.errors import Corrupt, Unwritable
from core.memory.counters import Counters
from core.memory.key import chain, name_of, shared
from core.memory.segment import Label, Segment, write

CANDIDATES = 32
PAUSE_S = 30.0
NO_ROOM = "The disk took no more of the conversation's memory, so it stays in RAM."


class Shelf:
    """Finds, writes and forgets segments; writing is done by one thread, in order."""

    def __init__(self, folder: Path, cap: int, counters: Counters) -> None:
        self._segments, self._sessions = folder / "segments", folder / "sessions"
        self.cap, self._counters = cap, counters
        self._lock = RLock()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="kv-writer")
        self._stuck_until = 0.0
        self._sizes: dict[str, int] = {}
        self._after: dict[str, list[str]] = {}
        self._users: dict[str, set[str]] = {}
        self._open()

    @property
    def size(self) -> int:
        """Return the bytes of every segment."""
        with self._lock:
            return sum(self._sizes.values())

    @property
    def is_stuck(self) -> bool:
        """Say whether the disk refused to take more a moment ago."""
        return time.monotonic() < self._stuck_until

    def bytes_of(self, session: str) -> int:
        """Return the bytes of what a session uses, shared or not."""
        with self._lock:
            return sum(self._sizes.get(name, 0) for name in self._users.get(name_of(session), ()))

    def find(self, wanted: Label, before: bytes) -> tuple[Segment, int] | None:
        """Return the segment with the longest start in common, unchecked, and how long that is."""
        with self._lock:
            names = self._after.get(wanted.before[:32], [])[-CANDIDATES:]
        exact = name(wanted, before)
        best: tuple[Segment, int] | None = None
        for candidate in sorted(names, key=lambda other: other != exact):
            segment = self._load(candidate, wanted)
            length = shared(segment.label.tokens, wanted.tokens) if segment else 0
            if segment and length > (best[1] if best else 0):
                best = segment, length
            if length == len(wanted.tokens):
                break
        with self._lock:
            # What is wanted again is the last to go.
            if best and (size := self._sizes.pop(best[0].path.name, 0)):
                self._sizes[best[0].path.name] = size
        return best

    def put(self, label: Label, part: Callable[[int], bytes], session: str) -> Future[Segment]:
        """Write a segment in the background, for a session."""
        return self._writer.submit(self._put, label, part, session)

    def scratch(self, label: Label, part: Callable[[int], bytes]) -> Future[Segment]:
        """Write a segment that nobody finds again and that is gone when it is let go."""
        return self._writer.submit(self._scratch, label, part)

    def remember(self, session: str, names: Sequence[str]) -> None:
        """Note, after what is being written, that these are what a session uses now."""
        if session:
            self._writer.submit(self._remember, session, tuple(names))

    def forget(self, session: str) -> None:
        """Delete what a session alone uses, after what is being written."""
        with suppress(RuntimeError):
            self._writer.submit(self._drop, name_of(session)).result()
            return
        # The thread has ended, and nobody writes any more.
        self._drop(name_of(session))

    def discard(self, segment: Segment) -> None:
        """Delete a segment that was found damaged."""
        self._discard(segment.path.name)

    def flush(self) -> None:
        """Wait until everything handed over is written."""
        self._writer.submit(lambda: None).result()

    def close(self) -> None:
        """Write what was handed over and end the thread."""
        self._writer.shutdown(wait=True)

    def _open(self) -> None:
        try:
            for folder in (self._segments, self._sessions):
                folder.mkdir(parents=True, exist_ok=True)
            for draft in self._segments.glob("*.part"):
                # Another process that works on the same folder may be writing it.
                pid = draft.name.split(".")[-2]
                if not (pid.isdigit() and int(pid) != os.getpid() and psutil.pid_exists(int(pid))):
                    draft.unlink(missing_ok=True)
            for path in sorted(
                self._segments.glob("*.kv"), key=lambda found: found.stat().st_mtime
            ):
                self._add(path.name, path.stat().st_size)
        except OSError as error:
            raise Unwritable(f"{self._segments.parent} cannot be used: {error}") from error
        found = []
        for path in self._sessions.glob("*.json"):
            with suppress(OSError, ValueError, KeyError, TypeError):
                said = json.loads(path.read_text(encoding="utf-8"))
                found.append((float(said["used"]), path.stem, {str(n) for n in said["segments"]}))
        self._users = {session: names for _, session, names in sorted(found)}

    def _add(self, name: str, size: int) -> None:
        with self._lock:
            if name not in self._sizes:
                self._after.setdefault(name.partition("-")[0], []).append(name)
            self._sizes[name] = size

    def _load(self, name: str, wanted: Label) -> Segment | None:
        """Open a segment; one that is not what its name says is deleted and counted."""
        if not (self._segments / name).is_file():
            # Another process made room.
            self._delete([name])
            return None
        try:
            segment = Segment(self._segments / name)
        except Corrupt:
            self._discard(name)
            return None
        fields = ("before", "position", "dtype", "layers", "batch", "kv_heads", "head_dim")
        if any(getattr(segment.label, field) != getattr(wanted, field) for field in fields):
            self._discard(name)
            return None
        return segment

    def _discard(self, name: str) -> None:
        self._counters.add(damaged=1)
        self._delete([name])

    def _delete(self, names: Iterable[str]) -> None:
        with self._lock:
            for name in names:
                with suppress(OSError):
                    (self._segments / name).unlink(missing_ok=True)
                self._sizes.pop(name, None)
                before = name.partition("-")[0]
                left = [other for other in self._after.get(before, []) if other != name]
                self._after.update({before: left})
                if not left:
                    self._after.pop(before)

    def _put(self, label: Label, part: Callable[[int], bytes], session: str) -> Segment:
        path = self._segments / name(label, bytes.fromhex(label.before))
        size = self._write(path, label, part, self._counters.of(session))
        self._add(path.name, size)
        with self._lock:
            if session:
                self._users.setdefault(name_of(session), set()).add(path.name)
        self._trim(name_of(session))
        return Segment(path)

    def _scratch(self, label: Label, part: Callable[[int], bytes]) -> Segment:
        path = self._segments / f"scratch-{time.monotonic_ns()}.part"
        self._write(path, label, part, self._counters)
        segment = Segment(path)
        # The mapping keeps the file; without a name it ends with the process at the latest.
        path.unlink()
        return segment

    def _write(
        self, path: Path, label: Label, part: Callable[[int], bytes], counters: Counters
    ) -> int:
        try:
            size = write(path, label, part)
        except OSError:
            counters.add(failed_writes=1)
            self._stuck_until = time.monotonic() + PAUSE_S
            raise
        counters.add(written_bytes=size)
        return size

    def _remember(self, session: str, names: tuple[str, ...]) -> None:
        own = name_of(session)
        with self._lock:
            stale = self._users.pop(own, set()) - set(names)
            # The last one in the dict is the one used last.
            self._users[own] = set(names)
            self._delete(stale - self._in_use())
        said = {"used": time.time(), "segments": names}
        draft = self._sessions / f"{own}.part"
        with suppress(OSError):
            draft.write_text(json.dumps(said), encoding="utf-8")
            draft.rename(self._sessions / f"{own}.json")
        self._trim(own)

    def _trim(self, own: str) -> None:
        """Keep to the cap: what no session uses goes first, then the session used longest ago."""
        with self._lock:
            used = self._in_use()
            for unused in [name for name in self._sizes if name not in used]:
                if self.size > self.cap:
                    self._delete([unused])
            while self.size > self.cap and any(other != own for other in self._users):
                self._drop(next(other for other in self._users if other != own))
                self._counters.add(forgotten_sessions=1)
            while self.size > self.cap:
                self._delete([list(self._sizes)[-1]])

    def _drop(self, own: str) -> None:
        with self._lock:
            names = self._users.pop(own, set())
            self._delete(names - self._in_use())
        with suppress(OSError):
            (self._sessions / f"{own}.json").unlink(missing_ok=True)

    def _in_use(self) -> set[str]:
        return set().union(*self._users.values())


def name(label: Label, before: bytes) -> str:
    """Return the file name of a segment."""
    after = chain(before, label.tokens).hex()
    return f"{label.before[:32]}-{len(label.tokens)}-{after[:32]}.kv"
