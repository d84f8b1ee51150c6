"""A text as rows of UTF-8 bytes, and how much of it counts as how many tokens.

Rows end at a line feed and are numbered from 0. It knows nothing of languages or chunks.
"""

from collections.abc import Callable, Iterator
from itertools import accumulate

from core.documents import Count

Weigh = Callable[[str], float]
# Bounds where a counter sees next to nothing, such as one endless word or a script it skips.
_BYTES_PER_TOKEN = 16
_BREAKS = " \t,;)]}>"


class Lines:
    """The rows of a text and where each begins in its UTF-8 bytes."""

    def __init__(self, text: str) -> None:
        self.data = text.encode("utf-8", "surrogatepass")
        self.rows = self.data.split(b"\n")
        if not self.rows[-1]:
            self.rows.pop()
        self.starts = [0, *accumulate(len(row) + 1 for row in self.rows)]
        self.starts[-1] = len(self.data)

    def __len__(self) -> int:
        return len(self.rows)

    def text(self, first: int, stop: int) -> str:
        """Return the rows from `first` up to `stop`, with their line ends."""
        return self.between(self.starts[first], self.starts[stop])

    def between(self, start: int, end: int) -> str:
        """Return the text of a range of bytes."""
        return self.data[start:end].decode("utf-8", "surrogatepass")

    def blank(self, row: int) -> bool:
        """Return whether a row holds nothing but white space."""
        return not self.rows[row].strip()

    def lead(self, row: int) -> int:
        """Return how many bytes of white space open a row."""
        return len(self.rows[row]) - len(self.rows[row].lstrip())

    def indent(self, row: int) -> int:
        """Return how far a row is indented; a tab counts as four."""
        lead = self.lead(row)
        return lead + 3 * self.rows[row].count(b"\t", 0, lead)

    def filled(self, first: int, stop: int) -> int:
        """Return `stop` without the blank rows before it; one row at least is kept."""
        while stop > first + 1 and self.blank(stop - 1):
            stop -= 1
        return stop


def weigher(count: Count) -> Weigh:
    """Return a measure of text in tokens that no text can slip through.

    The counter decides for code and prose; a word without end or a script that the counter
    does not see is bounded by its bytes.
    """

    def weigh(text: str) -> float:
        counted = max(float(count(text)), len(text) / _BYTES_PER_TOKEN)
        if text.isascii():
            return counted
        return max(counted, (len(text.encode("utf-8", "surrogatepass")) - len(text)) / 2)

    return weigh


def fragments(text: str, size: int, weigh: Weigh) -> Iterator[str]:
    """Yield one over-long row in pieces that fit, cut after a word where there is one."""
    position, reach = 0, size * 4
    while position < len(text):
        piece = text[position : position + reach]
        while len(piece) > 1 and (weight := weigh(piece)) > size:
            piece = piece[: max(1, min(len(piece) - 1, int(len(piece) * size / weight)))]
        if position + len(piece) < len(text):
            piece = piece[: _break(piece)]
        reach = min(max(16, 2 * len(piece)), size * _BYTES_PER_TOKEN)
        yield piece
        position += len(piece)


def _break(piece: str) -> int:
    """Return where to end a piece: after the last gap in its last fifth, or at its end."""
    least = len(piece) * 4 // 5
    return max((piece.rfind(mark, least) for mark in _BREAKS), default=-1) + 1 or len(piece)
