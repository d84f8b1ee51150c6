"""Files and chunks of corpora in bulk: rows by Arrow, each seen by some generations.

It knows columns and which generation sees a row. It does not know which generation is served:
that is the corpus' own row, in corpora.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.documents import Chunk
from core.store.connection import Store, named
from core.store.transaction import Cursor
from core.store.values import clean

if TYPE_CHECKING:
    import pyarrow

SEEN = "born <= g AND (died IS NULL OR died > g)"
ASKED = "WITH asked AS (SELECT name AS corpus, coalesce(?, generation) AS g FROM corpora) "
_TABLES = ("files", "chunks", "pieces")
_COLUMNS = (
    'id, path, "start", "end", kind, symbol, names, language, source, context, '
    "span_start, span_end, text"
)
_OF = "USING (corpus) WHERE corpus = ?"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as it was read: its place, the hash of its bytes, its size."""

    path: str
    hash: str
    size: int
    language: str = "text"


def replace(
    cursor: Cursor, corpus: str, generation: int, files: Sequence[tuple[FileRow, Sequence[Chunk]]]
) -> None:
    """Let these files and their chunks take the place of what their paths held before."""
    end(cursor, corpus, generation, [file.path for file, _ in files])
    chunks = [chunk for _, each in files for chunk in each]
    with named(cursor, new_files=_files([file for file, _ in files]), new_chunks=_chunks(chunks)):
        for table in ("files", "chunks"):
            cursor.execute(
                f"INSERT INTO {table} BY NAME SELECT ? AS corpus, *, ? AS born FROM new_{table}",
                [corpus, generation],
            )


def end(cursor: Cursor, corpus: str, generation: int, paths: Sequence[str]) -> None:
    """Hide what these paths hold from this generation on."""
    own = "corpus = ? AND path IN (SELECT path FROM gone)"
    ended = "died IS NULL AND born < ?"
    with named(cursor, gone=_column("path", paths)):
        cursor.execute(
            f"UPDATE pieces SET died = ? WHERE corpus = ? AND {ended} AND chunk_id IN "
            f"(SELECT id FROM chunks WHERE {own} AND {ended})",
            [generation, corpus, generation, corpus, generation],
        )
        for table in ("files", "chunks"):
            cursor.execute(f"DELETE FROM {table} WHERE {own} AND born = ?", [corpus, generation])
            cursor.execute(
                f"UPDATE {table} SET died = ? WHERE {own} AND {ended}",
                [generation, corpus, generation],
            )


def unstage(cursor: Cursor, corpus: str, served: int) -> None:
    """Undo whatever was staged after the served generation."""
    for table in _TABLES:
        cursor.execute(f"DELETE FROM {table} WHERE corpus = ? AND born > ?", [corpus, served])
        cursor.execute(
            f"UPDATE {table} SET died = NULL WHERE corpus = ? AND died > ?", [corpus, served]
        )


def bury(cursor: Cursor, corpus: str, served: int) -> int:
    """Delete the rows that no generation from the served one on sees; return how many."""
    return sum(
        cursor.execute(
            f"DELETE FROM {table} WHERE corpus = ? AND died <= ?", [corpus, served]
        ).fetchall()[0][0]
        for table in _TABLES
    )


def forget(cursor: Cursor, corpus: str) -> None:
    """Delete every row of a corpus."""
    for table in _TABLES:
        cursor.execute(f"DELETE FROM {table} WHERE corpus = ?", [corpus])


def doubled(cursor: Cursor, corpus: str, generation: int) -> tuple[str, list[str]] | None:
    """Return an id that names several chunks of a generation, with the paths of those."""
    rows = cursor.execute(
        f"SELECT id, list(path ORDER BY path) FROM chunks, (SELECT ? AS g) WHERE corpus = ? "
        f"AND {SEEN} GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 1",
        [generation, corpus],
    ).fetchall()
    return (rows[0][0], rows[0][1]) if rows else None


def hashes(store: Store, corpus: str, generation: int | None) -> dict[str, str]:
    """Return the hash of every file a generation sees, by path."""
    sql = f"{ASKED} SELECT path, hash FROM files JOIN asked {_OF} AND {SEEN} ORDER BY path"
    return dict(store.rows(sql, [generation, corpus]))


def size(store: Store, corpus: str, generation: int | None) -> tuple[int, int]:
    """Return how many files and chunks a generation sees."""
    counts = [
        store.rows(
            f"{ASKED} SELECT count(*) FROM {table} JOIN asked {_OF} AND {SEEN}",
            [generation, corpus],
        )[0][0]
        for table in ("files", "chunks")
    ]
    return counts[0], counts[1]


def seen(
    store: Store,
    corpus: str,
    generation: int | None,
    paths: Sequence[str],
    languages: Sequence[str],
    kinds: Sequence[str],
) -> "pyarrow.Table":
    """Return the chunks a generation sees that pass every filter, in the order of the files."""
    wanted = [f"({' OR '.join('path GLOB ?' for _ in paths)})"] if paths else []
    wanted += [
        f"{column} IN ({', '.join('?' for _ in values)})"
        for column, values in (("language", languages), ("kind", kinds))
        if values
    ]
    return store.arrow(
        f"{ASKED} SELECT {_COLUMNS} FROM chunks JOIN asked {_OF} AND "
        f"{' AND '.join([SEEN, *wanted])} ORDER BY path, span_start, id",
        [generation, corpus, *paths, *languages, *kinds],
    )


def fetch(store: Store, corpus: str, generation: int | None, ids: Sequence[str]) -> list[Chunk]:
    """Return the chunks of these ids in the order given; unknown ones are left out."""
    import pyarrow

    wanted = pyarrow.table({"id": [clean(id) for id in ids], "place": range(len(ids))})
    found = store.arrow(
        f"{ASKED} SELECT {_COLUMNS} FROM chunks JOIN asked USING (corpus) JOIN wanted USING (id) "
        f"WHERE corpus = ? AND {SEEN} ORDER BY place",
        [generation, corpus],
        wanted=wanted,
    )
    return [_chunk(row) for row in found.to_pylist()]


def defining(store: Store, corpus: str, symbol: str, limit: int) -> list[Chunk]:
    """Return the chunks whose qualified name is this or ends with it, whole names first."""
    found = store.arrow(
        f"{ASKED} SELECT {_COLUMNS} FROM chunks JOIN asked {_OF} AND {SEEN} "
        "AND (symbol = ? OR suffix(symbol, ?)) "
        "ORDER BY symbol <> ?, length(symbol), path, span_start LIMIT ?",
        [None, corpus, symbol, f".{symbol}", symbol, limit],
    )
    return [_chunk(row) for row in found.to_pylist()]


def similar(store: Store, corpus: str, symbol: str, limit: int = 3) -> list[str]:
    """Return the names defined that are most like this one, of those that are like it at all."""
    rows = store.rows(
        f"{ASKED} SELECT symbol FROM (SELECT DISTINCT symbol FROM chunks JOIN asked {_OF} "
        f"AND {SEEN} AND symbol <> '') WHERE jaro_winkler_similarity(symbol, ?) > 0.85 "
        "ORDER BY jaro_winkler_similarity(symbol, ?) DESC, symbol LIMIT ?",
        [None, corpus, symbol, symbol, limit],
    )
    return [row[0] for row in rows]


def _chunk(row: dict[str, Any]) -> Chunk:
    row["span"] = row.pop("span_start"), row.pop("span_end")
    row["names"] = tuple(row["names"])
    return Chunk(**row)


def _files(files: Sequence[FileRow]) -> "pyarrow.Table":
    import pyarrow

    return pyarrow.table(
        {
            "path": _text(file.path for file in files),
            "hash": _text(file.hash for file in files),
            "size": pyarrow.array((file.size for file in files), pyarrow.int64()),
            "language": _text(file.language for file in files),
        }
    )


def _chunks(chunks: Sequence[Chunk]) -> "pyarrow.Table":
    import pyarrow

    texts = ("id", "path", "kind", "symbol", "language", "source", "context", "text")
    columns = {name: _text(getattr(chunk, name) for chunk in chunks) for name in texts}
    columns["names"] = pyarrow.array(
        ([clean(name) for name in chunk.names] for chunk in chunks),
        pyarrow.list_(pyarrow.string()),
    )
    for name, numbers in {
        "start": (chunk.start for chunk in chunks),
        "end": (chunk.end for chunk in chunks),
        "span_start": (chunk.span[0] for chunk in chunks),
        "span_end": (chunk.span[1] for chunk in chunks),
    }.items():
        columns[name] = pyarrow.array(numbers, pyarrow.int64())
    return pyarrow.table(columns)


def _column(name: str, values: Iterable[str]) -> "pyarrow.Table":
    import pyarrow

    return pyarrow.table({name: _text(values)})


def _text(values: Iterable[str]) -> "pyarrow.Array":
    import pyarrow

    return pyarrow.array((clean(value) for value in values), pyarrow.string())
