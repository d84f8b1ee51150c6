"""Where a run's questions come from: a suite by its name, or a file of questions by its path.

It knows one line per question. How suites are made, brought in and kept is in eval/datasets.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from core.errors import BadInput, NotFound
from core.records import Item, Suite
from core.settings import Settings
from core.store.connection import Store
from core.store.packing import item_of
from eval.config import nearest
from eval.datasets.service import Datasets

CRITERION = "contains"
ENDINGS = (".jsonl", ".ndjson")
FIELDS = tuple(Item.__slots__)
LISTS = ("references", "choices", "contexts")


class Questions:
    """Questions from a file of items, and suites for every other name.

    None as owner is whoever runs the machine.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._suites = Datasets(settings, store)

    def list(self, owner: str | None = None) -> "list[Suite]":
        """Return every suite that has a name and may be seen."""
        return self._suites.list(owner)

    def get(self, name: str, owner: str | None = None) -> Suite:
        """Return a suite, or say which one was probably meant; a file's version is its hash."""
        if not is_file(name):
            try:
                return self._suites.get(name, owner)
            except NotFound as error:
                near = nearest(name, [suite.name for suite in self.list(owner)])
                raise NotFound(f"{error.message}{near}", error.hint) from error
        path = Path(name).expanduser()
        count = sum(1 for _ in _items(path))
        with path.open("rb") as file:
            version = hashlib.file_digest(file, "sha256").hexdigest()
        return Suite(path.name, path.stem, version, CRITERION, count)

    def items(self, name: str, owner: str | None = None) -> Iterator[Item]:
        """Yield its questions, one by one."""
        if is_file(name):
            return _items(Path(name).expanduser())
        return self._suites.items(name, owner)


def is_file(name: str) -> bool:
    """Say whether a suite is named by a file."""
    return name.endswith(ENDINGS)


def _items(path: Path) -> Iterator[Item]:
    seen: set[str] = set()
    hint = 'Write {"id": "…", "question": "…", "references": ["…"]} on each line.'
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    item = _item(line, f"Line {number} of {path.name}", hint)
                    if item.id in seen:
                        raise BadInput(f"Line {number} of {path.name} repeats id {item.id!r}.")
                    seen.add(item.id)
                    yield item
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} cannot be read: {error}.", "Check the file.") from error


def _item(line: str, where: str, hint: str) -> Item:
    try:
        told = json.loads(line)
    except ValueError as error:
        raise BadInput(f"{where} is not JSON: {error}.", hint) from error
    if not isinstance(told, dict):
        raise BadInput(f"{where} is not a JSON object.", hint)
    unknown = [name for name in told if name not in FIELDS]
    if unknown:
        near = nearest(unknown[0], list(FIELDS))
        bring = "`python -m eval datasets add FILE` reads other shapes."
        raise BadInput(f"{where}: {unknown[0]!r} is not a field.{near}", f"{hint} {bring}")
    if "id" not in told:
        raise BadInput(f"{where} has no id.", hint)
    for name in LISTS:
        if not _is_texts(told.get(name, [])):
            raise BadInput(f"{where}: {name} is no list of texts.", hint)
    try:
        item = item_of({"question": "", **told, "id": str(told["id"])})
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{where} is no question: {error!r}.", hint) from error
    if not isinstance(item.question, str) or not item.question.strip():
        raise BadInput(f"{where} has no question.", hint)
    return item


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
