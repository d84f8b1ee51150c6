"""Tokenised examples on disk, and the rows that training reads from them.

It knows how examples are stored, mixed and packed; it deliberately does not know what
they are about. An example is a prefix (branch 0) and any number of branches that each see
the prefix and themselves, so that many questions share the tokens of one piece of evidence
and every one of them is trained exactly as if it stood alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.errors import NotFound

SKIP, CONTEXT, ANSWER = 0, 1, 2
SLACK = 16  # a row is full when less than this part of it is free


@dataclass(slots=True)
class Example:
    """Token ids, with the weight class and the branch of each."""

    tokens: list[int] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    branches: list[int] = field(default_factory=list)

    def add(self, tokens: list[int], weight: int, branch: int = 0) -> "Example":
        """Append tokens of one weight class to a branch."""
        self.tokens += tokens
        self.weights += [weight] * len(tokens)
        self.branches += [branch] * len(tokens)
        return self


def write_shard(folder: Path, kind: str, examples: Iterable[Example]) -> dict[str, int]:
    """Write the examples of one kind and return how many there are."""
    tokens: list[np.ndarray] = []
    meta: list[np.ndarray] = []
    offsets = [0]
    for example in examples:
        tokens.append(np.asarray(example.tokens, dtype=np.uint16))
        bits = np.asarray(example.weights, dtype=np.uint8)
        meta.append(bits | (np.asarray(example.branches, dtype=np.uint8) << 2))
        offsets.append(offsets[-1] + len(example.tokens))
    parts = {
        "tokens": np.concatenate(tokens),
        "meta": np.concatenate(meta),
        "offsets": np.asarray(offsets, dtype=np.int64),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in parts.items():
        part = folder / f"{kind}.{name}.part.npy"
        np.save(part, array)
        part.replace(folder / f"{kind}.{name}.npy")
    return {"examples": len(offsets) - 1, "tokens": offsets[-1]}


class Shard:
    """The examples of one kind, in an order fixed by the seed."""

    def __init__(self, folder: Path, kind: str, seed: int) -> None:
        if not (folder / f"{kind}.tokens.npy").exists():
            raise NotFound(f"There is no prepared data for {kind!r}.", "Run prepare first.")
        self.kind, self.seed = kind, seed
        self.tokens = np.load(folder / f"{kind}.tokens.npy", mmap_mode="r")
        self.meta = np.load(folder / f"{kind}.meta.npy", mmap_mode="r")
        self.offsets = np.load(folder / f"{kind}.offsets.npy")
        self._epoch, self._order = -1, np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def at(self, drawn: int) -> int:
        """Return the index of the example that is drawn as number `drawn`."""
        epoch, place = divmod(drawn, len(self))
        if epoch != self._epoch:
            rng = np.random.default_rng([self.seed, epoch])
            self._epoch, self._order = epoch, rng.permutation(len(self))
        return int(self._order[place])

    def size(self, index: int) -> int:
        """Return an example's length."""
        return int(self.offsets[index + 1] - self.offsets[index])


@dataclass(slots=True)
class Rows:
    """A micro-batch: every array is rows × length; `document` is 0 where there is nothing."""

    tokens: np.ndarray
    weights: np.ndarray
    branch: np.ndarray
    document: np.ndarray
    position: np.ndarray

    @property
    def used(self) -> int:
        """Return how many tokens are not padding."""
        return int((self.document > 0).sum())


class Mixture:
    """Draws examples of several kinds by their share of tokens and packs them into rows.

    Its state is a plain dictionary, so that training resumes at the same example.
    """

    PATIENCE = 24

    def __init__(
        self, folder: Path, shares: dict[str, float], filler: str, length: int, seed: int
    ) -> None:
        total = sum(shares.values())
        self.shares = {kind: share / total for kind, share in shares.items() if share > 0}
        self.filler, self.length = filler, length
        kinds = [*self.shares, *([filler] if filler and filler not in self.shares else [])]
        self.shards = {kind: Shard(folder, kind, seed + i) for i, kind in enumerate(kinds)}
        self.drawn = dict.fromkeys(kinds, 0)
        self.spent = dict.fromkeys(kinds, 0)
        self.waiting: list[tuple[str, int]] = []

    def state(self) -> dict:
        """Return what is needed to go on at the next example."""
        return {"drawn": self.drawn, "spent": self.spent, "waiting": list(self.waiting)}

    def restore(self, state: dict, whole: bool = True) -> None:
        """Go on where a state was taken; `whole` is false at the start of a new stretch.

        A new stretch draws examples that were not drawn yet, by shares of its own.
        """
        for kind in self.shards:
            self.drawn[kind] = state["drawn"].get(kind, 0)
            self.spent[kind] = state["spent"].get(kind, 0) if whole else 0
        waiting = state["waiting"] if whole else []
        self.waiting = [(kind, index) for kind, index in waiting if kind in self.shards]

    def rows(self, count: int) -> Rows:
        """Return the next micro-batch of `count` rows."""
        rows = _empty(count, self.length)
        room = np.full(count, self.length)
        documents = np.zeros(count, dtype=np.int32)
        waiting, self.waiting = self.waiting, []
        misses = 0
        while misses < self.PATIENCE and room.max() > self.length // SLACK:
            kind, index = waiting.pop(0) if waiting else self._draw()
            size = self.shards[kind].size(index)
            if size > self.length:
                continue
            fits = np.flatnonzero(room >= size)
            if not len(fits):
                self.waiting.append((kind, index))
                misses += 1
                continue
            row = int(fits[np.argmin(room[fits])])
            self._place(rows, row, room, documents, kind, index, size)
        self.waiting += waiting
        self._fill(rows, room, documents)
        return rows

    def _draw(self) -> tuple[str, int]:
        """Draw from the kind that is furthest behind its share."""
        spent = sum(self.spent[kind] for kind in self.shares) + 1
        kind = max(self.shares, key=lambda k: self.shares[k] - self.spent[k] / spent)
        index = self.shards[kind].at(self.drawn[kind])
        self.drawn[kind] += 1
        self.spent[kind] += self.shards[kind].size(index)
        return kind, index

    def _fill(self, rows: Rows, room: np.ndarray, documents: np.ndarray) -> None:
        """Use up what is left of the rows with the openings of filler examples."""
        if not self.filler:
            return
        shard = self.shards[self.filler]
        for row in np.flatnonzero(room > self.length // SLACK):
            index = shard.at(self.drawn[self.filler])
            self.drawn[self.filler] += 1
            size = min(shard.size(index), int(room[row]))
            self._place(rows, int(row), room, documents, self.filler, index, size)

    def _place(
        self,
        rows: Rows,
        row: int,
        room: np.ndarray,
        documents: np.ndarray,
        kind: str,
        index: int,
        size: int,
    ) -> None:
        """Write an example into a row."""
        shard = self.shards[kind]
        start = int(shard.offsets[index])
        at = slice(self.length - int(room[row]), self.length - int(room[row]) + size)
        meta = shard.meta[start : start + size]
        branch = meta >> 2
        documents[row] += 1
        rows.tokens[row, at] = shard.tokens[start : start + size]
        rows.weights[row, at] = meta & 3
        rows.branch[row, at] = branch
        rows.document[row, at] = documents[row]
        rows.position[row, at] = positions(branch)
        room[row] -= size


def positions(branch: np.ndarray) -> np.ndarray:
    """Return each token's position: every branch goes on where the prefix ends."""
    index = np.arange(len(branch))
    changed = np.flatnonzero(np.diff(branch, prepend=branch[:1] * 0)) if len(branch) else index
    start = np.zeros(len(branch), dtype=np.int64)
    start[changed] = changed
    start = np.maximum.accumulate(start)
    prefix = int((branch == 0).sum())
    return np.where(branch == 0, index, prefix + index - start)


def _empty(count: int, length: int) -> Rows:
    """Return rows with nothing in them."""
    shape = (count, length)
    return Rows(
        tokens=np.zeros(shape, dtype=np.int64),
        weights=np.zeros(shape, dtype=np.uint8),
        branch=np.zeros(shape, dtype=np.int16),
        document=np.zeros(shape, dtype=np.int32),
        position=np.zeros(shape, dtype=np.int64),
    )
