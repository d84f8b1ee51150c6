"""Threads of an agent: what each step left behind, on disk before the next one begins.

It knows threads, their steps and what tasks wrote for a step that was not finished. It does not
know what is in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.store.connection import Row, Store
from core.store.transaction import Cursor
from core.store.values import line, now, stored

KEPT = 500
Packed = tuple[str, bytes]
_STEP = (
    "SELECT id, parent, kind, body, about_kind, about FROM thread_steps "
    "WHERE thread_id = ? AND space = ?"
)


@dataclass(frozen=True, slots=True)
class ThreadStep:
    """A run as it stood after a step, packed, with what came before it."""

    id: str
    parent: str | None
    body: Packed
    about: Packed


@dataclass(frozen=True, slots=True)
class Written:
    """What a task wrote for the step after; a negative place is replaced, others stay."""

    task: str
    place: int
    channel: str
    body: Packed
    path: str = ""


class Threads:
    """The runs of agents."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, thread: str, space: str, step: ThreadStep) -> None:
        """Keep a step; once this returns it survives a kill. The oldest threads make room."""
        moment, key = stored(now()), line(thread)
        with self._store.writing() as cursor:
            new = not cursor.execute("SELECT 1 FROM threads WHERE id = ?", [key]).fetchall()
            cursor.execute(
                "INSERT INTO threads (id, created, updated) VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET updated = excluded.updated",
                [key, moment, moment],
            )
            cursor.execute(
                "INSERT OR REPLACE INTO thread_steps VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [key, space, step.id, step.parent, *step.body, *step.about],
            )
        if new:
            self._make_room()

    def own(self, thread: str, owner: str, chat_id: str) -> None:
        """Say whose thread it is and to which chat it belongs, before its first step or after."""
        moment = stored(now())
        with self._store.writing() as cursor:
            cursor.execute(
                "INSERT INTO threads (id, created, updated, owner, chat_id) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, chat_id = excluded.chat_id",
                [line(thread), moment, moment, line(owner), line(chat_id)],
            )
        self._make_room()

    def write(self, thread: str, space: str, step: str, written: Sequence[Written]) -> None:
        """Keep what a task wrote."""
        with self._store.writing() as cursor:
            for each in written:
                how = "REPLACE" if each.place < 0 else "IGNORE"
                cursor.execute(
                    f"INSERT OR {how} INTO thread_writes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        line(thread),
                        space,
                        step,
                        each.task,
                        each.place,
                        each.channel,
                        *each.body,
                        each.path,
                    ],
                )

    def steps(
        self,
        thread: str,
        space: str = "",
        id: str = "",
        before: str = "",
        limit: int | None = None,
    ) -> list[ThreadStep]:
        """Return the steps of a thread, the newest first; one by its id, or those before one."""
        sql, values = _STEP, [line(thread), space]
        if id:
            sql, values = f"{sql} AND id = ?", [*values, id]
        if before:
            sql, values = f"{sql} AND id < ?", [*values, before]
        sql += " ORDER BY id DESC" + (f" LIMIT {max(0, limit)}" if limit is not None else "")
        return [_step(row) for row in self._store.rows(sql, values)]

    def writes(self, thread: str, space: str, step: str) -> list[Written]:
        """Return what tasks wrote for a step, in the order of the tasks."""
        rows = self._store.rows(
            "SELECT task, place, channel, kind, body, path FROM thread_writes "
            "WHERE thread_id = ? AND space = ? AND step_id = ? ORDER BY path, task, place",
            [line(thread), space, step],
        )
        return [
            Written(t, p, channel, (kind, bytes(b)), path) for t, p, channel, kind, b, path in rows
        ]

    def ids(self, limit: int = 100) -> list[str]:
        """Return the threads, the latest used first."""
        sql = "SELECT id FROM threads ORDER BY updated DESC, id LIMIT ?"
        return [row[0] for row in self._store.rows(sql, [max(0, limit)])]

    def delete(self, thread: str) -> None:
        """Delete a thread with its steps; an unknown one is fine."""
        self._delete([line(thread)])

    @staticmethod
    def forget(cursor: Cursor, chat_id: str) -> None:
        """Delete the threads of a chat with all that they left."""
        for table in ("thread_writes", "thread_steps"):
            cursor.execute(
                f"DELETE FROM {table} WHERE thread_id IN "
                "(SELECT id FROM threads WHERE chat_id = ?)",
                [line(chat_id)],
            )
        cursor.execute("DELETE FROM threads WHERE chat_id = ?", [line(chat_id)])

    def _make_room(self) -> None:
        sql = "SELECT id FROM threads ORDER BY updated DESC, id LIMIT ALL OFFSET ?"
        self._delete([row[0] for row in self._store.rows(sql, [KEPT])])

    def _delete(self, threads: Sequence[str]) -> None:
        if not threads:
            return
        with self._store.writing() as cursor:
            for thread in threads:
                cursor.execute("DELETE FROM thread_writes WHERE thread_id = ?", [thread])
                cursor.execute("DELETE FROM thread_steps WHERE thread_id = ?", [thread])
                cursor.execute("DELETE FROM threads WHERE id = ?", [thread])


def _step(row: Row) -> ThreadStep:
    id, parent, kind, body, about_kind, about = row
    return ThreadStep(id, parent, (kind, bytes(body)), (about_kind, bytes(about)))
