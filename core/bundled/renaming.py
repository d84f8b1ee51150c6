"""Names that no package has, in the place of those that answers copy.

Copying must not depend on having met a name: the new ones are put together from the whole
vocabulary, evenly, so that rare pieces of words are copied as often as common ones. It knows texts
and words; it does not know what is asked.
"""

import keyword
import random
import re
from collections.abc import Sequence
from functools import lru_cache

from core.bundled.questions import LEADS, SYNONYMS, phrasings

PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
COPIED = re.compile(r"`([^`]+)`|(\S+\.\w+:\d+)")
SHORTEST = 3
MOST = 8


class Renamer:
    """Gives the texts of one conversation new names, the same in all of them."""

    def __init__(self, vocabulary: Sequence[str], seed: int) -> None:
        self._parts = [word for word in vocabulary if word.isalpha() and word.islower()]
        self._rng = random.Random(f"renaming-{seed}")

    def renamed(self, texts: Sequence[str], answers: Sequence[str]) -> list[str]:
        """Return the texts with new names for what answers copy, of so many pieces at most."""
        copied = sorted({piece.lower() for answer in answers for piece in _copied(answer)})
        chosen = self._rng.sample(copied, min(MOST, len(copied)))
        new = {word: self._word() for word in chosen}
        return [PIECE.sub(lambda found: _in_place(found[0], new), text) for text in texts]

    def _word(self) -> str:
        count = self._rng.choice((1, 1, 2))
        return "".join(self._rng.choices(self._parts, k=count))


@lru_cache(maxsize=1)
def kept() -> frozenset[str]:
    """Return the words that questions and the language are made of, which keep their form."""
    asked = " ".join([*LEADS, *(text for texts in phrasings().values() for text in texts)])
    meant = " ".join(word for words in SYNONYMS for word in words)
    ours = {word.lower() for word in PIECE.findall(f"{asked} {meant}")}
    return frozenset(ours | {word.lower() for word in keyword.kwlist} | {"self", "cls"})


def _copied(answer: str) -> list[str]:
    spans = [first or second for first, second in COPIED.findall(answer)]
    pieces = [piece for span in spans for piece in PIECE.findall(span)]
    return [p for p in pieces if len(p) >= SHORTEST and p.lower() not in kept()]


def _in_place(piece: str, new: dict[str, str]) -> str:
    """Return the new word for a piece of a name, written in capitals as the piece was."""
    word = new.get(piece.lower())
    if word is None:
        return piece
    if piece.isupper() and len(piece) > 1:
        return word.upper()
    return word.capitalize() if piece[0].isupper() else word
