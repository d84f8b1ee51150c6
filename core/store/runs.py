"""Runs as they are kept, with the questions they ask and the configurations people saved.

It knows rows, owners and which states follow which. Samples and scores are in samples.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from core.errors import NotFound
from core.records import Item, JobState, Page, Run, SavedConfig
from core.store.connection import Row, Store, insert_many
from core.store.packing import packed
from core.store.values import (
    aware,
    body,
    from_json,
    line,
    maybe_aware,
    new_id,
    now,
    stored,
    to_json,
)

_RUN = (
    "SELECT id, name, owner, state, config, suite, suite_version, criterion, method, model, "
    "total, done, failed, created, started, ended, job_id, provenance, summary, error, deleted "
    "FROM runs"
)
_SORTS = {
    "created": "created",
    "name": "lower(name)",
    "suite": "suite",
    "method": "method",
    "model": "model",
    "state": "state",
    "total": "total",
    "passed": "TRY_CAST(json_extract_string(summary, '$.passed.mean') AS DOUBLE)",
}
PIECE = 2_000


class RunRows:
    """Every run of a DATA_DIR."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self, run: Run, items: Iterable[tuple[int, Item]], key: str = "", epochs: int = 1
    ) -> Run:
        """Keep a new run with what it will ask, so often, whole or not at all."""
        count = 0
        with self._store.writing() as cursor:
            left = iter(items)
            while piece := list(islice(left, PIECE)):
                insert_many(cursor, "run_items", [_item_row(run.id, *each) for each in piece])
                count += len(piece)
            insert_many(cursor, "runs", [_run_row(replace(run, total=count * epochs), key)])
        return self.get(run.id)

    def extend(self, id: str, item: Item) -> int:
        """Add one more question to a run and return its position."""
        with self._store.writing() as cursor:
            sql = "SELECT coalesce(max(position) + 1, 0) FROM run_items WHERE run_id = ?"
            position = int(cursor.execute(sql, [id]).fetchall()[0][0])
            insert_many(cursor, "run_items", [_item_row(id, position, item)])
            cursor.execute("UPDATE runs SET total = ? WHERE id = ?", [position + 1, id])
        return position

    def get(self, id: str) -> Run:
        """Return a run by its id."""
        rows = self._store.rows(f"{_RUN} WHERE id = ?", [line(id)])
        if not rows:
            raise NotFound("There is no such run.", "GET /v1/evals lists those there are.")
        return _run(rows[0])

    def named(self, name: str, deleted: bool = False) -> list[Run]:
        """Return the runs of a name, the newest first: those that are there, or were put away."""
        gone = "NOT NULL" if deleted else "NULL"
        sql = f"{_RUN} WHERE name = ? AND deleted IS {gone} ORDER BY created DESC, id"
        return [_run(row) for row in self._store.rows(sql, [line(name)])]

    def by_key(self, owner: str, key: str) -> Run | None:
        """Return the run that was asked for with this key before."""
        sql = f'{_RUN} WHERE owner = ? AND "key" = ? ORDER BY created LIMIT 1'
        rows = self._store.rows(sql, [line(owner), line(key)]) if key else []
        return _run(rows[0]) if rows else None

    def of_job(self, job_id: str) -> Run | None:
        """Return the run a job is for."""
        rows = self._store.rows(f"{_RUN} WHERE job_id = ?", [line(job_id)])
        return _run(rows[0]) if rows else None

    def open(self) -> list[Run]:
        """Return the runs that are queued or running."""
        sql = f"{_RUN} WHERE state IN ('queued', 'running') ORDER BY created, id"
        return [_run(row) for row in self._store.rows(sql)]

    def amend(
        self,
        id: str,
        *,
        state: JobState | None = None,
        job_id: str | None = None,
        started: datetime | None = None,
        ended: datetime | None = None,
        model: str | None = None,
        provenance: dict[str, Any] | None = None,
        summary: dict[str, Any] | None = None,
        error: str | None = None,
    ) -> None:
        """Change what is given; a blank error is none."""
        given: dict[str, object] = {
            "state": state,
            "job_id": job_id,
            "started": stored(started),
            "ended": stored(ended),
            "model": None if model is None else line(model, 1000),
            "provenance": None if provenance is None else to_json(provenance),
            "summary": None if summary is None else to_json(summary),
            "error": None if error is None else body(error),
        }
        changed = {name: value for name, value in given.items() if value is not None}
        if changed:
            marks = ", ".join(
                f"{name} = nullif(?, '')" if name == "error" else f"{name} = ?" for name in changed
            )
            self._store.write(f"UPDATE runs SET {marks} WHERE id = ?", [*changed.values(), id])

    def delete(self, id: str, deleted: bool = True) -> None:
        """Put a run away, or bring it back; nothing of it is lost."""
        moment = stored(now()) if deleted else None
        self._store.write("UPDATE runs SET deleted = ? WHERE id = ?", [moment, id])

    def list(
        self,
        readers: Sequence[str] | None = None,
        page: int = 1,
        size: int = 20,
        *,
        suite: str = "",
        method: str = "",
        state: str = "",
        text: str = "",
        deleted: bool = False,
        sort: str = "created",
        descending: bool = True,
    ) -> Page[Run]:
        """Return a page of runs; `readers` are the owners whose runs may be seen, None is all."""
        tests, values = [f"deleted IS {'NOT ' if deleted else ''}NULL"], []
        for column, wanted in (("suite", suite), ("method", method), ("state", state)):
            if wanted:
                tests.append(f"{column} = ?")
                values.append(line(wanted))
        if text:
            tests.append("(contains(lower(name), ?) OR contains(lower(model), ?))")
            values += [text.lower()] * 2
        if readers is not None:
            tests.append(f"owner IN ({', '.join('?' * len(readers))})")
            values += list(readers)
        where = " WHERE " + " AND ".join(tests)
        total = int(self._store.rows(f"SELECT count(*) FROM runs{where}", values)[0][0])
        order = f"{_SORTS.get(sort, 'created')} {'DESC' if descending else 'ASC'} NULLS LAST"
        page, size = max(1, page), max(1, min(size, 200))
        rows = self._store.rows(
            f"{_RUN}{where} ORDER BY {order}, created DESC, id LIMIT ? OFFSET ?",
            [*values, size, (page - 1) * size],
        )
        return Page(tuple(_run(row) for row in rows), total, page, size)


class Configs:
    """Configurations that people saved; the newest of a name is the one that counts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, owner: str, name: str, config: dict[str, Any]) -> SavedConfig:
        """Keep a configuration under a name, in place of an earlier one."""
        id, moment = new_id(), stored(now())
        with self._store.writing() as cursor:
            cursor.execute(
                "UPDATE run_configs SET deleted = ? "
                "WHERE owner = ? AND name = ? AND deleted IS NULL",
                [moment, line(owner), line(name)],
            )
            cursor.execute(
                "INSERT INTO run_configs VALUES (?, ?, ?, ?, ?, NULL)",
                [id, line(owner), line(name), to_json(config), moment],
            )
        return self.get(id)

    def get(self, id: str) -> SavedConfig:
        """Return one by its id."""
        rows = self._store.rows("SELECT * FROM run_configs WHERE id = ?", [line(id)])
        if not rows:
            raise NotFound("There is no such configuration.")
        return _config(rows[0])

    def list(self, owners: Sequence[str] | None, deleted: bool = False) -> list[SavedConfig]:
        """Return those that may be seen, by name."""
        tests = [f"deleted IS {'NOT ' if deleted else ''}NULL"]
        if owners is not None:
            tests.append(f"owner IN ({', '.join('?' * len(owners))})")
        sql = f"SELECT * FROM run_configs WHERE {' AND '.join(tests)} ORDER BY name, created DESC"
        return [_config(row) for row in self._store.rows(sql, list(owners or ()))]

    def delete(self, id: str, deleted: bool = True) -> None:
        """Put one away, or bring it back."""
        moment = stored(now()) if deleted else None
        self._store.write("UPDATE run_configs SET deleted = ? WHERE id = ?", [moment, id])


def _config(row: Row) -> SavedConfig:
    id, owner, name, config, created, deleted = row
    return SavedConfig(id, owner, name, from_json(config), aware(created), maybe_aware(deleted))


def _item_row(run_id: str, position: int, item: Item) -> dict[str, object]:
    return {
        "run_id": run_id,
        "position": position,
        "item_id": item.id,
        "kind": item.kind,
        "cluster": item.cluster,
        "item": to_json(packed(item)),
    }


def _run_row(run: Run, key: str) -> dict[str, object]:
    return {
        "id": run.id,
        "name": line(run.name),
        "owner": line(run.owner),
        "key": line(key),
        "state": run.state,
        "config": to_json(run.config),
        "suite": line(run.suite),
        "suite_version": run.suite_version,
        "criterion": run.criterion,
        "method": run.method,
        "model": line(run.model, 1000),
        "total": run.total,
        "done": run.done,
        "failed": run.failed,
        "created": stored(run.created),
        "provenance": to_json(run.provenance),
        "summary": to_json(run.summary),
    }


def _run(row: Row) -> Run:
    id, name, owner, state, config, suite, version, criterion, method, model, *rest = row
    total, done, failed, created, started, ended, job_id, provenance, summary, *last = rest
    return Run(
        id=id,
        name=name,
        owner=owner,
        state=state,
        config=from_json(config),
        suite=suite,
        suite_version=version,
        criterion=criterion,
        method=method,
        model=model,
        total=total,
        done=done,
        failed=failed,
        created=aware(created),
        started=maybe_aware(started),
        ended=maybe_aware(ended),
        job_id=job_id,
        provenance=from_json(provenance),
        summary=from_json(summary),
        error=last[0],
        deleted=maybe_aware(last[1]),
    )
