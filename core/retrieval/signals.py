"""What a chunk defines, beside its words: small pushes on a ranking.

It knows symbols and how definitions are written in many languages. Every push is kept only
because it helps on questions held out for choosing (docs/retrieval.md). It ranks nothing from
scratch.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.retrieval.words import WORD, word_tokens

if TYPE_CHECKING:
    from core.retrieval.fuse import Ranking
    from core.retrieval.lexical import Rows

_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_CODED = re.compile(r"_|[a-z\d][A-Z]|[A-Z]{2,}[a-z]|\.")
_QUOTED = re.compile(r"`([^`\s]+)`|([A-Za-z_][\w.]*)\(")
_DEFINES = (
    r"(?<!\w)(?:def|class|func|fn|function|struct|interface|enum|trait|type|module|namespace|impl|"
    r"const|let|var|val|macro_rules!|#define)\s+(?:\([^)]*\)\s*)?"
)


@dataclass(frozen=True, slots=True)
class Pushes:
    """How much each sign adds to a chunk's score, as a share of it."""

    symbol: float = 0.5
    parts: float = 0.25
    defines: float = 0.25


class Signals:
    """The pushes over the rows of one corpus."""

    def __init__(self, rows: "Rows", pushes: Pushes) -> None:
        self._rows = rows
        self._pushes = pushes

    def applied(self, text: str, ranking: "Ranking") -> list[tuple[int, float]]:
        """Return the ranking with its pushes, best first."""
        names, asked = frozenset(names_in(text)), frozenset(_tokens(text))
        lasts = {name.rpartition(".")[2] for name in names}
        defines = _definition(lasts)
        pushed = [
            (row, score * (1 + self._push(row, names, asked, defines))) for row, score in ranking
        ]
        pushed.sort(key=lambda pair: -pair[1])
        return pushed

    def _push(
        self,
        row: int,
        names: frozenset[str],
        asked: frozenset[str],
        defines: re.Pattern[str] | None,
    ) -> float:
        symbol, pushes = self._rows["symbol"][row], self._pushes
        total = 0.0
        if symbol:
            total += pushes.symbol * _named(symbol, names)
            total += pushes.parts * _covered(symbol.rpartition(".")[2], asked)
        elif defines is not None and defines.search(self._rows["text"][row]):
            total += pushes.defines
        return total


def names_in(text: str) -> Iterator[str]:
    """Yield the words of a question that are written as names in code are."""
    for quoted in _QUOTED.finditer(text):
        yield (quoted[1] or quoted[2]).strip("().")
    for name in _NAME.findall(text):
        if _CODED.search(name.strip("_.") if name.strip("_.") else name) or name.startswith("_"):
            yield name


def _tokens(text: str) -> Iterator[str]:
    for word in WORD.findall(text):
        yield from word_tokens(word)


def _definition(names: set[str]) -> "re.Pattern[str] | None":
    wanted = "|".join(re.escape(name) for name in sorted(names) if name)
    return re.compile(rf"{_DEFINES}(?:{wanted})\b") if wanted else None


def _named(symbol: str, names: frozenset[str]) -> float:
    """Return 1 where the question writes the symbol, whole or its last part."""
    return float(symbol in names or symbol.rpartition(".")[2] in names)


def _covered(name: str, asked: frozenset[str]) -> float:
    """Return the share of a name's parts that the question holds; names of one word say little."""
    parts = set(word_tokens(name.strip("_"))[1:])
    return len(parts & asked) / len(parts) if len(parts) > 1 else 0.0
