"""One sample as two runs answered it: the words, the passages and the time that changed.

It compares two samples and knows nothing of the others. Long answers are compared by their
beginnings, and it says so.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.documents import Chunk, Evidence, location
from core.records import Item, Sample
from eval.scorers.grounding import is_gold

WORDS = 1_500
# So many pairs of equal words are looked at; an answer that repeats itself has them soon.
PAIRS = 20_000
Change = Literal["same", "gone", "new"]
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that both answers have, or only the first (gone) or the second (new)."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage with its rank from 1 in each run; None where the run did not retrieve it."""

    place: str
    symbol: str
    first: int | None
    second: int | None
    is_gold: bool

    @property
    def change(self) -> Change:
        """Say whether both runs retrieved it."""
        return "same" if self.first and self.second else "gone" if self.first else "new"


@dataclass(frozen=True, slots=True)
class Flip:
    """An item with both samples and what is different; `seconds` is second minus first."""

    item: Item
    first: Sample
    second: Sample
    words: tuple[Piece, ...]
    passages: tuple[Passage, ...]
    seconds: float | None
    is_cut: bool = False


def flip(item: Item, first: Sample, second: Sample) -> Flip:
    """Return what changed from the first sample of an item to the second."""
    one, two = _WORD.findall(first.answer), _WORD.findall(second.answer)
    most = _most(one, two)
    seconds = None
    if first.seconds is not None and second.seconds is not None:
        seconds = second.seconds - first.seconds
    return Flip(
        item,
        first,
        second,
        tuple(_pieces(one[:most], two[:most])),
        tuple(_passages(item, first.evidence, second.evidence)),
        seconds,
        max(len(one), len(two)) > most,
    )


def _most(one: Sequence[str], two: Sequence[str]) -> int:
    """Return how many words of each are compared, so that a page does not wait for it."""
    most = WORDS
    while True:
        first, second = Counter(one[:most]), Counter(two[:most])
        pairs = sum(n * second[word] for word, n in first.items() if not word.isspace())
        if pairs <= PAIRS:
            return most
        most //= 2


def _pieces(one: list[str], two: list[str]) -> Iterator[Piece]:
    # Space between words is alike everywhere: it goes along with the words beside it.
    matcher = difflib.SequenceMatcher(str.isspace, one, two, autojunk=False)
    for kind, start, end, start_two, end_two in matcher.get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(one[start:end]))
            continue
        if end > start:
            yield Piece("gone", "".join(one[start:end]))
        if end_two > start_two:
            yield Piece("new", "".join(two[start_two:end_two]))


def _passages(
    item: Item, first: Sequence[Evidence], second: Sequence[Evidence]
) -> Iterator[Passage]:
    """Yield the passages of both, those of the second in its order, then those that are gone."""
    one, two = _ranked(first), _ranked(second)
    for key, (rank, chunk) in two.items():
        yield _passage(item, chunk, one[key][0] if key in one else None, rank)
    for key, (rank, chunk) in one.items():
        if key not in two:
            yield _passage(item, chunk, rank, None)


def _ranked(evidence: Sequence[Evidence]) -> dict[str, tuple[int, Chunk]]:
    ranked: dict[str, tuple[int, Chunk]] = {}
    for rank, each in enumerate(evidence, 1):
        ranked.setdefault(each.chunk.id or location(each.chunk), (rank, each.chunk))
    return ranked


def _passage(item: Item, chunk: Chunk, first: int | None, second: int | None) -> Passage:
    gold = any(is_gold(chunk, each) for each in item.gold)
    return Passage(location(chunk), chunk.symbol, first, second, gold)
