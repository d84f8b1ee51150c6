"""Definitions of held-out packages with what can be asked of them and their exact bytes.

It knows which names are clear without saying where, and what a name's definition says. It knows
no phrasing and no suite.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from core.bundled.corpus import Unit, units_in
from core.bundled.splits import load_splits
from core.errors import NotFound
from core.records import Gold
from eval.suites import definitions
from eval.suites.definitions import File


@dataclass(frozen=True, slots=True)
class Fact:
    """A definition: what its syntax tree says, where it is, and the name it is asked by."""

    unit: Unit
    gold: Gold
    name: str

    @property
    def path(self) -> str:
        """Return the file it stands in."""
        return self.unit.chunk.path

    @property
    def package(self) -> str:
        """Return the package it belongs to."""
        return self.unit.package


class Facts:
    """Every definition of the wanted files that has a name of its own."""

    def __init__(self, files: Mapping[str, File]) -> None:
        self.files = files
        every = [unit for file in files.values() for unit in _units(file)]
        self._symbols = Counter(unit.chunk.symbol for unit in every)
        self._names = Counter(unit.name for unit in every)
        self.all = [fact for unit in every if (fact := self._fact(unit))]
        self.docs = Counter(unit.doc for unit in every)

    @cached_property
    def of(self) -> dict[str, Fact]:
        """Return the definitions by their qualified names."""
        return {fact.unit.chunk.symbol: fact for fact in self.all}

    @cached_property
    def text(self) -> str:
        """Return everything that can be read."""
        return "\n".join(file.raw.decode("utf-8") for file in self.files.values())

    def _fact(self, unit: Unit) -> Fact | None:
        symbol = unit.chunk.symbol
        if self._symbols[symbol] != 1:
            return None
        short = self._names[unit.name] == 1 and _telling(unit.name)
        if not short and unit.name == symbol and not _telling(symbol):
            return None
        spans = {one.symbol: one.span for one in self.files[unit.chunk.path].definitions}
        gold = Gold(unit.chunk.path, spans[symbol], symbol)
        return Fact(unit, gold, unit.name if short else symbol)


def read(packages: Mapping[str, Mapping[str, Any]], root: Path | None = None) -> Facts:
    """Read the wanted files; only packages that are held out for publishing may be asked about."""
    stray = sorted(set(packages) - set(load_splits().test))
    if stray:
        raise NotFound(f"{', '.join(stray)}: not held out for published figures.")
    return Facts(definitions.read(packages, root))


def _telling(name: str) -> bool:
    """Say whether a name is not just a word of the language, such as line or get."""
    plain = name.strip("_")
    return not name.startswith("__") and (len(plain) > 7 or "_" in plain or plain != plain.lower())


def _units(file: File) -> list[Unit]:
    return list(units_in(file.package, file.path, file.raw.decode("utf-8")))
