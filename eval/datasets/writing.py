"""A suite written out for other programs: JSON lines, or CSV that no spreadsheet runs.

It knows the two forms. JSON lines are the suite itself: brought again they are the same version.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from core.records import Item
from eval.datasets.rows import line_of, row_of

Written = Literal["jsonl", "csv"]
COLUMNS = (
    "id",
    "question",
    "references",
    "kind",
    "choices",
    "contexts",
    "gold",
    "cluster",
    "answerable",
    "details",
)
MEDIA = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}


def pieces(items: Iterable[Item], form: Written) -> Iterator[str]:
    """Yield the text of a file, a row at a time."""
    if form == "jsonl":
        yield from (f"{line_of(item)}\n" for item in items)
        return
    yield "\ufeff" + _csv(COLUMNS)
    for item in items:
        row = {"answerable": True} | row_of(item)
        yield _csv([row.get(name) for name in COLUMNS])


def write(items: Iterable[Item], form: Written, target: Path) -> int:
    """Write a file whole or not at all; return how many rows it has."""
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    count = -1 if form == "csv" else 0
    with part.open("w", encoding="utf-8", newline="") as file:
        for piece in pieces(items, form):
            file.write(piece)
            count += 1
    part.replace(target)
    return count


def _csv(values: Iterable[object]) -> str:
    from eval.exports import cell

    out = io.StringIO()
    csv.writer(out).writerow([cell(value) for value in values])
    return out.getvalue()
