"""Unpacks a zip or tar that nobody vouches for into a folder of its own.

It knows what an archive must not do: climb out of the folder, name a file twice, blow up to many
times its size, go on for ever. Links and devices are left out, and modes are not taken over.
It does not judge what the files hold.
"""

import bz2
import errno
import gzip
import lzma
import os
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple

from core.errors import BadInput, NotFound, PlumblineError, TooLarge, Unwritable
from ingest.found import MEGABYTE, Caps, Skipped, Watch
from ingest.legible import TOO_LARGE
from ingest.meter import Meter, too_large
from ingest.walk import LINK, NAME, SPECIAL

SUFFIXES = (".zip", ".whl", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
REFUSED_SUFFIXES = (".tar.zst", ".tzst", ".rar", ".7z")
MAX_RATIO = 100
# Below this size a high ratio is what small text archives have, and no harm.
RATIO_FROM = 10 * MEGABYTE
MAX_DEPTH = 100
_MAX_NAME = 255
_UNIX = 3
_PIECE = 1 << 18
_SAY_EVERY = 500
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DAMAGE = (
    *(tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, struct.error),
    *(EOFError, ValueError, RuntimeError, OverflowError),
)
_OPENERS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}


class _Entry(NamedTuple):
    name: str
    size: int
    reason: str
    stream: IO[bytes] | None


def unpack(file: Path, folder: Path, caps: Caps, watch: Watch) -> list[Skipped]:
    """Unpack the files of an archive into a new folder; return those that were left out."""
    try:
        size = file.stat().st_size
        with file.open("rb") as raw, _entries(raw, file.name, _allowed(size, caps)) as entries:
            return _Unpacking(file.name, size, folder, caps, watch).take(entries)
    except PlumblineError:
        raise
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {file.name}.", "Check the path.") from error
    except OSError as error:
        raise _trouble(file.name, error) from error
    except _DAMAGE as error:
        raise _damaged(file.name, str(error)) from error


def top(folder: Path) -> Path:
    """Return the folder's only folder if there is nothing else in it, as in most archives."""
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


@contextmanager
def _entries(raw: IO[bytes], name: str, allowed: int) -> Iterator[Iterator[_Entry]]:
    """Open whichever kind of archive the first bytes tell."""
    start = raw.read(6)
    raw.seek(0)
    if start.startswith(b"PK"):
        with zipfile.ZipFile(Meter(raw, name)) as archive:
            yield _zipped(archive)
    elif start.startswith(b"\x28\xb5\x2f\xfd"):
        raise BadInput(f"{name} is compressed with zstd.", "Pack it again as .tar.gz or .zip.")
    else:
        opener = next((each for magic, each in _OPENERS.items() if start.startswith(magic)), None)
        plain = opener(raw, "rb") if opener else raw
        metered = Meter(plain, name, allowed)
        with closing(plain), tarfile.open(fileobj=metered, mode="r:") as tar:
            yield chain(_tarred(tar), _rest(metered))


def _zipped(archive: zipfile.ZipFile) -> Iterator[_Entry]:
    for info in archive.infolist():
        if info.is_dir():
            continue
        kind = info.external_attr >> 28 if info.create_system == _UNIX else 0
        reason = {0o12: LINK, 0o10: "", 0: ""}.get(kind, SPECIAL)
        if reason:
            yield _Entry(info.filename, 0, reason, None)
        else:
            with archive.open(info) as stream:
                yield _Entry(info.filename, info.file_size, "", stream)


def _tarred(archive: tarfile.TarFile) -> Iterator[_Entry]:
    for member in iter(archive.next, None):
        # It keeps them all, and a long archive would fill the memory.
        archive.members.clear()  # pyright: ignore[reportAttributeAccessIssue]
        if member.size < 0:
            raise tarfile.ReadError("a file of negative size")
        if member.isdir():
            continue
        stream = archive.extractfile(member) if member.isfile() else None
        reason = "" if stream else LINK if member.issym() or member.islnk() else SPECIAL
        yield _Entry(member.name, member.size, reason, stream)


def _rest(metered: Meter) -> Iterator[_Entry]:
    """Read on to the end, where the checksum of what was unpacked stands; yield nothing."""
    while metered.read(_PIECE):
        pass
    yield from ()


@dataclass(slots=True)
class _Unpacking:
    """One archive on its way to disk, and what it may still take."""

    name: str
    size: int
    folder: Path
    caps: Caps
    watch: Watch
    seen: set[str] = field(default_factory=set)
    written: int = 0
    skipped: list[Skipped] = field(default_factory=list)

    def take(self, entries: Iterator[_Entry]) -> list[Skipped]:
        self.folder.mkdir(parents=True, mode=0o700)
        for entry in entries:
            self.watch.check()
            parts = self._checked(entry.name)
            reason = entry.reason or (TOO_LARGE if entry.size > self.caps.file_bytes else "")
            if any(len(part.encode(errors="replace")) > _MAX_NAME for part in parts):
                reason = NAME
            if reason or entry.stream is None:
                self.skipped.append(Skipped("/".join(parts), reason))
            else:
                self._write(parts, entry.stream)
            if len(self.seen) % _SAY_EVERY == 0:
                self.watch.say(f"Unpacked {len(self.seen):,} files of {self.name}.")
        return self.skipped

    def _checked(self, name: str) -> tuple[str, ...]:
        """Return the parts of a name that is safe to create."""
        path = name.replace("\\", "/")
        parts = tuple(part for part in path.split("/") if part not in ("", "."))
        if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in parts or "\0" in path:
            raise _hostile(self.name, f"a file that would lie outside its folder: {name!r}")
        if len(parts) > MAX_DEPTH:
            raise _hostile(self.name, f"a file more than {MAX_DEPTH} folders deep")
        if "/".join(parts) in self.seen or not parts:
            raise _hostile(self.name, f"the name {name!r} twice")
        self.seen.add("/".join(parts))
        if len(self.seen) > self.caps.files:
            raise TooLarge(
                f"{self.name} holds more than {self.caps.files:,} files.",
                "Unpack it yourself and give the folder you want.",
            )
        return parts

    def _write(self, parts: tuple[str, ...], stream: IO[bytes]) -> None:
        target = self.folder.joinpath(*parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
            opened = os.open(target, flags, 0o600)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise _hostile(self.name, f"{'/'.join(parts)!r} as a file and a folder") from error
        with os.fdopen(opened, "wb") as out:
            while piece := stream.read(_PIECE):
                self.watch.check()
                self.written += len(piece)
                if self.written > _allowed(self.size, self.caps):
                    raise too_large(self.name, _allowed(self.size, self.caps))
                out.write(piece)


def _allowed(size: int, caps: Caps) -> int:
    """Return how many bytes an archive of that size may unpack to."""
    return min(caps.total_bytes, max(RATIO_FROM, MAX_RATIO * size))


def no_room(name: str, error: OSError) -> Unwritable:
    """Return what to say when a source cannot be written to the working folder."""
    if error.errno in _FULL:
        return Unwritable(f"The disk is full; {name} could not be unpacked.", "Free some space.")
    return Unwritable(
        f"{name} could not be unpacked: {error.strerror}.", "Check that DATA_DIR can be written."
    )


def _trouble(name: str, error: OSError) -> PlumblineError:
    # The decompressors report damage as an OSError that no system call made.
    return _damaged(name, str(error)) if error.errno is None else no_room(name, error)


def _damaged(name: str, why: str) -> BadInput:
    return BadInput(f"{name} cannot be unpacked: {why}.", "Check that it is a whole zip or tar.")


def _hostile(name: str, what: str) -> BadInput:
    return BadInput(f"{name} was refused: it holds {what}.", "Pack it again from a clean folder.")
