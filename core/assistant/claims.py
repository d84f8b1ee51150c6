"""What a sentence claims, taken apart: its words, the names and numbers in it, what it denies.

It knows how English and code write these. It compares nothing.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from core.retrieval.words import STOP, WORD, word_tokens

NAME_WEIGHT = 2.0
SEVERAL = 4
_SPAN = re.compile(r"`([^`\n]+)`|\"([^\"\n]+)\"|“([^”\n]+)”")
_NAME = re.compile(
    r"\b(?:[A-Za-z]+_\w+|_\w+|[a-z]+[A-Z]\w*|[A-Z]\w*[a-z]+[A-Z]\w*|[\w.]+\.\w+\(\))"
)
_GIVEN = re.compile(r"^(\w+)\s*(?::[^=]*)?=\s*(.+)$")
_IF = re.compile(r"\b(?:with|without|if|when|where|while|for|by|and|or)\s*$", re.I)
_NUMBER = re.compile(r"(?<![\w.])\d[\d,_]*(?:\.\d+)?(?:e-?\d+)?(?!\w)")
_CONSTANT = re.compile(r"\b(?:True|False|None|true|false|null|nil)\b")
_SMALL = "two three four five six seven eight nine ten eleven twelve".split()
NUMBERS = {word: str(number) for number, word in enumerate(_SMALL, 2)} | {
    "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "hundred": "100",
}  # fmt: skip
_LEAD = re.compile(r"^`[^`\n]+`\s*:\s+")
_DENIAL = re.compile(
    r"\b(?:not|never|no|none|nothing|neither|nor|without|cannot|can't|don't|doesn't|isn't|aren't|"
    r"won't|wasn't|nobody|refused?|unless|instead|rather than|only)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Claim:
    """What a sentence says, taken apart once."""

    text: str

    @cached_property
    def words(self) -> frozenset[str]:
        """Return its search tokens."""
        return frozenset(tokens(self.text))

    @cached_property
    def names(self) -> frozenset[str]:
        """Return what it names: code spans, quoted text and identifiers, without space."""
        found = list[str]()
        for each in _SPAN.finditer(self.text):
            span = "".join(filter(None, each.groups()))
            given = _GIVEN.match(span)
            found += [given[1], given[2]] if given else [span]
        found += [each[0] for each in _NAME.finditer(_SPAN.sub(" ", self.text))]
        return frozenset(filter(None, map(squeezed, found)))

    @cached_property
    def given(self) -> dict[str, str]:
        """Return what it says that names are set to, as `name = value`; not what it supposes."""
        found: dict[str, str] = {}
        for each in _SPAN.finditer(self.text):
            given = _GIVEN.match("".join(filter(None, each.groups())))
            if given and not _IF.search(self.text[: each.start()]):
                found[given[1].lower()] = plain(given[2])
        return found

    @cached_property
    def values(self) -> frozenset[str]:
        """Return the numbers it says, in digits or words, and the constants."""
        return frozenset(values(self.text))

    @cached_property
    def weights(self) -> dict[str, float]:
        """Return how much each token counts: those of names and numbers more than others."""
        strong = self._named
        return {
            word: NAME_WEIGHT if word in strong or word[0].isdigit() else 1.0 for word in self.words
        }

    @cached_property
    def code(self) -> float:
        """Return how much of it is names."""
        return self.weigh(self._named) / (sum(self.weights.values()) or 1.0)

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(token for name in self.names for token in tokens(name))

    @property
    def denies(self) -> bool:
        """Say whether it holds a denial."""
        return denies(_SPAN.sub(" ", self.text))

    @property
    def said(self) -> tuple[str, ...]:
        """Return its text, and what follows a name and a colon at its beginning."""
        lead = _LEAD.match(self.text)
        return (self.text, self.text[lead.end() :]) if lead else (self.text,)

    def weigh(self, words: frozenset[str]) -> float:
        """Return how much of the claim these tokens are."""
        return sum(weight for word, weight in self.weights.items() if word in words)


def denies(text: str) -> bool:
    """Say whether a text holds a word of denial."""
    return bool(_DENIAL.search(text))


def values(text: str) -> list[str]:
    """Return the numbers of a text, those in words too, and its constants, each in one form."""
    found = [plain(number) for number in _NUMBER.findall(text)]
    found += [constant.lower() for constant in _CONSTANT.findall(text)]
    return found + [NUMBERS[word] for word in WORD.findall(text.lower()) if word in NUMBERS]


def plain(value: str) -> str:
    """Return a value in the form in which values are compared."""
    bare = squeezed(value).strip("\"'.,:;")
    try:
        return f"{float(bare.replace(',', '').replace('_', '')):g}"
    except ValueError:
        return bare


def squeezed(text: str) -> str:
    """Return text without space and backticks and with one kind of quotes, in lower case."""
    return "".join(text.split()).replace("'", '"').replace("`", "").lower()


def tokens(text: str) -> list[str]:
    """Return search tokens, with numbers in words as digits."""
    words = (NUMBERS.get(word.lower(), word) for word in WORD.findall(text))
    return [token for word in words for token in word_tokens(word) if token not in STOP]
