"""The order in which the tables came to be, and the step from any earlier one to now.

It knows the numbered modules and which of them a database has seen. What each does is in it.
"""

from pathlib import Path
from types import ModuleType

from core.errors import StateError
from core.store import (
    m001_chats,
    m002_generations,
    m003_snapshots,
    m004_jobs,
    m005_corpora,
    m006_feedback,
    m007_threads,
    m008_suites,
    m009_runs,
    m010_owners,
)
from core.store.transaction import Cursor, transaction
from core.store.values import now, stored

STEPS: tuple[ModuleType, ...] = (
    m001_chats,
    m002_generations,
    m003_snapshots,
    m004_jobs,
    m005_corpora,
    m006_feedback,
    m007_threads,
    m008_suites,
    m009_runs,
    m010_owners,
)

_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY, name VARCHAR NOT NULL, applied TIMESTAMP NOT NULL
)
"""


def apply(cursor: Cursor, path: Path, steps: tuple[ModuleType, ...] = STEPS) -> None:
    """Run every step the database has not seen, each in a transaction of its own."""
    cursor.execute(_TABLE)
    seen = {int(row[0]) for row in cursor.execute("SELECT number FROM migrations").fetchall()}
    newest = max(seen, default=0)
    if newest > len(steps):
        raise StateError(
            f"The records in {path} were written by a newer Plumbline "
            f"(step {newest}; this one knows {len(steps)}).",
            "Update Plumbline, or choose another folder with DATA_DIR.",
        )
    for number, step in enumerate(steps, start=1):
        if number not in seen:
            _run(cursor, number, step)


def _run(cursor: Cursor, number: int, step: ModuleType) -> None:
    name = step.__name__.rpartition(".")[2]
    with transaction(cursor):
        for statement in step.STATEMENTS:
            cursor.execute(statement)
        cursor.execute("INSERT INTO migrations VALUES (?, ?, ?)", [number, name, stored(now())])
