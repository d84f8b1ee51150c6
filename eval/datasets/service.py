"""Suites as visitors meet them: what each may see, bring and delete.

Alone on a machine everybody may do everything. Where strangers can reach the server, a visitor sees
the bundled suites, those of whoever runs the machine, and their own, which are few and small.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import Conflict, Forbidden, NotFound
from core.records import Item, Suite
from core.settings import Settings
from core.store.connection import Store
from eval.datasets.fields import Mapping
from eval.datasets.files import Form
from eval.datasets.intake import Examined
from eval.datasets.suites import About, Suites

PUBLIC_SUITES = 5
PUBLIC_ROWS = 2_000
PAGE = 50


class Datasets:
    """The suites of one DATA_DIR. The owner None is whoever runs the machine."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.suites = Suites(store)
        self._is_open = settings.public or settings.is_open

    def list(self, owner: str | None = None) -> "list[Suite]":
        """Return the suites that may be seen, the bundled ones first."""
        return [suite for suite in self.suites.list() if self._may_see(suite, owner)]

    def get(self, name: str, owner: str | None = None, version: str | None = None) -> Suite:
        """Return a suite that may be seen."""
        suite = self.suites.get(name, version)
        if not self._may_see(suite, owner):
            raise NotFound(f"There is no suite {name!r} here.", "See the list of suites.")
        return suite

    def versions(self, name: str, owner: str | None = None) -> "list[Suite]":
        """Return every version of a suite that may be seen, newest first."""
        self.get(name, owner)
        return self.suites.versions(name)

    def items(
        self,
        name: str,
        owner: str | None = None,
        version: str | None = None,
        first: int = 0,
        most: int | None = None,
    ) -> Iterator[Item]:
        """Yield the items of a suite that may be seen, streamed."""
        self.get(name, owner, version)
        return self.suites.items(name, version, first, most)

    def examine(
        self,
        file: Path,
        mapping: Mapping,
        form: Form | None = None,
        encoding: str = "",
        owner: str | None = None,
        say: Callable[[int], object] = int,
    ) -> Examined:
        """Look at a whole file without keeping anything; raise with every row that is bad."""
        most = PUBLIC_ROWS if self._is_stranger(owner) else None
        return self.suites.examine(file, mapping, form, encoding, most, say)

    def keep(self, name: str, found: Examined, about: About, owner: str | None = None) -> Suite:
        """Keep what was examined, as the owner's."""
        self.check_room(name, owner)
        return self.suites.keep(name, found, about, owner or "")

    def delete(self, name: str, owner: str | None = None) -> None:
        """Delete a suite that was brought, all of its versions."""
        suite = self.get(name, owner)
        self._check_own(suite, owner)
        self.suites.delete(name)

    def check_room(self, name: str, owner: str | None = None) -> None:
        """Refuse a name that is another's, and more suites than a stranger may bring."""
        self.suites.check_name(name)
        every = {suite.name: suite for suite in self.suites.list()}
        if not self._is_stranger(owner):
            return
        if name in every and every[name].owner != owner:
            raise Conflict(f"The name {name!r} is taken.", "Choose another name.")
        own = [suite for suite in every.values() if suite.owner == owner]
        if name not in every and len(own) >= PUBLIC_SUITES:
            raise Forbidden(
                f"You have {len(own)} suites on this public server, which is all it keeps for one.",
                "Delete one of them, or run Plumbline yourself.",
            )

    def _check_own(self, suite: Suite, owner: str | None) -> None:
        if self._is_stranger(owner) and suite.owner != owner and not suite.source.get("bundled"):
            raise Forbidden(
                f"The suite {suite.name!r} was not brought by you.",
                "On a public server everybody deletes their own alone.",
            )

    def _may_see(self, suite: Suite, owner: str | None) -> bool:
        return not self._is_stranger(owner) or suite.owner in ("", owner)

    def _is_stranger(self, owner: str | None) -> bool:
        return self._is_open and owner is not None
