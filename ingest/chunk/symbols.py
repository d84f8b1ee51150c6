"""Source code as pieces by definition: which rows go with which function, class or module.

Every row goes to one piece. It knows rows and definitions; sizes are left to `split`.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from ingest.chunk.lines import Lines
from ingest.chunk.naming import shorten
from ingest.chunk.outline import Outline, Symbol, last_row, statement_depths
from ingest.chunk.pieces import Piece
from ingest.chunk.split import Costs

# A row that closes what was opened above it, whatever comment follows.
_CLOSING = re.compile(rb"\s*([\])};]|#\s*endif\b|end\b)")
# Comments that do not touch the definition below are still its own, up to so many rows.
_STRAY_ROWS = 8


@dataclass(frozen=True, slots=True)
class _Range:
    """Rows of one owner: the head of a definition, or what stands between its members."""

    first: int
    stop: int
    owner: Symbol

    @property
    def head(self) -> bool:
        return self.owner.node is not None and self.first == self.owner.start

    @property
    def defines(self) -> bool:
        return self.head and self.owner.kind != "namespace"


def pieces(lines: Lines, found: Outline, size: int) -> list[Piece]:
    """Return the pieces of a source in the order they stand, without a gap."""
    return _Shelf(lines, found, size).fill()


def _ranges(rows: int, symbols: list[Symbol]) -> Iterator[_Range]:
    """Share the rows out among the symbols, each row to the innermost one that holds it."""
    around, at = [Symbol("module", "", 0, -1, rows - 1)], 0
    for symbol in symbols:
        while around[-1].last < symbol.start:
            closed = around.pop()
            if closed.last >= at:
                yield _Range(at, closed.last + 1, closed)
                at = closed.last + 1
        if symbol.start < at or symbol.last > around[-1].last:  # rows shared with a neighbour
            continue
        if symbol.start > at:
            yield _Range(at, symbol.start, around[-1])
            at = symbol.start
        around.append(symbol)
    for closed in reversed(around):
        if closed.last >= at:
            yield _Range(at, closed.last + 1, closed)
            at = closed.last + 1


class _Shelf:
    """The pieces of one source as they are found."""

    def __init__(self, lines: Lines, found: Outline, size: int) -> None:
        self.lines, self.found, self.size = lines, found, size
        self.rows = [node.start_point[0] for node in found.statements]
        self.shallow = sorted(found.depths)
        self.made: list[Piece] = []

    def fill(self) -> list[Piece]:
        """Make a piece of every range that says something; the rest goes to its neighbours."""
        ranges = list(_ranges(len(self.lines), self.found.symbols))
        waiting = 0  # the first row that is in no piece yet
        for range_ in ranges:
            if not range_.head and self.made and waiting == range_.first:
                self.made[-1].stop = waiting = self._tail(range_)
            if waiting == range_.stop:
                continue
            light = not range_.defines and not self._statements(waiting, range_.stop)
            if light and range_ is ranges[-1] and self.made:
                self.made[-1].stop = range_.stop
            elif light and range_ is not ranges[-1] and range_.stop - waiting <= _STRAY_ROWS:
                continue
            else:
                self._add(waiting, range_)
            waiting = range_.stop
        return self.made

    def _add(self, first: int, range_: _Range) -> None:
        owner, lines = range_.owner, self.lines
        head = range_.head
        self.made.append(
            Piece(
                first=first,
                core=owner.first if head else first,
                end=lines.filled(first, range_.stop),
                stop=range_.stop,
                kind=owner.kind,
                symbol=owner.name,
                names=owner.names,
                context=owner.context if head else owner.signature,
                costs=lambda: self._costs(range_),
                inside=lambda row: self._opening(range_, row),
            )
        )

    def _tail(self, range_: _Range) -> int:
        """Return the row up to which rows still belong to what stands before them."""
        statements = self._statements(range_.first, range_.stop)
        limit = statements[0].start_point[0] if statements else range_.stop
        level = self.lines.indent(limit) if limit < len(self.lines) else 0
        for row in range(range_.first, limit):
            if not (self.lines.blank(row) or self._closes(row) or self.lines.indent(row) > level):
                return row
        return limit

    def _closes(self, row: int) -> bool:
        return _CLOSING.match(self.lines.rows[row]) is not None

    def _statements(self, first: int, stop: int) -> list[Node]:
        """Return the statements that begin in these rows, outside of definitions."""
        rows = self.rows
        return self.found.statements[bisect_left(rows, first) : bisect_left(rows, stop)]

    def _costs(self, range_: _Range) -> Costs:
        """Return the rows to cut before, for a range that is too long."""
        statements = self._statements(range_.first, range_.stop)
        owner = range_.owner
        inner = [owner.node] if range_.head and owner.node and not statements else statements
        low, high = (bisect_left(self.shallow, row) for row in (range_.first, range_.stop))
        depths = {row: self.found.depths[row] for row in self.shallow[low:high]}
        return {**statement_depths(inner, self.lines, self.size), **depths}

    def _opening(self, range_: _Range, row: int) -> str:
        """Return the line that opens what a row in the middle of a range stands in."""
        if range_.owner.node is not None:
            return range_.owner.signature if range_.head else ""
        position = bisect_right(self.rows, row) - 1
        if position < 0 or self.rows[position] == row:
            return ""
        node = self.found.statements[position]
        opening = self.lines.rows[node.start_point[0]].decode("utf-8", "replace")
        return shorten(opening.strip()) if last_row(node) >= row else ""
