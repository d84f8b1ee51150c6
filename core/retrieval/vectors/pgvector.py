"""Vectors in Postgres with the pgvector extension, a table for each index.

Small tables are compared whole, which is exact; a flush gives large ones a graph (HNSW), and a
query that wants more than the graph gives well is compared whole again. A connection that broke
is made again at the next call.
"""

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, LiteralString

from core.errors import StateError
from core.retrieval.vectors.kept import (
    ANSWER_S,
    CONNECT_S,
    KeptIndex,
    away,
    check_open,
    one,
    rows,
    unreadable,
    without_secrets,
)

if TYPE_CHECKING:
    import numpy as np
    from psycopg import Connection
    from psycopg.sql import Composed

EXACT_UP_TO = 10_000
GRAPH_GIVES = 400
MOST_IN_GRAPH = 2_000
MOST_IN_ROW = 1_900
# A server that hangs does not keep its own limit (ANSWER_S); then the line is cut from here.
CUT_S = ANSWER_S + 5.0


class Postgres:
    """Indexes in a database."""

    def __init__(self, url: str) -> None:
        self._url = url

    def open(self, name: str, dimensions: int) -> KeptIndex:
        """Open an index; one that is not there is made, empty."""
        return PgVector(self._url, name, dimensions)

    def copy(self, name: str, to: str) -> bool:
        """Copy an index inside the database, whole or not at all."""
        with self._asking() as connection, connection.transaction():
            connection.execute(_sql("DROP TABLE IF EXISTS {table}", to))
            connection.execute(_sql("CREATE TABLE {table} (LIKE {old} INCLUDING ALL)", to, name))
            connection.execute(_sql("INSERT INTO {table} SELECT * FROM {old}", to, name))
        return True

    def remove(self, name: str) -> None:
        """Remove an index; an unknown one is fine."""
        with self._asking() as connection:
            connection.execute(_sql("DROP TABLE IF EXISTS {table}", name))

    @contextmanager
    def _asking(self) -> "Iterator[Connection]":
        with _in_words(self._url), _connected(self._url) as connection:
            yield connection


class PgVector:
    """One table."""

    def __init__(self, url: str, name: str, dimensions: int) -> None:
        self._url = url
        self._name = name
        self._dimensions = dimensions
        self._lock = threading.RLock()
        self._connection: Connection | None = None
        self._open = True
        with self._asking() as connection:
            connection.execute(
                _sql(
                    "CREATE TABLE IF NOT EXISTS {table} "
                    "(id text PRIMARY KEY, vector vector({dimensions}) NOT NULL)",
                    name,
                    dimensions=dimensions,
                )
            )
            # Vectors beside their ids, not in a table of large values: four times faster to scan.
            if dimensions <= MOST_IN_ROW:
                plain = "ALTER TABLE {table} ALTER COLUMN vector SET STORAGE PLAIN"
                connection.execute(_sql(plain, name))

    def write(self, ids: Sequence[str], vectors: "np.ndarray") -> None:
        """Add vectors, or replace those whose id is known."""
        matrix = rows(ids, vectors, self._dimensions)
        with self._asking() as connection:
            connection.execute("CREATE TEMP TABLE IF NOT EXISTS new (id text, vector vector)")
            with connection.cursor().copy("COPY new FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["text", "vector"])
                for row in zip(ids, matrix, strict=True):
                    copy.write_row(row)
            connection.execute(
                _sql(
                    "INSERT INTO {table} SELECT id, vector FROM new "
                    "ON CONFLICT (id) DO UPDATE SET vector = excluded.vector",
                    self._name,
                )
            )
            connection.execute("TRUNCATE new")

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ids; unknown ones are fine."""
        with self._asking() as connection:
            connection.execute(
                _sql("DELETE FROM {table} WHERE id = ANY(%s)", self._name), [list(ids)]
            )

    def query(self, vector: "np.ndarray", k: int) -> list[tuple[str, float]]:
        """Return (id, cosine) of the nearest, best first."""
        asked = one(vector, self._dimensions)
        if k <= 0:
            return []
        with self._asking() as connection:
            if k > GRAPH_GIVES:
                connection.execute("SET LOCAL enable_indexscan = off")
            else:
                connection.execute(f"SET LOCAL hnsw.ef_search = {max(128, 2 * k)}".encode())
            found = connection.execute(
                _sql(
                    "SELECT id, 1 - (vector <=> %(asked)s) FROM {table} "
                    "ORDER BY vector <=> %(asked)s LIMIT %(k)s",
                    self._name,
                ),
                {"asked": asked, "k": k},
            ).fetchall()
        return [(id, float(cosine)) for id, cosine in found]

    def count(self) -> int:
        """Return how many ids it holds."""
        with self._asking() as connection:
            found = connection.execute(_sql("SELECT count(*) FROM {table}", self._name))
            return next(found)[0]

    def flush(self) -> None:
        """Give a large table its graph; every write is on disk when it returns."""
        if self.count() <= EXACT_UP_TO or self._dimensions > MOST_IN_GRAPH:
            return
        with self._asking(cut=False) as connection:
            connection.execute("SET LOCAL statement_timeout = 0")
            connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
            connection.execute(
                _sql(
                    "CREATE INDEX IF NOT EXISTS {graph} ON {table} "
                    "USING hnsw (vector vector_cosine_ops)",
                    self._name,
                )
            )

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = None
            self._open = False

    @contextmanager
    def _asking(self, *, cut: bool = True) -> "Iterator[Connection]":
        with self._lock, _in_words(self._url):
            check_open(self._open)
            if self._connection is None or self._connection.closed:
                self._connection = _connected(self._url)
            with _within(self._connection, CUT_S if cut else None), self._connection.transaction():
                yield self._connection


def _connected(url: str) -> "Connection":
    import psycopg
    from pgvector.psycopg import register_vector

    connection = psycopg.connect(
        url, autocommit=True, connect_timeout=int(CONNECT_S), tcp_user_timeout=int(ANSWER_S * 1000)
    )
    with _within(connection, CUT_S):
        connection.execute(f"SET statement_timeout = {int(ANSWER_S * 1000)}".encode())
        connection.execute("SET client_min_messages = warning")
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        register_vector(connection)
    return connection


@contextmanager
def _within(connection: "Connection", limit: float | None) -> Iterator[None]:
    """Cut the line when what is asked takes longer than that; who waits is then told."""

    def cut() -> None:
        with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    if limit is None:
        yield
        return
    watch = threading.Timer(limit, cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _sql(text: LiteralString, table: str, old: str = "", dimensions: int = 0) -> "Composed":
    from psycopg.sql import SQL, Identifier, Literal

    return SQL(text).format(
        table=Identifier(f"plumbline-{table}"),
        old=Identifier(f"plumbline-{old}"),
        dimensions=Literal(dimensions),
        graph=Identifier(f"plumbline-{table}-graph"),
    )


@contextmanager
def _in_words(url: str) -> Iterator[None]:
    import psycopg

    try:
        yield
    except (psycopg.errors.UndefinedFile, psycopg.errors.InsufficientPrivilege) as error:
        raise StateError(
            f"The database at {without_secrets(url)} has no vectors: {error.diag.message_primary}.",
            "Install pgvector there and run CREATE EXTENSION vector as its administrator.",
        ) from error
    except psycopg.errors.QueryCanceled as error:
        raise unreadable("Postgres", f"it took longer than {ANSWER_S:.0f} s.") from error
    except psycopg.OperationalError as error:
        raise away("Postgres", url) from error
    except psycopg.Error as error:
        raise unreadable("Postgres", str(error)) from error
