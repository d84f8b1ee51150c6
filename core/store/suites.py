"""Suites that were brought here, every version of each, and their items as lines of JSON.

It knows rows. Items are written some at a time and belong to nothing until all of them are there,
so a suite is kept whole or not at all. It does not know what a line says, nor the bundled suites.
"""

import builtins
import threading
from collections.abc import Iterable, Iterator, Sequence

from core.errors import Busy, NotFound
from core.records import Suite
from core.store.connection import FEW, Row, Store, named
from core.store.transaction import Cursor
from core.store.values import aware, body, from_json, line, new_id, now, stored, to_json

BATCH = 1_000
BATCH_CHARACTERS = 8_000_000
_SUITE = (
    "SELECT name, title, version, criterion, count, card, license, kinds, source, owner, created "
    "FROM suites"
)
_LATEST = "QUALIFY row_number() OVER (PARTITION BY name ORDER BY created DESC, version) = 1"
# What nobody names while this is held was left behind by an owner that died.
_adding = threading.Lock()


class KeptSuites:
    """What was brought, beside what is bundled."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self) -> builtins.list[Suite]:
        """Return the newest version of every suite, by name."""
        return [_suite(row) for row in self._store.rows(f"{_SUITE} {_LATEST} ORDER BY name")]

    def versions(self, name: str) -> builtins.list[Suite]:
        """Return every version of a suite, newest first."""
        sql = f"{_SUITE} WHERE name = ? ORDER BY created DESC, version"
        return [_suite(row) for row in self._store.rows(sql, [line(name)])]

    def get(self, name: str, version: str | None = None) -> Suite:
        """Return a version of a suite; the newest where none is named."""
        for suite in self.versions(name):
            if version in (None, suite.version):
                return suite
        raise _absent(name, version)

    def lines(
        self, name: str, version: str | None = None, first: int = 0, most: int | None = None
    ) -> Iterator[str]:
        """Yield the items in order, from `first` on, without holding more than some of them."""
        stage, count = self._stage(name, version)
        last = count if most is None else min(count, first + most)
        sql = (
            "SELECT line FROM suite_items WHERE stage = ? AND position >= ? AND position < ? "
            "ORDER BY position"
        )
        for start in range(first, last, BATCH):
            for row in self._store.rows(sql, [stage, start, min(start + BATCH, last)]):
                yield str(row[0])

    def keep(self, suite: Suite, lines: Iterable[str]) -> Suite:
        """Keep a version whole; one that is kept already has its description brought up to date."""
        if not _adding.acquire(blocking=False):
            raise Busy("Another suite is being taken in.", "Try again in a moment.", retry_after=5)
        try:
            if any(suite.version == known.version for known in self.versions(suite.name)):
                self._amend(suite)
            else:
                self._sweep()
                stage = new_id()
                self._write(stage, lines)
                with self._store.writing() as cursor:
                    _insert(cursor, suite, stage)
            return self.get(suite.name, suite.version)
        finally:
            _adding.release()

    def delete(self, name: str) -> None:
        """Delete a suite, all of its versions."""
        with self._store.writing() as cursor:
            sql = "DELETE FROM suites WHERE name = ? RETURNING stage"
            stages = cursor.execute(sql, [line(name)]).fetchall()
            if not stages:
                raise _absent(name)
            for (stage,) in stages:
                cursor.execute("DELETE FROM suite_items WHERE stage = ?", [stage])

    def _stage(self, name: str, version: str | None) -> tuple[str, int]:
        known = self.get(name, version)
        sql = "SELECT stage, count FROM suites WHERE name = ? AND version = ?"
        stage, count = self._store.rows(sql, [known.name, known.version])[0]
        return str(stage), int(count)

    def _write(self, stage: str, lines: Iterable[str]) -> None:
        held: builtins.list[str] = []
        written = size = 0
        for text in lines:
            held.append(text)
            size += len(text)
            if len(held) == BATCH or size > BATCH_CHARACTERS:
                self._append(stage, written, held)
                written, size, held = written + len(held), 0, []
        self._append(stage, written, held)

    def _append(self, stage: str, first: int, lines: Sequence[str]) -> None:
        with self._store.writing() as cursor:
            if len(lines) <= FEW:
                for position, text in enumerate(lines, first):
                    values = [stage, position, text]
                    cursor.execute("INSERT INTO suite_items VALUES (?, ?, ?)", values)
                return
            import pyarrow

            positions = list(range(first, first + len(lines)))
            table = pyarrow.table({"position": positions, "line": list(lines)})
            with named(cursor, incoming=table):
                sql = "INSERT INTO suite_items SELECT ?, position, line FROM incoming"
                cursor.execute(sql, [stage])

    def _sweep(self) -> None:
        self._store.write("DELETE FROM suite_items WHERE stage NOT IN (SELECT stage FROM suites)")

    def _amend(self, suite: Suite) -> None:
        self._store.write(
            "UPDATE suites SET title = ?, criterion = ?, card = ?, license = ?, source = ?, "
            "created = ? WHERE name = ? AND version = ?",
            [
                line(suite.title),
                line(suite.criterion),
                body(suite.card),
                line(suite.license),
                to_json(suite.source),
                stored(now()),
                line(suite.name),
                suite.version,
            ],
        )


def _insert(cursor: Cursor, suite: Suite, stage: str) -> None:
    values = [line(suite.name), suite.version, stage, line(suite.title), line(suite.criterion)]
    values += [suite.count, body(suite.card), line(suite.license), to_json(suite.kinds)]
    values += [to_json(suite.source), line(suite.owner), stored(suite.created or now())]
    cursor.execute(f"INSERT INTO suites VALUES ({', '.join('?' * len(values))})", values)


def _absent(name: str, version: str | None = None) -> NotFound:
    which = f"version {line(version, 80)!r} of the suite" if version else "suite"
    return NotFound(f"There is no {which} {line(name, 80)!r} here.", "See the list of suites.")


def _suite(row: Row) -> Suite:
    name, title, version, criterion, count, card, license, kinds, source, owner, created = row
    return Suite(
        name=name,
        title=title,
        version=version,
        criterion=criterion,
        count=count,
        card=card,
        license=license,
        kinds=from_json(kinds),
        source=from_json(source),
        owner=owner,
        created=aware(created),
    )
