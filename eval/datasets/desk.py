"""Where the command line asks about suites: the running app, or the records themselves.

Both are asked the same and tell the same documents. It prints nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.server import handover
from core.settings import Settings
from core.store.connection import Store
from eval.datasets.asked import FileRequest, WriteRequest, item_row, suite_row
from eval.datasets.service import Datasets
from eval.datasets.writing import write

Told = dict[str, Any]
EXAMPLES = 3
LONG_S = 3_600.0


class Own:
    """The suites themselves, asked by whoever runs the machine."""

    def __init__(self, datasets: Datasets) -> None:
        self._datasets = datasets

    def list(self) -> Told:
        """Return every suite."""
        return {"datasets": [suite_row(suite) for suite in self._datasets.list()]}

    def show(self, name: str) -> Told:
        """Return a suite with its card and some of its items."""
        suite = self._datasets.get(name)
        examples = self._datasets.items(name, most=EXAMPLES)
        versions = [each.version for each in self._datasets.versions(name)]
        told = {"card": suite.card, "versions": versions}
        return {**suite_row(suite), **told, "examples": [item_row(item) for item in examples]}

    def add(self, body: Told) -> Told:
        """Take in a file of this machine."""
        asked = FileRequest.model_validate(body)
        self._datasets.check_room(asked.name)
        path = Path(asked.path)
        found = self._datasets.examine(path, asked.mapping(), asked.format or None, asked.encoding)
        return suite_row(self._datasets.keep(asked.name, found, asked.about(asked.origin)))

    def export(self, name: str, body: Told) -> Told:
        """Write a suite to a file of this machine."""
        asked = WriteRequest.model_validate(body)
        target = Path(asked.path)
        found = self._datasets.items(name, version=asked.version)
        try:
            return {"path": str(target), "rows": write(found, asked.format, target)}
        except OSError as error:
            raise BadInput(
                f"{target.name} cannot be written: {error.strerror or error}.",
                "Choose another place.",
            ) from error

    def delete(self, name: str) -> Told:
        """Delete a suite that was brought."""
        self._datasets.delete(name)
        return {}


class Desk:
    """The suites of a DATA_DIR, through the app that owns it, or as its owner."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def list(self) -> Told:
        """Return every suite."""
        return self._ask("GET", alone=lambda own: own.list())

    def show(self, name: str) -> Told:
        """Return a suite with its card and some of its items."""
        return self._ask("GET", name, alone=lambda own: own.show(name))

    def add(self, body: Told) -> Told:
        """Take in a file of this machine."""
        return self._ask("POST", body=body, alone=lambda own: own.add(body))

    def export(self, name: str, body: Told) -> Told:
        """Write a suite to a file of this machine."""
        return self._ask(
            "POST", name, "export", body=body, alone=lambda own: own.export(name, body)
        )

    def delete(self, name: str) -> Told:
        """Delete a suite that was brought."""
        return self._ask("DELETE", name, alone=lambda own: own.delete(name))

    def _ask(
        self,
        method: handover.Method,
        *path: str,
        alone: Callable[[Own], Told],
        body: Told | None = None,
    ) -> Told:
        def owning(store: Store) -> Told:
            return alone(Own(Datasets(self._settings, store)))

        whole = ("datasets", *path)
        return handover.either(self._settings, method, whole, owning, body, LONG_S)
