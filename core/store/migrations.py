"""The order in which the tables came to be, and the step from any earlier one to now.

It knows the numbered modules and which of them a database has seen. What each does is in it.
"""

from types import ModuleType
from typing import TYPE_CHECKING

from core.errors import StateError
from core.store import m001_chats, m002_generations, m003_snapshots, m004_jobs
from core.store.values import now, stored

if TYPE_CHECKING:
    from core.store.connection import Store

STEPS: tuple[ModuleType, ...] = (m001_chats, m002_generations, m003_snapshots, m004_jobs)

_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY, name VARCHAR NOT NULL, applied TIMESTAMP NOT NULL
)
"""


def apply(store: "Store", steps: tuple[ModuleType, ...] = STEPS) -> None:
    """Run every step the database has not seen, each in a transaction of its own."""
    store.write(_TABLE)
    seen = {int(row[0]) for row in store.rows("SELECT number FROM migrations")}
    newest = max(seen, default=0)
    if newest > len(steps):
        raise StateError(
            f"The records in {store.path} were written by a newer Plumbline "
            f"(step {newest}; this one knows {len(steps)}).",
            "Update Plumbline, or choose another folder with DATA_DIR.",
        )
    for number, step in enumerate(steps, start=1):
        if number not in seen:
            _run(store, number, step)


def _run(store: "Store", number: int, step: ModuleType) -> None:
    name = step.__name__.rpartition(".")[2]
    with store.writing() as cursor:
        for statement in step.STATEMENTS:
            cursor.execute(statement)
        cursor.execute("INSERT INTO migrations VALUES (?, ?, ?)", [number, name, stored(now())])
