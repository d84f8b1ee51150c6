"""Settings and versions as they were at each start that changed them.

It keeps what it is given; masking secrets is the settings' own work, done before.
"""

import json
from collections.abc import Mapping, Sequence

from core.records import Snapshot
from core.store.connection import Store
from core.store.values import aware, new_id, now, stored, to_json

SettingRow = tuple[str, str, str]


class Snapshots:
    """The history of how this app was set up."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, rows: Sequence[SettingRow], versions: Mapping[str, str]) -> Snapshot:
        """Keep the settings and versions if they differ from the latest; return what is kept."""
        settings, kept = to_json(list(rows)), to_json(dict(versions))
        latest = self.latest()
        if latest is not None and latest == _snapshot((stored(latest.created), settings, kept)):
            return latest
        moment = stored(now())
        values = [new_id(), moment, settings, kept]
        self._store.write("INSERT INTO snapshots VALUES (?, ?, ?, ?)", values)
        return _snapshot((moment, settings, kept))

    def latest(self) -> Snapshot | None:
        """Return the latest snapshot, or None before the first."""
        rows = self._store.rows(
            "SELECT created, settings, versions FROM snapshots ORDER BY created DESC LIMIT 1"
        )
        return _snapshot(rows[0]) if rows else None


def _snapshot(row: tuple) -> Snapshot:
    created, settings, versions = row
    triples = tuple((name, value, text) for name, value, text in json.loads(settings))
    return Snapshot(aware(created), triples, json.loads(versions))
