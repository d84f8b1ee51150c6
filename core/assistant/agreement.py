"""How far a claim agrees with a passage: its words, names, numbers, and what is set to what.

It compares text with text, and gives signs between 0 and 1. It does not weigh them, and it cannot
tell whether what stands in a passage is true.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from core.assistant.claims import SEVERAL, Claim, denies, plain, squeezed, tokens, values
from core.documents import Chunk, header
from core.retrieval.words import word_tokens

WINDOW = 3
MOST_LINES = 400
MOSTLY = 0.85
SIGNS = ("near", "set", "denied")
_SET = re.compile(
    r"(\w+)[\"']?\s*(?::(?:[^=,()\n\[\]]|\[[^\n]*?\]+)*)?\s*(?<![=!<>])=(?!=)\s*"
    r"(\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)|[^\s,()]+)"
)
_TOLD = re.compile(
    r"(\w+)[`*]{0,2}\s*(?:\([^\n)]*\))?\s*[:\-–][^\n]*?\bdefaults? (?:to|is|=)\s*[`\"']*"
    r"(\([^()\n]*\)|-?[\w.:]*\w)",
    re.IGNORECASE,
)
_OPTIONAL = re.compile(r"(\w+) :[^\n]*\(?default\s*=?\s*['\"]?([-\w.]+)", re.IGNORECASE)
_USUAL = re.compile(r"\bdefaults?\b|\bunless\b|\busually\b", re.IGNORECASE)
_OPPOSITES = (
    "increase decrease", "before after", "first last", "above below", "more less", "true false",
    "highest lowest", "maximum minimum", "max min", "always never", "all none", "enable disable",
    "include exclude", "keep remove", "keep drop", "add remove", "upper lower", "start end",
    "penalize reward", "rise fall", "async sync", "read write", "allow refuse", "allow forbid",
    "open close", "client server", "source target", "left right", "top bottom", "longer shorter",
    "faster slower", "larger smaller", "require optional", "raise swallow", "success failure",
    "old new", "latest oldest", "input output", "reading writing", "alive gone",
)  # fmt: skip


def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for pair in _OPPOSITES:
        one, other = ([*word_tokens(word), word][0] for word in pair.split())
        found[one] = found.get(one, frozenset()) | {other}
        found[other] = found.get(other, frozenset()) | {one}
    return found


_OPPOSITE = _opposites()


class Passage:
    """A text that claims are held against, in windows of a few lines, taken apart once."""

    def __init__(self, head: str, rows: Sequence[str], first: int = 1) -> None:
        kept = [(at, row) for at, row in enumerate(rows[:MOST_LINES]) if row.strip()]
        self.rows = [row for _, row in kept]
        self.opening = head
        self.head = frozenset(tokens(head))
        self.text = "\n".join([head, *self.rows])
        self.flat = squeezed(self.text)
        self._places = [first + at for at, _ in kept]
        self._lines = [frozenset(tokens(row)) for row in self.rows]

    @classmethod
    def of(cls, chunk: Chunk, n: int = 1) -> "Passage":
        """Return the passage that a chunk is, with the line that opens it."""
        return cls(f"{header(chunk, n)} {chunk.context}", chunk.text.splitlines(), chunk.start)

    @classmethod
    def joined(cls, passages: "Iterable[Passage]") -> "Passage":
        """Return several passages as one, for a claim that stands on all of them."""
        return cls("", [row for each in passages for row in each.text.splitlines()])

    @cached_property
    def values(self) -> frozenset[str]:
        """Return the numbers and constants that stand in it."""
        return frozenset(values(self.text))

    @cached_property
    def settings(self) -> dict[str, set[str]]:
        """Return what is set to what, as code or prose says it."""
        found: dict[str, set[str]] = {}
        for how in (_SET, _TOLD, _OPTIONAL):
            for name, value in how.findall(self.text):
                if name.lower() != plain(value):
                    found.setdefault(name.lower(), set()).add(plain(value))
        return found

    def nearest(self, claim: Claim) -> tuple[float, int]:
        """Return how much of a claim stands in the best window of lines, and which that is.

        What the opening line says (a name, a file) is said of everything here, so it counts for
        nothing, unless a claim is about nothing else.
        """
        rest = sum(claim.weights.values()) - claim.weigh(self.head)
        windows = (self._lines[at : at + WINDOW] for at in range(len(self._lines)))
        shares = [claim.weigh(frozenset().union(*window) - self.head) for window in windows]
        best = max(range(len(shares)), key=lambda at: shares[at], default=0)
        return (
            shares[best] / rest if rest else float(bool(claim.weights))
        ) if shares else 0.0, best

    def likely(self, claim: Claim, count: int) -> list[str]:
        """Return the lines that share most with a claim, the best first."""
        order = sorted(range(len(self.rows)), key=lambda at: -claim.weigh(self._lines[at]))
        return [self.rows[at] for at in order[:count]]

    def where(self, text: str) -> int:
        """Return the first line that holds a text, by its number here; -1 where none does."""
        wanted = squeezed(text)
        return next((at for at, row in enumerate(self.rows) if wanted in squeezed(row)), -1)

    def holds(self, text: str) -> bool:
        """Say whether a text stands here as it is, but for space, case and its last sign."""
        return squeezed(text).rstrip(".:;,") in self.flat

    def window(self, at: int) -> str:
        """Return the lines of a window as text, under the opening line."""
        return "\n".join([self.opening, *self.rows[at : at + WINDOW]])

    def lines(self, at: int) -> tuple[int, int]:
        """Return the first and the last line of a window in its file."""
        if not self._places:
            return (0, 0)
        return self._places[at], self._places[min(at + WINDOW, len(self._places)) - 1]


def signs(claim: Claim, passage: Passage) -> tuple[dict[str, float], int]:
    """Return each sign of agreement, and the window of the passage that is nearest.

    `set` says whether names have the value that is told, `denied` that a denial is met by one.
    """
    near, at = passage.nearest(claim)
    denied = denies(passage.window(at)) or not claim.denies
    return {"near": near, "set": _agreed(claim, passage), "denied": float(denied)}, at


def quotes(claim: Claim, passage: Passage, at: int) -> bool:
    """Say whether a claim says what stands in a passage as it is.

    It is a run of its words, perhaps after a name and a colon; or it is hardly more than names
    that stand together in the nearest window.
    """
    if any(len(text.split()) >= SEVERAL and passage.holds(text) for text in claim.said):
        return True
    flat = squeezed(passage.window(at))
    return claim.code >= MOSTLY and not claim.denies and all(_holds(flat, n) for n in claim.names)


def differs(claim: Claim, passage: Passage, at: int) -> bool:
    """Say whether a claim cannot stand on a passage, whatever else they share.

    It names or counts what does not stand there, says another value than is set there, or the
    opposite of a word in the nearest window.
    """
    for name in claim.names:
        if plain(name) not in passage.values and not _holds(passage.flat, name):
            return True
    if not claim.values <= passage.values or _agreed(claim, passage) < 0.5:
        return True
    inside = frozenset(tokens(passage.window(at)))
    return any(_opposed(word, inside) for word in claim.words)


def _agreed(claim: Claim, passage: Passage) -> float:
    """Return 1 where a name is set to what is said, 0 where to something else, else one half."""
    known = passage.settings
    found = [value in known[name] for name, value in claim.given.items() if name in known]
    if _USUAL.search(claim.text):
        said = {plain(name) for name in claim.names} | claim.values | claim.words
        told = [known[name] for name in claim.names if name in known]
        found += [not said.isdisjoint(values) for values in told]
    return sum(found) / len(found) if found else 0.5


def _opposed(word: str, inside: frozenset[str]) -> bool:
    """Say whether a text holds the opposite of a word and not the word."""
    return word not in inside and not inside.isdisjoint(_OPPOSITE.get(word, frozenset()))


def _holds(flat: str, name: str) -> bool:
    """Say whether a name stands in a text; a number must not be part of another."""
    bare = name.removesuffix("()")
    if re.fullmatch(r"-?[\d.,_]+", bare):
        return bool(re.search(rf"(?<![\w.\-]){re.escape(bare)}(?![\w.]*\w)", flat))
    return bare in flat
