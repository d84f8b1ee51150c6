"""One transaction: whole on disk, or never there.

It knows BEGIN, COMMIT and ROLLBACK. It does not know whose turn it is to write.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import duckdb

Cursor = duckdb.DuckDBPyConnection


@contextmanager
def transaction(cursor: Cursor) -> Iterator[Cursor]:
    """Commit on a normal end; roll back after any exception, a commit that failed included."""
    cursor.execute("BEGIN")
    with ExitStack() as undo:
        undo.callback(_roll_back, cursor)
        yield cursor
        cursor.execute("COMMIT")
        undo.pop_all()


def _roll_back(cursor: Cursor) -> None:
    # A failed COMMIT or a fatal error has already ended the transaction.
    with suppress(duckdb.Error):
        cursor.execute("ROLLBACK")
