"""Every model call that was made, and what they cost together.

It knows figures. It does not know what was asked: only a hash of the prompt is kept.
"""

from collections.abc import Sequence
from dataclasses import fields

from core.records import Generation
from core.store.connection import Row, Store, insert_many
from core.store.values import aware, body, from_json, line, stored, to_json

_COLUMNS = tuple(field.name for field in fields(Generation))
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM generations"


class Generations:
    """The log of model calls."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, generation: Generation) -> None:
        """Keep one call."""
        places = ", ".join("?" for _ in _COLUMNS)
        sql = f"INSERT INTO generations ({', '.join(_COLUMNS)}) VALUES ({places})"
        self._store.write(sql, list(_kept(generation).values()))

    def add_many(self, generations: Sequence[Generation]) -> None:
        """Keep many calls at once; those already kept are left alone."""
        with self._store.writing() as cursor:
            insert_many(cursor, "generations", [_kept(item) for item in generations])

    def recent(self, limit: int = 100) -> list[Generation]:
        """Return the latest calls, newest first."""
        sql = f"{_SELECT} ORDER BY created DESC, id LIMIT ?"
        return [_generation(row) for row in self._store.rows(sql, [max(0, limit)])]

    def totals(self) -> dict[str, int]:
        """Return how many calls, tokens and errors there were; unmeasured tokens add nothing."""
        row = self._store.rows(
            "SELECT count(*), coalesce(sum(tokens_in), 0), coalesce(sum(tokens_out), 0), "
            "count(error) FROM generations"
        )[0]
        names = ("calls", "tokens_in", "tokens_out", "errors")
        return {name: int(value) for name, value in zip(names, row, strict=True)}


def _kept(generation: Generation) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(generation, name) for name in _COLUMNS}
    row["id"], row["model"] = line(generation.id), line(generation.model, 1000)
    row["prompt_hash"] = line(generation.prompt_hash)
    row["created"] = stored(generation.created)
    row["params"] = to_json(generation.params)
    row["error"] = None if generation.error is None else body(generation.error)
    return row


def _generation(row: Row) -> Generation:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["created"] = aware(values["created"])
    values["params"] = from_json(values["params"])
    return Generation(**values)
