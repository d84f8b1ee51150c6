"""What of every chunk is embedded, and the embeddings: one cache for all corpora.

A piece is a text that fits an embedder's window; of it only the hash is kept, and by that hash
an embedding is found again, whichever corpus or file the text stands in. It does not know how
texts are split or embedded.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import BadInput, NotFound
from core.store.chunks import ASKED, SEEN
from core.store.connection import Store, named
from core.store.transaction import Cursor
from core.store.values import clean, line

if TYPE_CHECKING:
    import numpy as np
    import pyarrow

_LITTLE = "<f4"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the embedding of a corpus is; `split` counts the chunks whose pieces are known."""

    chunks: int
    split: int
    pieces: int
    embedded: int

    @property
    def is_complete(self) -> bool:
        """Say whether every chunk has its pieces and every piece its vector."""
        return self.split == self.chunks and self.embedded == self.pieces


def hash_of(text: str) -> str:
    """Return the key of a text in the cache."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Embeddings:
    """Pieces by corpus, vectors by the hash of their text."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep_pieces(
        self, name: str, generation: int, embedder: str, rows: Sequence[tuple[str, int, str]]
    ) -> None:
        """Set the pieces (chunk id, number, hash) of chunks of a generation, all of each chunk."""
        import pyarrow

        table = pyarrow.table(
            {
                "chunk_id": [clean(row[0]) for row in rows],
                "n": pyarrow.array([row[1] for row in rows], pyarrow.int32()),
                "hash": [row[2] for row in rows],
            }
        )
        key = [line(name), embedder]
        own = "corpus = ? AND embedder = ? AND chunk_id IN (SELECT chunk_id FROM new)"
        with self._store.writing() as cursor, named(cursor, new=table):
            cursor.execute(f"DELETE FROM pieces WHERE {own} AND born = ?", [*key, generation])
            cursor.execute(
                f"UPDATE pieces SET died = ? WHERE {own} AND died IS NULL AND born < ?",
                [generation, *key, generation],
            )
            cursor.execute(
                "INSERT INTO pieces BY NAME SELECT ? AS corpus, ? AS embedder, *, ? AS born "
                "FROM new",
                [*key, generation],
            )

    def pieces(self, name: str, embedder: str, generation: int | None = None) -> "pyarrow.Table":
        """Return chunk_id, n and hash of every piece, ordered by the first two."""
        return self._store.arrow(
            f"{ASKED} SELECT chunk_id, n, hash FROM pieces JOIN asked USING (corpus) "
            f"WHERE corpus = ? AND embedder = ? AND {SEEN} ORDER BY chunk_id, n",
            [generation, line(name), embedder],
        )

    def unsplit(self, name: str, embedder: str, generation: int | None = None) -> list[str]:
        """Return the ids of the chunks whose pieces are not known, in the order of the files."""
        rows = self._store.rows(
            f"{ASKED} SELECT id FROM chunks JOIN asked USING (corpus) WHERE corpus = ? AND {SEEN} "
            "AND id NOT IN (SELECT chunk_id FROM pieces JOIN asked USING (corpus) "
            f"WHERE corpus = ? AND embedder = ? AND {SEEN}) ORDER BY path, span_start, id",
            [generation, line(name), line(name), embedder],
        )
        return [row[0] for row in rows]

    def progress(self, name: str, embedder: str, generation: int | None = None) -> Progress:
        """Return how many chunks, pieces and vectors there are."""
        row = self._store.rows(
            f"{ASKED}, mine AS (SELECT chunk_id, hash FROM pieces JOIN asked USING (corpus) "
            f"WHERE corpus = ? AND embedder = ? AND {SEEN}), "
            "ours AS (SELECT id FROM chunks JOIN asked USING (corpus) "
            f"WHERE corpus = ? AND {SEEN}) "
            "SELECT (SELECT count(*) FROM ours), "
            "(SELECT count(*) FROM ours WHERE id IN (SELECT chunk_id FROM mine)), "
            "(SELECT count(*) FROM mine), (SELECT count(*) FROM mine WHERE hash IN "
            "(SELECT hash FROM embeddings WHERE embedder = ?))",
            [generation, line(name), embedder, line(name), embedder],
        )[0]
        return Progress(*row)

    def missing(self, embedder: str, hashes: Sequence[str]) -> list[str]:
        """Return the hashes without a vector, in the order given, each once."""
        import pyarrow

        unique = list(dict.fromkeys(hashes))
        found = self._store.arrow(
            "SELECT hash FROM asked SEMI JOIN embeddings e "
            "ON e.embedder = ? AND e.hash = asked.hash",
            [embedder],
            asked=pyarrow.table({"hash": pyarrow.array(unique, pyarrow.string())}),
        )
        known = set(found.column("hash").to_pylist())
        return [hash for hash in unique if hash not in known]

    def keep(self, embedder: str, hashes: Sequence[str], matrix: "np.ndarray") -> None:
        """Keep one vector per hash; hashes that are known are left alone."""
        import numpy as np

        if len(hashes) != len(matrix):
            raise BadInput(f"{len(hashes)} hashes were given for {len(matrix)} vectors.")
        if not np.isfinite(matrix).all():
            raise BadInput(f"{line(embedder, 80)} made a vector with a number that is not finite.")
        with self._store.writing() as cursor, named(cursor, new=_rows(hashes, matrix)):
            _check_width(cursor, embedder, 4 * matrix.shape[1] if len(matrix) else 0)
            cursor.execute(
                "INSERT INTO embeddings SELECT ?, hash, any_value(vector) FROM new "
                "ANTI JOIN (SELECT hash FROM embeddings WHERE embedder = ?) USING (hash) "
                "GROUP BY hash",
                [embedder, embedder],
            )

    def vectors(self, embedder: str, hashes: Sequence[str]) -> "np.ndarray":
        """Return one float32 row per hash, in the order given."""
        import numpy as np
        import pyarrow

        asked = pyarrow.table(
            {"hash": pyarrow.array(hashes, pyarrow.string()), "place": np.arange(len(hashes))}
        )
        found = self._store.arrow(
            "SELECT place, vector FROM asked JOIN embeddings e USING (hash) WHERE e.embedder = ?",
            [embedder],
            asked=asked,
        )
        if len(found) < len(hashes):
            raise NotFound(
                f"{len(hashes) - len(found):,} of {len(hashes):,} embeddings by "
                f"{line(embedder, 80)} are not kept.",
                "Run the ingest again: it makes what is missing.",
            )
        return _matrix(found)

    def sweep(self) -> int:
        """Delete the vectors that no piece names; return how many."""
        with self._store.writing() as cursor:
            return cursor.execute(
                "DELETE FROM embeddings WHERE (embedder, hash) NOT IN "
                "(SELECT (embedder, hash) FROM pieces)"
            ).fetchall()[0][0]


def _rows(hashes: Sequence[str], matrix: "np.ndarray") -> "pyarrow.Table":
    import numpy as np
    import pyarrow

    rows = np.ascontiguousarray(matrix, dtype=_LITTLE)
    width = pyarrow.binary(4 * rows.shape[1] if len(rows) else 4)
    vectors = pyarrow.FixedSizeBinaryArray.from_buffers(
        width, len(rows), [None, pyarrow.py_buffer(rows)]
    )
    texts = pyarrow.array(hashes, pyarrow.string())
    return pyarrow.table({"hash": texts, "vector": vectors.cast(pyarrow.binary())})


def _check_width(cursor: Cursor, embedder: str, width: int) -> None:
    sql = "SELECT octet_length(vector) FROM embeddings WHERE embedder = ? LIMIT 1"
    known = cursor.execute(sql, [embedder]).fetchall()
    if known and width and known[0][0] != width:
        raise BadInput(
            f"{line(embedder, 80)} makes vectors of {known[0][0] // 4} numbers; "
            f"these have {width // 4}.",
            "Give every embedder a name of its own.",
        )


def _matrix(found: "pyarrow.Table") -> "np.ndarray":
    import numpy as np

    places = found.column("place").to_numpy()
    parts = [
        np.frombuffer(chunk.buffers()[2], _LITTLE)[_range(chunk)]
        for chunk in found.column("vector").chunks
        if len(chunk)
    ]
    if not parts:
        return np.empty((0, 0), np.float32)
    rows = np.concatenate(parts).reshape(len(places), -1)
    matrix = np.empty(rows.shape, np.float32)
    matrix[places] = rows
    return matrix


def _range(chunk: "pyarrow.Array") -> slice:
    # Rows of one width lie one after the other in an array's buffer, from its offset on.
    width = len(chunk[0].as_py()) // 4
    return slice(chunk.offset * width, (chunk.offset + len(chunk)) * width)
