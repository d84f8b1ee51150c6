"""Text as pieces: Markdown and reStructuredText by headings, anything else by paragraphs.

It knows headings, front matter and fences by their rows; it deliberately does not parse
inline markup.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import zip_longest

from ingest.chunk.lines import Lines
from ingest.chunk.naming import shorten
from ingest.chunk.pieces import Piece

_ATX = re.compile(rb" {0,3}(#{1,6})[ \t]+")
_SETEXT = re.compile(rb" {0,3}(=+|-+)[ \t]*\r?$")
_FENCE = re.compile(rb"\s{0,12}(?:[-*+>] )?(`{3,}|~{3,})")
_RULE = re.compile(rb"([!-/:-@\[-`{-~])\1{2,}[ \t]*\r?$")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_ANCHOR = re.compile(r"\s*(\[\[[\w.-]+\]\]|\{#[\w.:-]+\})\s*$")
_COMMENT_END = re.compile(rb"-->")
_NO_TITLE = (b"|", b"-", b"*", b"+", b">", b"#", b"<", b"=", b" ", b"\t")
_LONGEST_TITLE = 400
# Front matter, comments and labels up to so many rows go with the first heading.
_STRAY_ROWS = 8
_IN_FENCE, _IN_PARAGRAPH = 40, 20


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its row, how many rows it takes, its level from 1 and its words."""

    row: int
    rows: int
    level: int
    words: str


def sections(lines: Lines, language: str) -> list[Piece]:
    """Return one piece per heading; a heading without a text of its own goes with the next."""
    fenced = _fenced(lines) if language == "markdown" else set()
    found = list(_markdown(lines, fenced) if language == "markdown" else _restructured(lines))
    costs = cache(lambda: {**_cut_text(lines), **dict.fromkeys(fenced, _IN_FENCE)})
    made: list[Piece] = []
    above: list[Heading] = []
    first = 0
    for heading, stop in _with_stops(found, len(lines)):
        if heading is not None:
            above = [one for one in above if one.level < heading.level]
        body = range(first if heading is None else heading.row + heading.rows, stop)
        if heading is None and stop <= _STRAY_ROWS:
            body = [row for row in body if row not in fenced and lines.rows[row][:2] != b".."]
        if stop < len(lines) and all(lines.blank(row) for row in body):
            above += [heading] if heading is not None else []
            continue
        made.append(
            Piece(
                first=first,
                core=first,
                end=lines.filled(first, stop),
                stop=stop,
                kind="section",
                symbol=heading.words if heading is not None else "",
                context=shorten(" › ".join(one.words for one in above)),
                costs=costs,
            )
        )
        first = stop
        above += [heading] if heading is not None else []
    return made


def paragraphs(lines: Lines) -> list[Piece]:
    """Return a whole text as one piece that is best cut at blank rows."""
    rows = len(lines)
    return [Piece(0, 0, lines.filled(0, rows), rows, costs=lambda: _cut_text(lines))]


def _cut_text(lines: Lines) -> dict[int, int]:
    """Make a cut cheap before a paragraph, and cheaper the less its row is indented."""
    costs: dict[int, int] = {}
    for row in range(1, len(lines)):
        if not lines.blank(row):
            gap = 0 if lines.blank(row - 1) else _IN_PARAGRAPH
            costs[row] = gap + min(lines.indent(row), _IN_PARAGRAPH)
    return costs


def _with_stops(found: list[Heading], rows: int) -> Iterator[tuple[Heading | None, int]]:
    """Yield what stands before the first heading, then every heading, with the row after it."""
    if not found or found[0].row > 0:
        yield None, found[0].row if found else rows
    for heading, following in zip_longest(found, found[1:]):
        yield heading, following.row if following else rows


def _markdown(lines: Lines, fenced: set[int]) -> Iterator[Heading]:
    for row, text in enumerate(lines.rows):
        if row in fenced:
            continue
        if atx := _ATX.match(text):
            yield Heading(row, 1, len(atx[1]), _words(text[atx.end() :].rstrip().rstrip(b"#")))
        elif (under := _SETEXT.match(text)) and _titles(lines, row - 1, fenced):
            level = 1 if under[1].startswith(b"=") else 2
            yield Heading(row - 1, 2, level, _words(lines.rows[row - 1]))


def _titles(lines: Lines, row: int, fenced: set[int]) -> bool:
    """Return whether a row can be a title: a paragraph of one row, and not of a list or table."""
    if row < 0 or row in fenced or lines.blank(row) or lines.rows[row][:1] in _NO_TITLE:
        return False
    return row == 0 or lines.blank(row - 1) or row - 1 in fenced


def _fenced(lines: Lines) -> set[int]:
    """Return the rows of front matter, fenced code and comments, where no heading stands."""
    inside: set[int] = set()
    row = _front_matter(lines)
    inside.update(range(row))
    while row < len(lines):
        fence = _FENCE.match(lines.rows[row])
        first = row
        if fence and fence[1][:1] not in lines.rows[row][fence.end(1) :]:
            row = _after(lines, row + 1, partial(_ends, fence[1]))
        elif lines.rows[row].lstrip().startswith(b"<!--") and b"-->" not in lines.rows[row]:
            row = _after(lines, row + 1, _COMMENT_END.search)
        else:
            row += 1
            continue
        inside.update(range(first, row))
    return inside


def _front_matter(lines: Lines) -> int:
    """Return the row after the front matter, or 0."""
    if lines.rows[0].removeprefix(b"\xef\xbb\xbf").rstrip() != b"---":
        return 0
    closing = (row for row in range(1, len(lines)) if lines.rows[row].rstrip() == b"---")
    return next(closing, -1) + 1


def _ends(fence: bytes, row: bytes) -> bool:
    """Return whether a row closes a fence: the same mark, at least as often, and no more."""
    mark = row.strip()
    return len(mark) >= len(fence) and not mark.strip(fence[:1])


def _after(lines: Lines, row: int, closes: Callable[[bytes], object]) -> int:
    """Return the row after the one that closes, or the end of the text."""
    while row < len(lines) and not closes(lines.rows[row]):
        row += 1
    return min(row + 1, len(lines))


def _restructured(lines: Lines) -> Iterator[Heading]:
    levels: list[tuple[bytes, bool]] = []
    row = 0
    while row + 1 < len(lines):
        over = bool(_RULE.match(lines.rows[row]))
        title = row + 1 if over else row
        if not _underlined(lines, title, lines.rows[row][:1] if over else b""):
            row += 1
            continue
        style = (lines.rows[title + 1][:1], over)
        if style not in levels:
            levels.append(style)
        words = _words(lines.rows[title].strip())
        yield Heading(row, title + 2 - row, levels.index(style) + 1, words)
        row = title + 2


def _underlined(lines: Lines, title: int, mark: bytes) -> bool:
    """Return whether a row is a title: a rule of the mark, or of any, as long as it below it."""
    if title + 1 >= len(lines) or lines.blank(title):
        return False
    text, rule = lines.rows[title], lines.rows[title + 1]
    if not _RULE.match(rule) or _RULE.match(text) or (mark and rule[:1] != mark):
        return False
    alone = bool(mark) or title == 0 or lines.blank(title - 1)
    length = len(text.decode("utf-8", "replace").strip())
    return alone and len(rule.rstrip()) >= length and (bool(mark) or not text[:1].isspace())


def _words(title: bytes) -> str:
    """Return a heading's words without links, code marks and the anchor behind them."""
    words = title[:_LONGEST_TITLE].decode("utf-8", "replace")
    plain = _LINK.sub(r"\1", _ANCHOR.sub("", words))
    return shorten(plain.replace("`", "").replace("**", "").strip())
