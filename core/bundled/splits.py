"""What is held out of training. It knows assets/splits.yaml and the n-grams of a text;
it deliberately does not know how examples are made."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml

ASSETS = Path(__file__).resolve().parents[2] / "assets"
_WORD = re.compile(r"\w+")
_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Splits:
    """The held-out packages, phrasings, ranges and the length of a forbidden n-gram."""

    test: tuple[str, ...]
    dev: tuple[str, ...]
    excluded: tuple[str, ...]
    ngram: int
    phrasings_held_out: int
    operands: tuple[tuple[int, int], ...]
    intents_held_out: int

    @property
    def not_trained(self) -> frozenset[str]:
        """Return every package that training must not read."""
        return frozenset(self.test + self.dev + self.excluded)

    def operand_held_out(self, number: int) -> bool:
        """Tell whether a number may occur as an operand only in held-out problems."""
        return any(low <= abs(number) < high for low, high in self.operands)


@lru_cache(maxsize=1)
def load_splits(path: Path = ASSETS / "splits.yaml") -> Splits:
    """Read the committed splits."""
    raw = yaml.safe_load(path.read_text())
    return Splits(
        test=tuple(raw["packages"]["test"]),
        dev=tuple(raw["packages"]["dev"]),
        excluded=tuple(raw["packages"]["excluded"]),
        ngram=int(raw["ngram"]),
        phrasings_held_out=int(raw["phrasings"]["held_out_per_kind"]),
        operands=tuple((int(a), int(b)) for a, b in raw["arithmetic"]["operands"]),
        intents_held_out=int(raw["chat"]["held_out_per_intent"]),
    )


@lru_cache(maxsize=1_000_000)
def _word_code(word: str) -> int:
    """Return a stable 64-bit number for a word."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def ngrams(text: str, size: int) -> np.ndarray:
    """Return a stable 64-bit hash of every run of `size` words in the text."""
    words = np.array([_word_code(word) for word in _WORD.findall(text.lower())], dtype=np.uint64)
    count = max(0, len(words) - size + 1)
    total = np.zeros(count, dtype=np.uint64)
    for place in range(size):
        total = total * _BASE + words[place : place + count]
    return total


def all_ngrams(texts: Iterable[str], size: int) -> np.ndarray:
    """Return the sorted n-grams of many texts, each once."""
    return np.unique(np.concatenate([np.empty(0, np.uint64), *(ngrams(t, size) for t in texts)]))


def shares(grams: np.ndarray, known: np.ndarray) -> bool:
    """Tell whether any of the n-grams is among the sorted, known ones."""
    if not len(grams) or not len(known):
        return False
    at = np.minimum(np.searchsorted(known, grams), len(known) - 1)
    return bool((known[at] == grams).any())
