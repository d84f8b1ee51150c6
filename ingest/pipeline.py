"""From a tree of files to cut files in parts, resumable at every part.

It reads, decides what has to be cut again, cuts it and writes it down. It does not know how
files are found or where chunks end, and it never sees the database.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.documents import Chunk, Document, approximate_tokens
from core.store.chunks import FileRow
from ingest import legible, parts
from ingest.chunk import Cutting, cut, language_of
from ingest.found import Found, Skipped, Text, Tree

PART_BYTES = 4_000_000
PART_SECONDS = 3.0
FAILED = frozenset({legible.UNREADABLE})
SHOWN = 20

Emit = Callable[[dict[str, Any]], None]
Say = Callable[[float | None, str], None]


@dataclass
class Tally:
    """What was met on the way through a tree."""

    seen: int = 0
    cut: int = 0
    size: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    folders: Counter[str] = field(default_factory=Counter)
    failed: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def skip(self, skipped: Skipped) -> None:
        """Count what is left out, and name what should not have been."""
        if skipped.path.endswith("/"):
            # What is in it was not looked at.
            self.folders[skipped.reason] += 1
        elif skipped.reason in FAILED:
            self.failed.append({"path": skipped.path, "why": skipped.reason})
        else:
            self.skipped[skipped.reason] += 1

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time a block takes to a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0) + time.perf_counter() - began

    def summary(self) -> dict[str, Any]:
        """Return the counts as they go into the report."""
        return {
            "seen": self.seen,
            "indexed": len(self.paths),
            "cut": self.cut,
            "bytes": self.size,
            "skipped": dict(self.skipped.most_common()),
            "folders": dict(self.folders.most_common()),
            "failed": self.failed[:SHOWN],
            "failures": len(self.failed),
            "seconds": self.seconds,
        }


class Parts:
    """Cut files on their way into parts; what an earlier attempt wrote is taken up again."""

    def __init__(self, folder: Path, emit: Emit) -> None:
        self._folder = folder
        self._emit = emit
        self._waiting: list[parts.CutFile] = []
        self._size = 0
        self._since = time.monotonic()
        earlier = parts.found(folder, parts.CUT)
        self._number = int(earlier[-1].split("-")[1].split(".")[0]) if earlier else 0
        self.done: dict[str, str] = {}
        for name in earlier:
            self.done |= parts.hashes(folder / name)
            emit({"part": name})

    def add(self, each: parts.CutFile) -> None:
        """Take a cut file."""
        self._waiting.append(each)
        self._size += each.file.size
        if self._size >= PART_BYTES or time.monotonic() - self._since >= PART_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting and say so."""
        if self._waiting:
            self._number += 1
            name = parts.name(parts.CUT, self._number)
            parts.write_cut(self._folder / name, self._waiting)
            self._emit({"part": name})
        self._waiting, self._size, self._since = [], 0, time.monotonic()


def read(tree: Tree, known: Mapping[str, str], cutting: Cutting, out: Parts, say: Say) -> Tally:
    """Cut every file of a tree that is new or changed; return what was met."""
    tally, fresh = Tally(), Fresh(known, out.done)
    if tree.is_chunks:
        found = _chunks(tree, tally, fresh, say)
    else:
        entries = tree.files()
        if not tree.is_stream:
            with tally.timed("find"):
                entries = list(entries)
        found = _files(entries, tally, cutting, fresh, say)
    for each in found:
        with tally.timed("write"):
            out.add(each)
    out.flush()
    return tally


@dataclass(frozen=True)
class Fresh:
    """Which files an index or an unfinished attempt holds already."""

    known: Mapping[str, str]
    done: Mapping[str, str]

    def has(self, path: str, hash: str) -> bool:
        """Say whether nothing is to be done about a file."""
        return self.done.get(path, self.known.get(path)) == hash


def _files(
    entries: Iterable[Found | Skipped], tally: Tally, cutting: Cutting, fresh: Fresh, say: Say
) -> Iterator[parts.CutFile]:
    total = len(entries) if isinstance(entries, list) else None
    for number, entry in enumerate(entries):
        say(number / total if total else None, _reading(number, total))
        tally.seen += not (isinstance(entry, Skipped) and entry.path.endswith("/"))
        if isinstance(entry, Skipped):
            tally.skip(entry)
            continue
        with tally.timed("read"):
            text = entry.text()
        if isinstance(text, Skipped):
            tally.skip(text)
            continue
        tally.paths.append(text.path)
        tally.size += text.size
        if not fresh.has(text.path, text.hash):
            tally.cut += 1
            with tally.timed("cut"):
                made = _cut(text, cutting)
            yield made


def _cut(text: Text, cutting: Cutting) -> parts.CutFile:
    language = text.language or language_of(text.path)
    document = Document(source=text.url, path=text.path, text=text.text, language=language)
    found = [identified(chunk) for chunk in cut(document, cutting, approximate_tokens)]
    return parts.CutFile(FileRow(text.path, text.hash, text.size, language), found)


def identified(chunk: Chunk) -> Chunk:
    """Return the chunk with the identifier that its place and its text give it."""
    told = f"{chunk.path}\n{chunk.span[0]}-{chunk.span[1]}\n{chunk.text}"
    return replace(chunk, id=hashlib.sha256(told.encode()).hexdigest()[:20])


def _chunks(tree: Tree, tally: Tally, fresh: Fresh, say: Say) -> Iterator[parts.CutFile]:
    """Yield ready chunks by path; lines of one path may stand anywhere in the file."""
    say(None, "Reading chunks.")
    by_path: dict[str, list[Chunk]] = {}
    with tally.timed("read"):
        for entry in tree.chunks():
            tally.seen += 1
            if isinstance(entry, Skipped):
                tally.skip(entry)
            else:
                by_path.setdefault(entry.path, []).append(entry)
    for number, (path, found) in enumerate(by_path.items()):
        say(number / len(by_path), _reading(number, len(by_path)))
        digest = hashlib.sha256()
        for chunk in found:
            digest.update(f"{chunk.id}\n{len(chunk.text)}\n{chunk.text}\n".encode())
        size = sum(len(chunk.text.encode()) for chunk in found)
        tally.paths.append(path)
        tally.size += size
        if not fresh.has(path, digest.hexdigest()):
            tally.cut += 1
            yield parts.CutFile(FileRow(path, digest.hexdigest(), size), found)


def _reading(number: int, total: int | None) -> str:
    return f"Reading file {number + 1:,}{f' of {total:,}' if total else ''}."
