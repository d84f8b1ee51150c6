"""The record store: one database, one cursor per thread, one writer at a time.

It knows connections, transactions and bulk rows. It knows no noun; each has its own module.
"""

import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from core.errors import Corrupt, StateError
from core.store import migrations, opening
from core.store.failures import mapped
from core.store.transaction import Cursor, transaction

if TYPE_CHECKING:
    import pyarrow

CLOSED, AGAIN = "The record store is closed.", "Start the app again."
CLOSE_LIMIT_S = 5.0
FEW = 50
Row = tuple[Any, ...]


class Store:
    """The open database of a DATA_DIR."""

    def __init__(self, path: Path, connection: Cursor, notices: tuple[str, ...]) -> None:
        self.path = path
        self.notices = notices
        self._connection = connection
        self._local = threading.local()
        self._cursors: list[weakref.ref[Cursor]] = []
        self._guard = threading.Lock()
        self._writer = threading.RLock()
        self._closed = False

    @classmethod
    def open(cls, data_dir: Path, memory: str = "512MB") -> "Store":
        """Open or create the database of this folder, brought up to date."""
        opening.prepare_folder(data_dir)
        path = data_dir / opening.NAME
        connection, notices = opening.connect(path, opening.options(memory))
        with ExitStack() as undo, mapped():
            undo.callback(connection.close)
            migrations.apply(connection, path)
            undo.pop_all()
        return cls(path, connection, notices)

    def cursor(self) -> Cursor:
        """Return this thread's own cursor; sharing one mixes up results silently."""
        if self._closed:
            raise StateError(CLOSED, AGAIN)
        cursor = getattr(self._local, "cursor", None)
        if cursor is None:
            with self._guard, mapped():
                cursor = self._connection.cursor()
                alive = [ref for ref in self._cursors if ref() is not None]
                self._cursors = [*alive, weakref.ref(cursor)]
            self._local.cursor = cursor
        return cursor

    def check(self) -> None:
        """Ask the database for an answer; what is wrong is raised in words."""
        self.rows("SELECT 1")

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Return every row of a query."""
        with self._mapped():
            return self.cursor().execute(sql, list(values)).fetchall()

    def arrow(
        self, sql: str, values: Sequence[object] = (), **tables: "pyarrow.Table"
    ) -> "pyarrow.Table":
        """Return every row of a query as an Arrow table; it may name the tables given with it."""
        with self._mapped():
            cursor = self.cursor()
            with named(cursor, **tables):
                return cursor.sql(sql, params=list(values)).to_arrow_table()

    @contextmanager
    def writing(self) -> Iterator[Cursor]:
        """Run one transaction; on return it is on disk, after an exception it never was."""
        with self._writer, self._mapped(), transaction(self.cursor()) as cursor:
            yield cursor

    def write(self, sql: str, values: Sequence[object] = ()) -> None:
        """Run one statement in a transaction of its own."""
        with self.writing() as cursor:
            cursor.execute(sql, list(values))

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            with mapped():
                yield
        except Corrupt:
            opening.ask_for_check(self.path)
            raise
        except StateError as error:
            # A query that is under way when the store is closed ends in more ways than one.
            if self._closed and error.message != CLOSED:
                raise StateError(CLOSED, AGAIN) from error
            raise

    def close(self) -> None:
        """Wait for the writer, fold the log into the file, let go; a second call does nothing."""
        with self._writer, self._guard:
            if self._closed:
                return
            self._closed = True
            with mapped():
                for ref in self._cursors:
                    _close_cursor(ref())
                self._connection.execute("CHECKPOINT")
                self._connection.close()


def insert_many(cursor: Cursor, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows, many by Arrow, by column name; rows whose key is already kept are left alone."""
    if len(rows) <= FEW:
        # Arrow is imported for seconds, and brings pandas along.
        for row in rows:
            names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
            sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
            cursor.execute(sql, list(row.values()))
    else:
        import pyarrow

        with named(cursor, incoming=pyarrow.Table.from_pylist([dict(row) for row in rows])):
            cursor.execute(
                f"INSERT INTO {table} BY NAME SELECT * FROM incoming ON CONFLICT DO NOTHING"
            )


@contextmanager
def named(cursor: Cursor, **tables: "pyarrow.Table") -> Iterator[None]:
    """Let this cursor's statements read Arrow tables by these names."""
    try:
        for name, table in tables.items():
            cursor.register(name, table)
        yield
    finally:
        for name in tables:
            cursor.unregister(name)


def _close_cursor(cursor: Cursor | None) -> None:
    # A cursor at work in another thread refuses to close: its query is ended first.
    deadline = time.monotonic() + CLOSE_LIMIT_S
    while cursor is not None:
        try:
            cursor.close()
            return
        except duckdb.Error:
            if time.monotonic() > deadline:
                raise
            cursor.interrupt()
            time.sleep(0.005)
