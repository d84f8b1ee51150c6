"""An item as a line of JSON, the same for every item that says the same, and back.

It knows the fields and their order; what a suite's version is made of. It reads no file.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.records import Gold, Item


def row_of(item: Item) -> dict[str, Any]:
    """Return the item as a document; what it does not have is left out."""
    row: dict[str, Any] = {"id": item.id, "question": item.question}
    row |= {"references": list(item.references)} if item.references else {}
    row |= {"kind": item.kind} if item.kind else {}
    row |= {"choices": list(item.choices)} if item.choices else {}
    row |= {"contexts": list(item.contexts)} if item.contexts else {}
    row |= {"gold": [_gold_row(gold) for gold in item.gold]} if item.gold else {}
    row |= {"cluster": item.cluster} if item.cluster else {}
    row |= {} if item.answerable else {"answerable": False}
    return row | ({"details": item.details} if item.details else {})


def item_of(row: Mapping[str, Any]) -> Item:
    """Return the item that was written down."""
    return Item(
        id=row["id"],
        question=row["question"],
        references=tuple(row.get("references", ())),
        kind=row.get("kind", ""),
        choices=tuple(row.get("choices", ())),
        contexts=tuple(row.get("contexts", ())),
        gold=tuple(_gold(one) for one in row.get("gold", ())),
        cluster=row.get("cluster", ""),
        answerable=row.get("answerable", True),
        details=dict(row.get("details", {})),
    )


def item_of_line(line: str) -> Item:
    """Return the item that a line of JSON says."""
    return item_of(json.loads(line))


def line_of(item: Item) -> str:
    """Return the item as one line of JSON, without the line's end."""
    return json.dumps(row_of(item), ensure_ascii=False, allow_nan=False)


class Version:
    """The hash of a suite's content, taken line by line."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._hash = hashlib.sha256()
        for line in lines:
            self.add(line)

    def add(self, line: str) -> None:
        """Take in one more line."""
        self._hash.update(line.encode("utf-8", "surrogatepass") + b"\n")

    def __str__(self) -> str:
        return self._hash.hexdigest()


def _gold_row(gold: Gold) -> dict[str, Any]:
    row: dict[str, Any] = {"path": gold.path}
    row |= {"span": list(gold.span)} if gold.span else {}
    return row | ({"symbol": gold.symbol} if gold.symbol else {})


def _gold(row: Mapping[str, Any]) -> Gold:
    span = row.get("span")
    return Gold(row["path"], (span[0], span[1]) if span else None, row.get("symbol", ""))
