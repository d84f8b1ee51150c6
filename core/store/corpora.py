"""Corpora: what was ingested, which generation of it is served, and which is being written.

A generation is written beside the served one and takes its place in one transaction, so a
reader sees the one or the other. It does not know how files are cut or found.
"""

import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.documents import Chunk
from core.errors import BadInput, NotFound, StateError
from core.records import Corpus, CorpusState
from core.store import admission, chunks
from core.store.chunks import FileRow
from core.store.connection import Row, Store
from core.store.transaction import Cursor
from core.store.values import aware, from_json, line, now, stored, to_json

if TYPE_CHECKING:
    import pyarrow

_CORPUS = (
    "SELECT name, title, source, settings, state, generation, created, updated, report, job_id, "
    "error FROM corpora"
)


class Corpora:
    """What can be searched, and what will be."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(
        self,
        name: str,
        title: str,
        source: dict[str, Any],
        settings: dict[str, Any],
        job_id: str | None = None,
    ) -> Corpus:
        """Make a corpus, or announce a new writing of one.

        While one serves, its title, source and settings stay those of what is served; the new
        ones take effect when what is written with them is published.
        """
        with self._store.writing() as cursor:
            rows = cursor.execute(f"{_CORPUS} WHERE name = ?", [line(name)]).fetchall()
            if not rows:
                self._add(cursor, name, job_id)
            pending = to_json({"title": line(title), "source": source, "settings": settings})
            sql = "UPDATE corpora SET pending = ?, job_id = ?, updated = ? WHERE name = ?"
            cursor.execute(sql, [pending, job_id, stored(now()), line(name)])
            if not rows or not _corpus(rows[0]).generation:
                _settle(cursor, name)
                sql = "UPDATE corpora SET state = 'building', error = NULL WHERE name = ?"
                cursor.execute(sql, [line(name)])
        return self.get(name)

    def _add(self, cursor: Cursor, name: str, job_id: str | None) -> None:
        admission.check_name(name)
        near = cursor.execute(
            "SELECT name FROM corpora WHERE lower(name) = lower(?)", [name]
        ).fetchall()
        if near:
            raise BadInput(
                f"The corpus name {name!r} differs from {near[0][0]!r} by case alone.",
                f"Use {near[0][0]!r}, or choose a name of its own.",
            )
        moment = stored(now())
        cursor.execute(
            "INSERT INTO corpora VALUES (?, '', '{}', '{}', NULL, 'building', 0, NULL, 0, ?, ?, "
            "'{}', ?, NULL)",
            [name, moment, moment, job_id],
        )

    def get(self, name: str) -> Corpus:
        """Return one corpus."""
        rows = self._store.rows(f"{_CORPUS} WHERE name = ?", [line(name)])
        if not rows:
            raise _absent(name)
        return _corpus(rows[0])

    def amend(
        self,
        name: str,
        *,
        state: CorpusState | None = None,
        report: dict[str, Any] | None = None,
        job_id: str | None = None,
        error: str | None = None,
    ) -> Corpus:
        """Change what is given; an empty error clears the last one."""
        changes: dict[str, object] = {"updated": stored(now())}
        if state is not None:
            changes["state"] = state
        if report is not None:
            changes["report"] = to_json(report)
        if job_id is not None:
            changes["job_id"] = job_id
        if error is not None:
            changes["error"] = line(error, 2000) or None
        sets = ", ".join(f"{column} = ?" for column in changes)
        sql = f"UPDATE corpora SET {sets} WHERE name = ?"
        self._store.write(sql, [*changes.values(), line(name)])
        return self.get(name)

    def delete(self, name: str) -> None:
        """Delete a corpus with its files, chunks and pieces; embeddings stay in the cache."""
        with self._store.writing() as cursor:
            sql = "DELETE FROM corpora WHERE name = ? RETURNING name"
            if not cursor.execute(sql, [line(name)]).fetchall():
                raise _absent(name)
            chunks.forget(cursor, line(name))

    def begin(self, name: str) -> int:
        """Open a generation to write; what an unfinished one staged is thrown away."""
        with self._store.writing() as cursor:
            served, _ = _generations(cursor, name)
            chunks.unstage(cursor, line(name), served)
            sql = "UPDATE corpora SET last = last + 1, staged = last + 1 WHERE name = ?"
            rows = cursor.execute(f"{sql} RETURNING staged", [line(name)]).fetchall()
        return int(rows[0][0])

    def staged(self, name: str) -> int | None:
        """Return the generation being written, if one is."""
        rows = self._store.rows("SELECT staged FROM corpora WHERE name = ?", [line(name)])
        if not rows:
            raise _absent(name)
        return rows[0][0]

    def stage(
        self, name: str, generation: int, files: Sequence[tuple[FileRow, Sequence[Chunk]]]
    ) -> None:
        """Write files with their chunks; staging a path again replaces what it held."""
        if not files:
            return
        admission.check_files(files)
        with self._store.writing() as cursor:
            _check_staged(cursor, name, generation)
            chunks.replace(cursor, line(name), generation, files)

    def drop(self, name: str, generation: int, paths: Sequence[str]) -> None:
        """Leave files out of a generation; unknown ones are fine."""
        with self._store.writing() as cursor:
            _check_staged(cursor, name, generation)
            chunks.end(cursor, line(name), generation, paths)

    def publish(
        self,
        name: str,
        generation: int,
        state: CorpusState = "lexical",
        report: dict[str, Any] | None = None,
    ) -> Corpus:
        """Serve what was staged, all of it at once; publishing it again changes nothing."""
        with self._store.writing() as cursor:
            served, _ = _generations(cursor, name)
            if generation != served or not served:
                _check_staged(cursor, name, generation)
                admission.check_ids(chunks.doubled(cursor, line(name), generation))
                _settle(cursor, name)
                cursor.execute(
                    "UPDATE corpora SET generation = staged, staged = NULL, state = ?, "
                    "report = ?, error = NULL, updated = ? WHERE name = ?",
                    [state, to_json(report or {}), stored(now()), line(name)],
                )
        return self.get(name)

    def prune(self, name: str) -> int:
        """Delete the rows that neither the served nor the staged generation sees."""
        with self._store.writing() as cursor:
            served, _ = _generations(cursor, name)
            return chunks.bury(cursor, line(name), served)

    def files(self, name: str, generation: int | None = None) -> dict[str, str]:
        """Return the hash of every file, by path."""
        return chunks.hashes(self._store, self.get(name).name, generation)

    def size(self, name: str, generation: int | None = None) -> tuple[int, int]:
        """Return how many files and how many chunks there are."""
        return chunks.size(self._store, self.get(name).name, generation)

    def live(
        self,
        name: str,
        generation: int | None = None,
        *,
        paths: Sequence[str] = (),
        languages: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> "pyarrow.Table":
        """Return the chunks as columns, ordered by path and place; paths are globs."""
        known = self.get(name).name
        return chunks.seen(self._store, known, generation, paths, languages, kinds)

    def chunks(self, name: str, ids: Sequence[str], generation: int | None = None) -> list[Chunk]:
        """Return the chunks of these ids in the order given; unknown ones are left out."""
        return chunks.fetch(self._store, self.get(name).name, generation, ids)

    def defining(
        self, name: str, symbol: str, limit: int
    ) -> tuple[builtins.list[Chunk], builtins.list[str]]:
        """Return the chunks that define a name, and where none does the most similar names."""
        known = self.get(name).name
        found = chunks.defining(self._store, known, symbol, limit)
        return found, [] if found else chunks.similar(self._store, known, symbol)

    def list(self) -> builtins.list[Corpus]:
        """Return every corpus, by name."""
        return [_corpus(row) for row in self._store.rows(f"{_CORPUS} ORDER BY name")]


def _check_staged(cursor: Cursor, name: str, generation: int) -> None:
    _, staged = _generations(cursor, name)
    if generation != staged:
        raise StateError(
            f"Generation {generation} of the corpus {name!r} is not being written.",
            "It was published, or another ingest began since. Start the ingest again.",
        )


def _generations(cursor: Cursor, name: str) -> tuple[int, int | None]:
    sql = "SELECT generation, staged FROM corpora WHERE name = ?"
    rows = cursor.execute(sql, [line(name)]).fetchall()
    if not rows:
        raise _absent(name)
    return int(rows[0][0]), rows[0][1]


def _settle(cursor: Cursor, name: str) -> None:
    # What create() put aside for the next generation becomes true of the corpus.
    sql = "SELECT pending FROM corpora WHERE name = ? AND pending IS NOT NULL"
    for row in cursor.execute(sql, [line(name)]).fetchall():
        pending = from_json(row[0])
        cursor.execute(
            "UPDATE corpora SET title = ?, source = ?, settings = ?, pending = NULL WHERE name = ?",
            [
                pending["title"],
                to_json(pending["source"]),
                to_json(pending["settings"]),
                line(name),
            ],
        )


def _absent(name: str) -> NotFound:
    return NotFound(
        f"There is no corpus {line(name, 80)!r}.", "Ingest it first, or choose another."
    )


def _corpus(row: Row) -> Corpus:
    name, title, source, settings, state, generation, created, updated, report, *rest = row
    job_id, error = rest
    return Corpus(
        name=name,
        title=title,
        source=from_json(source),
        settings=from_json(settings),
        state=state,
        generation=generation,
        created=aware(created),
        updated=aware(updated),
        report=from_json(report),
        job_id=job_id,
        error=error,
    )
