"""Cuts a range of rows into parts that fit, at the places that cost least.

It knows rows, weights and costs; it deliberately does not know what makes a place good.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from ingest.chunk.lines import Lines, Weigh, fragments

# The cost of cutting before a row: the depth of the statement that begins there, or more
# than any depth.
Costs = Mapping[int, int]
DEEPEST = 50
_INSIDE = 60
# Up to here what is left is cut in two; beyond, two parts would leave no choice of place.
_TWO = 1.6


@dataclass(frozen=True, slots=True)
class Part:
    """A range of bytes and the rows it touches, `stop` being the row after the last."""

    start: int
    end: int
    first: int
    stop: int


def whole(lines: Lines, first: int, stop: int) -> Part:
    """Return rows as one part."""
    return Part(lines.starts[first], lines.starts[stop], first, stop)


def fits(lines: Lines, first: int, stop: int, size: int, weigh: Weigh) -> bool:
    """Return whether rows hold no more than `size` tokens, white space at their end aside."""
    most = lines.starts[stop] - lines.starts[first]  # a token is a byte at least
    return most <= size or weigh(lines.text(first, stop).rstrip()) <= size


def cuts(lines: Lines, first: int, stop: int, size: int, weigh: Weigh, costs: Costs) -> list[Part]:
    """Return rows as parts that fit, with the cheapest cuts between them."""
    return list(_Cuts(lines, first, stop, size, weigh, costs).parts()) if first < stop else []


class _Cuts:
    """One range that does not fit, with the weight and the cost of each of its rows."""

    def __init__(
        self, lines: Lines, first: int, stop: int, size: int, weigh: Weigh, costs: Costs
    ) -> None:
        self.lines, self.first, self.stop = lines, first, stop
        self.size, self.weigh, self.costs = size, weigh, costs
        weights = (weigh(lines.text(row, row + 1)) for row in range(first, stop))
        self.total = [0.0, *accumulate(weights)]

    def parts(self) -> Iterator[Part]:
        row = self.first
        while row < self.stop:
            if self._weight(row, row + 1) > self.size:
                yield from self._inside(row)
                row += 1
                continue
            stop = self._next(row)
            yield whole(self.lines, row, stop)
            row = stop

    def _weight(self, first: int, stop: int) -> float:
        return self.total[stop - self.first] - self.total[first - self.first]

    def _next(self, row: int) -> int:
        """Return the cheapest row before which the part that begins at `row` can end."""
        left = self._weight(row, self.stop)
        if left <= self.size:
            return self.stop
        done = self.total[row - self.first]
        two = left <= _TWO * self.size
        least = max(left - self.size, left / 4) if two else self.size / 2
        most = min(self.size, left * 3 / 4 if two else left)
        early = self.first + bisect_left(self.total, done + least)
        last = self.first + bisect_right(self.total, done + most) - 1
        last = max(last, row + 1)
        aim = left / 2 if two else self.size
        rows = range(min(max(early, row + 1), last), last + 1)
        return min(rows, key=lambda r: (self._cost(r), abs(self._weight(row, r) - aim), r))

    def _cost(self, row: int) -> int:
        known = self.costs.get(row)
        if known is not None:
            return min(known, DEEPEST)
        after_gap = self.lines.blank(row - 1) and not self.lines.blank(row)
        return _INSIDE + min(self.lines.indent(row), 40) + (0 if after_gap else 50)

    def _inside(self, row: int) -> Iterator[Part]:
        """Yield a row that is too long by itself in pieces."""
        start = self.lines.starts[row]
        for piece in fragments(self.lines.text(row, row + 1), self.size, self.weigh):
            end = start + len(piece.encode("utf-8", "surrogatepass"))
            yield Part(start, end, row, row + 1)
            start = end
