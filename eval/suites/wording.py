"""Saying a docstring's sentence in other words, by tables and a seeded choice.

It knows verbs, words and phrasings. It knows no code.
"""

import random
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

TABLES = Path(__file__).with_name("wording.yaml")
SWAPPED = 0.7
_WORD = re.compile(r"[A-Za-z']+")
_PART = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


@lru_cache(maxsize=1)
def tables() -> dict[str, Any]:
    """Return the committed tables."""
    return yaml.safe_load(TABLES.read_text(encoding="utf-8"))


def phrase(kind: str, rng: random.Random, **words: str) -> str:
    """Ask in one of a kind's phrasings."""
    said = rng.choice(tables()["templates"][kind]).format(**words)
    return said[0].upper() + said[1:]


def reworded(sentence: str, rng: random.Random) -> str | None:
    """Return a docstring's sentence as a question in other words; None if too few could change."""
    plain = re.sub(r"[`*]|:\w+:", "", sentence).rstrip(". ")
    head, _, rest = plain.partition(" ")
    verb = _verbs().get(head.lower())
    changed, count = _swapped(rest if verb else plain, rng)
    if verb:
        said = f"{rng.choice(verb)} {changed}"
        return phrase("docstring_verb", rng, v=said) if count else None
    if head.lower() not in ("a", "an", "the", "base", "abstract", "class"):
        return None
    lead = changed[0].lower() + changed[1:]
    return phrase("docstring_noun", rng, d=lead) if count else None


def spoken(name: str) -> str:
    """Return an identifier as the words it is made of."""
    return " ".join(part if part.isupper() else part.lower() for part in _PART.findall(name))


@lru_cache(maxsize=1)
def _verbs() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for base, (third, others) in tables()["verbs"].items():
        found[base] = found[third] = others.split(", ")
    return found


def _swapped(text: str, rng: random.Random) -> tuple[str, int]:
    """Return the text with known words said otherwise, most of the time, and how many were."""
    known, count = tables()["words"], 0

    def swap(match: re.Match[str]) -> str:
        nonlocal count
        other = known.get(match[0].lower())
        if other is None or rng.random() > SWAPPED:
            return match[0]
        count += 1
        return other

    return _WORD.sub(swap, text), count
