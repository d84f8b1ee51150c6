"""A file as a suite: looked at whole before anything of it is kept.

It reads a file twice. The first time it counts, hashes and notes every row that cannot be used; if
there is one, nothing is kept. The second time it hands out the items' lines. It holds eight bytes
for each row, whatever the rows hold.
"""

import hashlib
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import BadInput, StateError, TooLarge
from core.records import Item
from eval.datasets.fields import Mapping
from eval.datasets.files import UNITS, Form, rows
from eval.datasets.rows import Version, line_of

LISTED = 1_000
SHOWN = 20
MOST_KINDS = 1_000
SAY_EVERY = 5_000
_NUMBER = re.compile(r"[+-]?[\d,]*\.?\d+%?")


@dataclass(slots=True)
class Problems:
    """Every row that cannot be used: how many, and the first thousand with their reasons."""

    unit: str
    count: int = 0
    listed: list[tuple[int, str]] = field(default_factory=list)

    def add(self, place: int, reason: str) -> None:
        """Note one."""
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append((place, reason))

    def text(self, most: int = LISTED) -> str:
        """Return a line for each, and how many more there are."""
        self.listed.sort()
        told = [f"{self.unit.capitalize()} {n}: {reason}." for n, reason in self.listed[:most]]
        left = self.count - len(told)
        return "\n".join([*told, *([f"And {left:,} more."] if left else [])])


class BadRows(BadInput):
    """Rows of a file cannot be used, and nothing of it was kept."""

    def __init__(self, problems: Problems, total: int) -> None:
        self.problems = problems
        self.total = total
        super().__init__(
            f"{problems.count:,} of {total:,} rows cannot be used, so nothing was kept. "
            f"{problems.text(SHOWN)}".replace("\n", " "),
            "Mend or remove them, and send the file again.",
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A data file with how it is read."""

    path: Path
    form: Form
    mapping: Mapping = field(default_factory=Mapping)
    encoding: str = ""
    most: int | None = None

    def items(self) -> Iterator[tuple[int, Item | str]]:
        """Yield each row's place with its item, or with why it is none."""
        number, checked = 0, False
        for place, found in rows(self.path, self.form, self.encoding):
            number += 1
            if self.most is not None and number > self.most:
                raise TooLarge(
                    f"{self.path.name} has more than {self.most:,} rows.", "Take a part of it."
                )
            if isinstance(found, str):
                yield place, found
                continue
            if not checked:
                self.mapping.check(found)
                checked = True
            yield place, self.mapping.item(found, number)


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that can be kept: its size, its version, its kinds, and what would judge it."""

    sheet: Sheet
    count: int
    version: str
    kinds: dict[str, int]
    criterion: str

    def lines(self) -> Iterator[str]:
        """Yield the items' lines; a file that changed since it was looked at is refused."""
        version = Version()
        for _, item in self.sheet.items():
            if isinstance(item, str):
                break
            line = line_of(item)
            version.add(line)
            yield line
        if str(version) != self.version:
            raise StateError(f"{self.sheet.path.name} changed while it was read.", "Try again.")


def examine(sheet: Sheet, say: Callable[[int], object] = int) -> Examined:
    """Look at every row; raise with all that cannot be used, or say what the file holds."""
    problems, version, kinds = Problems(UNITS[sheet.form]), Version(), Counter[str]()
    seen, traits = array("Q"), _Traits()
    total = 0
    for place, item in sheet.items():
        total += 1
        if total % SAY_EVERY == 0:
            say(total)
        if isinstance(item, str):
            problems.add(place, item)
            continue
        kinds[item.kind] += 1
        if len(kinds) > MOST_KINDS:
            raise BadInput(
                f"There are more than {MOST_KINDS:,} kinds.", "Name another column for kind, or -."
            )
        seen.append(_code(item.id))
        traits.note(item)
        version.add(line_of(item))
    _note_doubles(sheet, _doubled(seen), problems)
    if problems.count:
        raise BadRows(problems, total)
    if not total:
        raise BadInput(f"{sheet.path.name} holds no row.", "Give one question in each row.")
    found = {kind: n for kind, n in sorted(kinds.items()) if kind}
    return Examined(sheet, total, str(version), found, traits.criterion)


@dataclass(slots=True)
class _Traits:
    """What all items have in common, which says what may judge them."""

    choices: bool = True
    numbers: bool = True
    referred: bool = False

    def note(self, item: Item) -> None:
        self.choices = self.choices and bool(item.choices)
        self.referred = self.referred or bool(item.references)
        self.numbers = self.numbers and all(_NUMBER.fullmatch(r.strip()) for r in item.references)

    @property
    def criterion(self) -> str:
        if not self.referred:
            return "faithfulness"
        return "multiple_choice" if self.choices else "numeric" if self.numbers else "contains"


def _code(id: str) -> int:
    return int.from_bytes(hashlib.blake2b(id.encode(), digest_size=8).digest(), "little")


def _doubled(seen: "array[int]") -> set[int]:
    import numpy as np

    codes = np.sort(np.frombuffer(seen, dtype=np.uint64)) if seen else np.empty(0, np.uint64)
    return set(codes[1:][codes[1:] == codes[:-1]].tolist())


def _note_doubles(sheet: Sheet, doubled: set[int], problems: Problems) -> None:
    """Read the file once more for the places of ids that seem to occur twice."""
    if not doubled:
        return
    first: dict[str, int] = {}
    for place, item in sheet.items():
        if not isinstance(item, str) and _code(item.id) in doubled:
            if item.id in first:
                before = f"{problems.unit} {first[item.id]}"
                problems.add(place, f"its id {item.id[:60]!r} was given in {before} already")
            else:
                first[item.id] = place
