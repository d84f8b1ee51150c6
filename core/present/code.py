"""Source code as rows of HTML: coloured by token, the words of a query marked.

It knows pygments and places in a text. What it returns is escaped text in spans and marks, and
nothing else. It does not know what a query is or where the text came from.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Text, _TokenType
from pygments.util import ClassNotFound

# A longer text is shown without colours: it is data, and a lexer may take seconds over it.
LONGEST_COLOURED = 60_000
NEIGHBOURS = 2
# Tokens that have no colour of their own: names, punctuation, white space.
PLAIN = frozenset({"", "n", "p", "w"})

Span = tuple[int, int]


def rows(source: str, language: str = "", terms: Sequence[str] = ()) -> list[str]:
    """Return every line as safe HTML."""
    marks = places(source, terms)
    made: list[list[str]] = [[]]
    for start, kind, value in _tokens(source, language):
        for piece, marked in _pieces(source, (start, start + len(value)), marks):
            first, *others = piece.split("\n")
            made[-1].append(_dressed(first, kind, marked))
            made += [[_dressed(other, kind, marked)] for other in others]
    lines = ["".join(parts) for parts in made]
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


def places(source: str, terms: Sequence[str]) -> list[Span]:
    """Return where the terms stand as words or parts of identifiers, in order, none overlapping."""
    known = sorted({term for term in terms if term.strip()}, key=lambda term: (-len(term), term))
    if not known:
        return []
    return [found.span() for found in re.finditer("|".join(map(_bounded, known)), source)]


def lit(source: str, terms: Sequence[str]) -> list[int]:
    """Return the indexes of the lines on which a term stands."""
    return sorted({source.count("\n", 0, start) for start, _ in places(source, terms)})


def excerpt(total: int, wanted: Sequence[int], budget: int) -> list[Span]:
    """Return the ranges of lines to show first: the opening, then lines around what is wanted.

    The ranges are half open and in order. A gap of one line is not worth hiding.
    """
    if total <= budget + 1:
        return [(0, total)] if total else []
    chosen = {0}
    for index in _by_worth(total, wanted):
        if len(chosen) >= budget:
            break
        chosen.add(index)
    chosen |= {i for i in range(total) if {i - 1, i + 1} <= chosen | {-1, total}}
    starts = sorted(i for i in chosen if i - 1 not in chosen)
    ends = sorted(i + 1 for i in chosen if i + 1 not in chosen)
    return list(zip(starts, ends, strict=True))


def _by_worth(total: int, wanted: Sequence[int]) -> Iterator[int]:
    """Yield lines: those with the most wanted lines near them first, each with its neighbours."""
    inside = [i for i in wanted if 0 <= i < total]
    near = {i: sum(abs(i - other) <= 2 * NEIGHBOURS for other in inside) for i in inside}
    for index in sorted(inside, key=lambda i: (-near[i], i)):
        first, last = max(0, index - NEIGHBOURS), min(total, index + NEIGHBOURS + 1)
        yield from sorted(range(first, last), key=lambda i: (abs(i - index), i))
    yield from range(total)


def _bounded(term: str) -> str:
    """Return a pattern that finds a term as a word or as one part of a longer identifier."""
    before = r"(?<![A-Za-z])" if term[0].isascii() and term[0].islower() else ""
    after = r"(?![a-z])" if term[-1].isascii() and term[-1].islower() else ""
    return f"{before}{re.escape(term)}{after}"


def _pieces(source: str, span: Span, marks: Sequence[Span]) -> Iterator[tuple[str, bool]]:
    """Cut one token where marks begin and end."""
    at, end = span
    for first, last in marks[bisect_right(marks, at, key=lambda mark: mark[1]) :]:
        if first >= end:
            break
        if first > at:
            yield source[at:first], False
        yield source[max(first, at) : min(last, end)], True
        at = min(last, end)
    if at < end:
        yield source[at:end], False


def _dressed(words: str, kind: str, marked: bool) -> str:
    if not words:
        return ""
    safe = escape(words.rstrip("\r"), quote=False)
    inner = f"<mark>{safe}</mark>" if marked else safe
    return f'<span class="{kind}">{inner}</span>' if kind not in PLAIN else inner


def _tokens(source: str, language: str) -> Iterator[tuple[int, str, str]]:
    lexer = _lexer(language) if len(source) <= LONGEST_COLOURED else None
    if lexer is None:
        yield 0, "", source
        return
    for start, kind, value in lexer.get_tokens_unprocessed(source):
        yield start, _short(kind), value


def _short(kind: _TokenType) -> str:
    while kind not in STANDARD_TYPES:
        kind = kind.parent or Text
    return STANDARD_TYPES[kind]


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language) if language else None
    except ClassNotFound:
        return None
