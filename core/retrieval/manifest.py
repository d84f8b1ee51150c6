"""What a vector index holds, and the proof that its files are as they were written.

The manifest names the folder that serves and is written last, under another name first, so that a
crash leaves either the last one or the new one. It knows files; it opens no index.
"""

import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

NAME = "manifest.json"
ROWS = "ids.arrow"
# SQLite writes to its file when it is opened, and says by itself when it is damaged.
_UNSEALED = (".sqlite", ".sqlite3", ".lock")


@dataclass(frozen=True, slots=True)
class Rows:
    """The ids of an index, each with the hash of the text its vector was made of."""

    ids: list[str]
    hashes: list[str]

    def digest(self) -> str:
        """Return a short proof that two sets of rows are the same."""
        body = "\n".join([*self.ids, "", *self.hashes])
        return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()

    def save(self, folder: Path) -> None:
        """Write the rows into the folder of their index."""
        import pyarrow
        from pyarrow import feather

        table = pyarrow.table({"id": self.ids, "hash": self.hashes})
        feather.write_feather(table, folder / ROWS, compression="uncompressed")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the rows of an index."""
        from pyarrow import feather

        table = feather.read_table(folder / ROWS, memory_map=False)
        return cls(table["id"].to_pylist(), table["hash"].to_pylist())


@dataclass(frozen=True, slots=True)
class Manifest:
    """One written index: of what, by what, where, and the sums of its files.

    `changed` counts the ids that were removed or replaced since the index was made in one go.
    """

    corpus: str
    embedder: str
    generation: int
    count: int
    dimensions: int
    backend: str
    server: str
    folder: str
    digest: str
    changed: int = 0
    written: str = ""
    seconds: float = 0.0
    files: dict[str, list[int]] = field(default_factory=dict)

    def save(self, home: Path) -> None:
        """Write the manifest, whole or not at all."""
        fresh = home / f"{NAME}.new"
        fresh.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        sync([fresh])
        fresh.replace(home / NAME)
        sync([home])

    @classmethod
    def load(cls, home: Path) -> Self | None:
        """Read the manifest of a corpus; None where none can be read."""
        try:
            found: dict[str, Any] = json.loads((home / NAME).read_text(encoding="utf-8"))
            return cls(**found)
        except (OSError, ValueError, TypeError):
            return None

    def is_of(self, embedder: str, backend: str, server: str) -> bool:
        """Say whether it was written by this embedder for this backend."""
        return (self.embedder, self.backend, self.server) == (embedder, backend, server)


def seal(folder: Path) -> dict[str, list[int]]:
    """Put everything in a folder on the disk, and return the size and sum of each file."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    sync([*files, *(path for path in folder.rglob("*") if path.is_dir()), folder, folder.parent])
    return {path.relative_to(folder).as_posix(): _sum(path) for path in files if _sealed(path)}


def broken(folder: Path, files: dict[str, list[int]]) -> str:
    """Return the name of a file that is not as it was sealed; blank when all are."""
    for name, kept in files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != kept[0] or _sum(path) != kept:
            return name
    return ""


def sync(paths: Iterable[Path]) -> None:
    """Return once these files and folders would be there after the power went."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def difference(old: Rows, new: Rows) -> tuple[list[str], list[int]]:
    """Return the ids to forget, and the places in the new rows that are to be written."""
    known = dict(zip(old.ids, old.hashes, strict=True))
    gone = list(known.keys() - set(new.ids))
    pairs: Sequence[tuple[str, str]] = list(zip(new.ids, new.hashes, strict=True))
    return gone, [place for place, (id, hash) in enumerate(pairs) if known.get(id) != hash]


def _sealed(path: Path) -> bool:
    return not path.name.endswith(_UNSEALED) and "sqlite3-" not in path.name


def _sum(path: Path) -> list[int]:
    size, check = 0, 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            size, check = size + len(block), zlib.crc32(block, check)
    return [size, check]
