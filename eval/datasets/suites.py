"""Every suite there is: the bundled ones, read from their files, and those that were brought.

It knows where suites are and how one is added, checked and written out. Scoring and running are
others' matters.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import BadInput, Conflict, NotFound
from core.records import Item, Suite
from core.store.admission import check_name
from core.store.connection import Store
from core.store.suites import KeptSuites
from eval.datasets import bundled
from eval.datasets.files import Form, form_of
from eval.datasets.intake import Examined, Mapping, Sheet, examine
from eval.datasets.rows import item_of_line


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a suite by whoever brings it; a blank criterion is chosen by its items."""

    title: str = ""
    criterion: str = ""
    card: str = ""
    license: str = ""
    origin: dict[str, Any] = field(default_factory=dict)


class Suites:
    """The suites by name. A bundled one has one version, a brought one all it was brought in."""

    def __init__(self, store: Store, folder: Path = bundled.SUITES) -> None:
        self._kept = KeptSuites(store)
        self._folder = folder

    def list(self) -> "list[Suite]":
        """Return every suite, the bundled ones first."""
        return [*bundled.suites(self._folder).values(), *self._kept.list()]

    def versions(self, name: str) -> "list[Suite]":
        """Return every version of a suite, newest first."""
        own = bundled.suites(self._folder).get(name)
        return [own] if own else self._kept.versions(name)

    def get(self, name: str, version: str | None = None) -> Suite:
        """Return a suite, its newest version where none is named."""
        own = bundled.suites(self._folder).get(name)
        if own is None:
            return self._kept.get(name, version)
        if version not in (None, own.version):
            raise NotFound(
                f"The suite {name!r} is bundled in version {own.version[:12]}, not {version[:12]}.",
                "Use the version that is there, or the release that had the other one.",
            )
        return own

    def items(
        self, name: str, version: str | None = None, first: int = 0, most: int | None = None
    ) -> Iterator[Item]:
        """Yield the items in order, streamed; from `first` on, and not more than `most`."""
        if self.get(name, version).source.get("bundled"):
            lines = bundled.lines(self._folder, name, first, most)
        else:
            lines = self._kept.lines(name, version, first, most)
        return map(item_of_line, lines)

    def examine(
        self,
        file: Path,
        mapping: Mapping,
        form: Form | None = None,
        encoding: str = "",
        most: int | None = None,
        say: Callable[[int], object] = int,
    ) -> Examined:
        """Look at a whole file without keeping anything; raise with every row that is bad."""
        sheet = Sheet(file, form or form_of(file.name), mapping, encoding, most)
        return examine(sheet, say)

    def keep(self, name: str, found: Examined, about: About, owner: str = "") -> Suite:
        """Keep what was examined; the same content again is the same version."""
        self.check_name(name)
        criterion = criterion_of(about.criterion or found.criterion)
        suite = Suite(
            name=name,
            title=about.title or name,
            version=found.version,
            criterion=criterion,
            count=found.count,
            card=about.card,
            license=about.license,
            kinds=found.kinds,
            source=about.origin or {"file": found.sheet.path.name, "form": found.sheet.form},
            owner=owner,
        )
        return self._kept.keep(suite, found.lines())

    def add(
        self,
        name: str,
        data: Path | bytes,
        mapping: Mapping | None = None,
        criterion: str = "",
        form: Form | None = None,
    ) -> Suite:
        """Examine a file, or the bytes of one, and keep it."""
        self.check_name(name)
        if isinstance(data, Path):
            found = self.examine(data, mapping or Mapping(), form)
            return self.keep(name, found, About(criterion=criterion))
        if form is None:
            raise BadInput("Bytes do not say their format.", "Name it: csv, jsonl, json, parquet.")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{name}.{form}"
            file.write_bytes(data)
            return self.add(name, file, mapping, criterion, form)

    def delete(self, name: str) -> None:
        """Delete a suite that was brought, all of its versions."""
        self._check_not_bundled(name, "cannot be deleted")
        self._kept.delete(name)

    def check_name(self, name: str) -> None:
        """Refuse a name that cannot be used, or that is a bundled suite's, or nearly another's."""
        check_name(name, "suite")
        self._check_not_bundled(name, "keeps its name")
        near = [s.name for s in self.list() if s.name.lower() == name.lower() and s.name != name]
        if near:
            raise Conflict(
                f"The suite name {name!r} differs from {near[0]!r} by case alone.",
                f"Use {near[0]!r}, or choose another.",
            )

    def _check_not_bundled(self, name: str, said: str) -> None:
        if name in bundled.suites(self._folder):
            raise Conflict(f"The suite {name!r} is bundled and {said}.", "Choose another name.")


def criterion_of(name: str) -> str:
    """Return the scorer that a pass criterion names; one that is not there is refused."""
    from eval.scorers.making import about

    return about(name).name
