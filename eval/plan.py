"""What a run asks, fixed before it begins: which questions, in which batches, in which order.

It knows files in a run's folder. The same questions and seed always make the same plan, and a
batch is asked again as a whole, so that an interrupted run comes to the same answers.
"""

import hashlib
import heapq
import json
import os
import random
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import BadInput, Corrupt
from core.records import Item
from core.store.packing import item_of, packed
from core.store.values import to_json
from eval.config import RunConfig

ITEMS = "items.jsonl"
PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Batch:
    """Questions that are answered together and made durable together."""

    n: int
    epoch: int
    positions: tuple[int, ...]


def chosen(items: Iterable[Item], config: RunConfig) -> Iterator[tuple[int, Item]]:
    """Yield the questions a run asks, with their positions, in the order of the suite.

    A sample is drawn by a hash of seed and id: a larger one holds the smaller.
    """
    fitting = enumerate(item for item in items if _fits(item, config))
    if config.n is None:
        yield from fitting
        return
    few = heapq.nsmallest(config.n, fitting, key=lambda each: _draw(config.seed, each[1].id))
    few.sort(key=lambda each: each[0])
    for position, (_, item) in enumerate(few):
        yield position, item


def batches(lengths: "array[int]", config: RunConfig) -> list[Batch]:
    """Return the batches: like lengths together, the batches themselves in a drawn order.

    Were the short ones first, what is known half-way would be of the short ones alone.
    """
    by_length = sorted(range(len(lengths)), key=lambda position: (lengths[position], position))
    size = config.batch
    groups = [by_length[at : at + size] for at in range(0, len(by_length), size)]
    made: list[Batch] = []
    for epoch in range(config.epochs):
        order = list(range(len(groups)))
        random.Random(config.seed * 1_000_003 + epoch).shuffle(order)
        made += [
            Batch(len(made) + n, epoch, tuple(sorted(groups[group])))
            for n, group in enumerate(order)
        ]
    return made


def write(folder: Path, items: Iterable[tuple[int, Item]], config: RunConfig) -> None:
    """Write the plan of a run into its folder; once this returns it survives a kill."""
    folder.mkdir(parents=True, exist_ok=True)
    lengths: array[int] = array("q")
    with (folder / ITEMS).open("w", encoding="utf-8") as file:
        for _, item in items:
            file.write(to_json(packed(item)) + "\n")
            lengths.append(sum(map(len, (item.question, *item.contexts, *item.choices))))
        file.flush()
        os.fsync(file.fileno())
    rows = [[each.epoch, list(each.positions)] for each in batches(lengths, config)]
    fresh = folder / f"{PLAN}.new"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"batches": rows}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / PLAN)


class Plan:
    """A plan as the worker reads it; questions are read when their batch comes."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / ITEMS
        try:
            told = json.loads((folder / PLAN).read_text(encoding="utf-8"))
            self._places = _line_starts(self._file)
        except (OSError, ValueError) as error:
            raise Corrupt("The plan of the run cannot be read.", "Start the run anew.") from error
        self.batches = [
            Batch(n, epoch, tuple(positions))
            for n, (epoch, positions) in enumerate(told["batches"])
        ]

    def items(self, batch: Batch) -> list[Item]:
        """Return the questions of a batch, in its order."""
        with self._file.open("rb") as file:
            return [self._item(file.seek, file.readline, at) for at in batch.positions]

    def _item(
        self, seek: Callable[[int], object], line: Callable[[], bytes], position: int
    ) -> Item:
        seek(self._places[position])
        return item_of(json.loads(line()))


def checked(found: Iterator[tuple[int, Item]], config: RunConfig) -> Iterator[tuple[int, Item]]:
    """Yield what was chosen; refuse a selection that leaves nothing to ask."""
    first = next(found, None)
    if first is None:
        wanted = [f"of split {config.split!r}"] if config.split else []
        wanted += [f"of kind {', '.join(config.kinds)}"] if config.kinds else []
        raise BadInput(
            f"{config.suite} has no question {' and '.join(wanted) or 'at all'}.",
            "`python -m eval datasets` shows what it holds.",
        )
    yield first
    yield from found


def _fits(item: Item, config: RunConfig) -> bool:
    if config.split and item.details.get("split") != config.split:
        return False
    return not config.kinds or item.kind in config.kinds


def _draw(seed: int, id: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{id}".encode()).digest()


def _line_starts(path: Path) -> "array[int]":
    starts: array[int] = array("q")
    at = 0
    with path.open("rb") as file:
        for line in file:
            starts.append(at)
            at += len(line)
    return starts
