"""The files in which a worker hands over what it made: cut files, pieces, vectors.

Each is Parquet, and there whole or not at all. It knows columns and types; what the rows mean
and who reads them is not its matter.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.documents import Chunk
from core.store.chunks import FileRow
from ingest.exchange import whole

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

CUT = "cut"
VECTORS = "vectors"


@dataclass(frozen=True, slots=True)
class CutFile:
    """A file with the chunks it was cut into."""

    file: FileRow
    chunks: list[Chunk]


def name(kind: str, number: int) -> str:
    """Return the name of a part."""
    return f"{kind}-{number:06d}.parquet"


def found(folder: Path, kind: str) -> list[str]:
    """Return the names of the parts of a kind that lie in a folder, in order."""
    return sorted(path.name for path in folder.glob(f"{kind}-*.parquet"))


def write_cut(path: Path, files: Sequence[CutFile]) -> None:
    """Write files with their chunks."""
    import pyarrow as pa

    _write(path, pa.Table.from_pylist([_row(each) for each in files], _cut_schema()))


def read_cut(path: Path) -> list[CutFile]:
    """Return files with their chunks."""
    return [_cut_file(row) for row in _read(path).to_pylist()]


def hashes(path: Path) -> dict[str, str]:
    """Return path and hash of the files in a part of cut files."""
    table = _read(path, ["path", "hash"])
    return dict(zip(table["path"].to_pylist(), table["hash"].to_pylist(), strict=True))


def write_pieces(path: Path, rows: Sequence[tuple[str, int, str]]) -> None:
    """Write (chunk id, place, hash) of every piece."""
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    kinds = {"chunk_id": pa.string(), "n": pa.int32(), "hash": pa.string()}
    arrays = [pa.array(list(c), t) for c, t in zip(columns, kinds.values(), strict=True)]
    _write(path, pa.table(dict(zip(kinds, arrays, strict=True))))


def read_pieces(path: Path) -> list[tuple[str, int, str]]:
    """Return (chunk id, place, hash) of every piece."""
    columns = [_read(path)[name].to_pylist() for name in ("chunk_id", "n", "hash")]
    return list(zip(*columns, strict=True))


def write_vectors(path: Path, names: Sequence[str], matrix: "np.ndarray") -> None:
    """Write one vector for each hash."""
    import numpy as np
    import pyarrow as pa

    flat = pa.array(np.ascontiguousarray(matrix, dtype=np.float32).reshape(-1))
    vectors = pa.FixedSizeListArray.from_arrays(flat, matrix.shape[1])
    _write(path, pa.table({"hash": pa.array(list(names)), "vector": vectors}))


def read_vectors(path: Path) -> "tuple[list[str], np.ndarray]":
    """Return hashes and their vectors, row by row."""
    table = _read(path).combine_chunks()
    vectors = table["vector"].combine_chunks()
    matrix = vectors.flatten().to_numpy(zero_copy_only=False)
    return table["hash"].to_pylist(), matrix.reshape(len(vectors), -1)


def write_rows(path: Path, table: "pa.Table") -> None:
    """Write a generation's live rows."""
    _write(path, table)


def read_rows(path: Path) -> "pa.Table":
    """Return a generation's live rows."""
    return _read(path)


def chunks(table: "pa.Table") -> Iterator[Chunk]:
    """Yield the chunks that live rows hold, with what matters for embedding them."""
    wanted = ("id", "path", "start", "end", "kind", "symbol", "language", "context", "text")
    columns = [table[column].to_pylist() for column in (*wanted, "names")]
    for *values, names in zip(*columns, strict=True):
        yield Chunk(**dict(zip(wanted, values, strict=True)), names=tuple(names))


def _row(each: CutFile) -> dict[str, Any]:
    return {
        "path": each.file.path,
        "hash": each.file.hash,
        "size": each.file.size,
        "language": each.file.language,
        "chunks": [
            {
                "id": chunk.id,
                "start": chunk.start,
                "end": chunk.end,
                "text": chunk.text,
                "kind": chunk.kind,
                "symbol": chunk.symbol,
                "names": list(chunk.names),
                "language": chunk.language,
                "source": chunk.source,
                "first": chunk.span[0],
                "last": chunk.span[1],
                "context": chunk.context,
            }
            for chunk in each.chunks
        ],
    }


def _cut_file(row: dict[str, Any]) -> CutFile:
    path = row["path"]
    return CutFile(
        FileRow(path, row["hash"], row["size"], row["language"]),
        [
            Chunk(
                path=path,
                names=tuple(each.pop("names")),
                span=(each.pop("first"), each.pop("last")),
                **each,
            )
            for each in row["chunks"]
        ],
    )


@cache
def _cut_schema() -> "pa.Schema":
    import pyarrow as pa

    text, number = pa.string(), pa.int64()
    chunk = pa.struct(
        [
            *((name, text) for name in ("id", "text", "kind", "symbol", "language", "source")),
            *((name, number) for name in ("start", "end", "first", "last")),
            ("context", text),
            ("names", pa.list_(text)),
        ]
    )
    columns = [("path", text), ("hash", text), ("size", number), ("language", text)]
    return pa.schema([*columns, ("chunks", pa.list_(chunk))])


def _write(path: Path, table: "pa.Table") -> None:
    import pyarrow.parquet as parquet

    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd", compression_level=1)
    whole(path, buffer.getvalue())


def _read(path: Path, columns: list[str] | None = None) -> "pa.Table":
    import pyarrow.parquet as parquet

    return parquet.read_table(path, columns=columns)
