"""Answers that were made before, under the hash of all they depend on.

It knows hashes, sizes and when each was used last. What goes into a hash is known above.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.store.connection import Store, insert_many
from core.store.values import from_json, now, stored, to_json


class Results:
    """The cache of answers of a DATA_DIR."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._misses = 0

    def keep(self, run_id: str, samples: Mapping[str, dict[str, Any]]) -> None:
        """Keep answers; what is known is left as it is."""
        moment, rows = stored(now()), []
        for key, sample in samples.items():
            text = to_json(sample)
            row = {"key": key, "created": moment, "used": moment, "hits": 0}
            rows.append({**row, "bytes": len(text), "run_id": run_id, "sample": text})
        with self._store.writing() as cursor:
            insert_many(cursor, "results", rows)

    def find(self, groups: Sequence[Sequence[str]]) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return the run and the answer of each hash, of those groups that are known whole."""
        asked = {key for group in groups for key in group}
        rows = self._store.rows(
            'SELECT "key" FROM results WHERE list_contains(?, "key")', [sorted(asked)]
        )
        known = {key for (key,) in rows}
        wanted = sorted({key for group in groups if known.issuperset(group) for key in group})
        self._misses += len(asked) - len(wanted)
        if not wanted:
            return {}
        self._store.write(
            'UPDATE results SET used = ?, hits = hits + 1 WHERE list_contains(?, "key")',
            [stored(now()), wanted],
        )
        found = self._store.rows(
            'SELECT "key", run_id, sample FROM results WHERE list_contains(?, "key")', [wanted]
        )
        return {key: (run_id, from_json(sample)) for key, run_id, sample in found}

    def told(self) -> dict[str, int]:
        """Return how many there are, their size, and how often they were asked for since start."""
        row = self._store.rows(
            "SELECT count(*), coalesce(sum(bytes), 0), coalesce(sum(hits), 0) FROM results"
        )[0]
        rows, size, hits = map(int, row)
        return {"rows": rows, "bytes": size, "hits": hits, "misses": self._misses}

    def prune(self, days: float | None = None) -> int:
        """Forget what was not used for so long, or everything; return how many."""
        test = "true" if days is None else "used < ? - to_seconds(?)"
        values = [] if days is None else [stored(now()), days * 86_400]
        with self._store.writing() as cursor:
            sql = f"DELETE FROM results WHERE {test} RETURNING 1"
            return len(cursor.execute(sql, values).fetchall())
