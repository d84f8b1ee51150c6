"""What a source is opened into: files with their text, ready chunks, and what was skipped and why.

It knows the caps on what is taken in and how a caller stops the work. It does not know where
the files come from, nor how they are cut.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.documents import Chunk
from core.errors import Stopped
from core.settings import Settings
from ingest import legible

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Caps:
    """How much of a source is taken in at most."""

    file_bytes: int = 2 * MEGABYTE
    total_bytes: int = 1000 * MEGABYTE
    files: int = 100_000
    rows: int = 10_000
    seconds: float = 1800.0

    @classmethod
    def of(cls, settings: Settings) -> "Caps":
        """Return the caps that the settings ask for, and smaller ones where strangers come."""
        caps = cls(
            file_bytes=settings.ingest_max_file_mb * MEGABYTE,
            total_bytes=settings.ingest_max_total_mb * MEGABYTE,
            rows=settings.ingest_max_rows,
        )
        return caps.least(PUBLIC) if settings.public else caps

    def least(self, other: "Caps") -> "Caps":
        """Return the smaller of each cap."""
        return Caps(*(min(getattr(self, name), getattr(other, name)) for name in self.__slots__))


PUBLIC = Caps(1 * MEGABYTE, 50 * MEGABYTE, 5_000, 2_000, 120.0)


@dataclass(frozen=True, slots=True)
class Watch:
    """How the one who asked hears of progress, and ends it."""

    say: Callable[[str], object] = str
    stop: Callable[[], bool] = bool

    def check(self) -> None:
        """Raise Stopped once the caller wants no more."""
        if self.stop():
            raise Stopped("Reading the source was stopped.", "Start the ingest again to resume.")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, folder or line that is not taken in, and the reason."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Text:
    """A file as it was read: its text, and the SHA-256 and size of its bytes.

    `language` is blank where the name of the file tells it.
    """

    path: str
    text: str
    hash: str
    size: int
    url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may be taken in; nothing of it has been read yet.

    `language` is set where the path does not tell it: a row of a data set is prose, to which no
    rule about source files applies.
    """

    path: str
    size: int
    read: Callable[[], bytes]
    limit: int
    mtime_ns: int = 0
    url: str = ""
    language: str = ""

    def text(self) -> Text | Skipped:
        """Read the file and return its text, or why it is skipped."""
        try:
            data = self.read()
        except OSError:
            return Skipped(self.path, legible.UNREADABLE)
        judged = legible.judge(self.path, data, self.limit, is_prose=bool(self.language))
        if judged.text is None:
            return Skipped(self.path, judged.reason)
        digest = hashlib.sha256(data).hexdigest()
        return Text(self.path, judged.text, digest, len(data), self.url, self.language)


def no_files() -> Iterator[Found | Skipped]:
    """Yield nothing: for a source that has chunks."""
    yield from ()


def no_chunks() -> Iterator[Chunk | Skipped]:
    """Yield nothing: for a source that has files."""
    yield from ()


@dataclass(frozen=True, slots=True)
class Tree:
    """An opened source: its revision, and either its files or its ready chunks.

    A stream is read once, from start to end, and is too long to be listed.
    """

    revision: str
    files: Callable[[], Iterator[Found | Skipped]] = no_files
    chunks: Callable[[], Iterator[Chunk | Skipped]] = no_chunks
    is_chunks: bool = False
    is_stream: bool = False
