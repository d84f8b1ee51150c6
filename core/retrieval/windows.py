"""Cutting tokens into windows at the ends of lines or words, so that nothing is lost.

It knows tokens by their places in a text and by the word they belong to. It knows no model.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LATE = 4  # a window may end before it is full, in its last quarter, where a line ends


@dataclass(frozen=True, slots=True)
class Tokens:
    """A tokenised text: ids, where each begins and ends in it, and the word it is part of."""

    text: str
    ids: Sequence[int]
    offsets: Sequence[tuple[int, int]]
    words: Sequence[int | None]

    @classmethod
    def read(cls, text: str, encoding: Any) -> "Tokens":  # noqa: ANN401
        """Take over what the tokenizers library made of a text."""
        return cls(text, encoding.ids, encoding.offsets, encoding.word_ids)


def windows(tokens: Tokens, size: int) -> list[tuple[int, int]]:
    """Return ranges of at most `size` tokens that follow one another and cover every token."""
    total = len(tokens.ids)
    found: list[tuple[int, int]] = []
    start = 0
    while total - start > size:
        end = _end(tokens, start, start + size)
        found.append((start, end))
        start = end
    found.append((start, total))
    return found


def slices(tokens: Tokens, size: int) -> list[str]:
    """Return the text cut at the windows' ends: joined, they are the text again."""
    found = windows(tokens, size)
    starts = [0, *(tokens.offsets[first][0] for first, _ in found[1:]), len(tokens.text)]
    return [tokens.text[a:b] for a, b in itertools.pairwise(starts)]


def _end(tokens: Tokens, start: int, limit: int) -> int:
    """Return where a window ends: after a line, else after a word, else where it is full."""
    earliest = limit - (limit - start) // LATE
    word = 0
    for place in range(limit, start, -1):
        gap = tokens.text[tokens.offsets[place - 1][1] : tokens.offsets[place][0]]
        if place >= earliest and "\n" in gap:
            return place
        if not word and tokens.words[place] != tokens.words[place - 1]:
            word = place
        if word and place < earliest:
            break
    return word or limit
