"""Windows of so many tokens that overlap, along lines where these are short enough.

It knows rows and weights only: no language, no definitions.
"""

from collections.abc import Iterator

from ingest.chunk.cutting import Cutting
from ingest.chunk.lines import Lines, Weigh, fragments
from ingest.chunk.split import Part

Unit = tuple[Part, float]


def windows(lines: Lines, cutting: Cutting, weigh: Weigh) -> Iterator[Part]:
    """Yield windows that cover the text, each sharing its end with the start of the next."""
    units = list(_units(lines, cutting.size, weigh))
    first = stop = 0
    while stop < len(units):
        held = sum(weight for _, weight in units[first:stop])
        while stop < len(units) and (held + units[stop][1] <= cutting.size or stop == first):
            held += units[stop][1]
            stop += 1
        before, after = units[first][0], units[stop - 1][0]
        yield Part(before.start, after.end, before.first, after.stop)
        first = _shared(units, first, stop, cutting)


def _shared(units: list[Unit], first: int, stop: int, cutting: Cutting) -> int:
    """Return where the next window begins: as far back as the overlap and its size allow."""
    if stop == len(units):
        return stop
    room = min(cutting.size * cutting.overlap, cutting.size - units[stop][1])
    start = stop
    while start - 1 > first and units[start - 1][1] <= room:
        start -= 1
        room -= units[start][1]
    return start


def _units(lines: Lines, size: int, weigh: Weigh) -> Iterator[Unit]:
    """Yield the rows with their weights, those over half a window in smaller pieces."""
    for row in range(len(lines)):
        text = lines.text(row, row + 1)
        weight = weigh(text)
        if weight <= size / 2:
            yield Part(lines.starts[row], lines.starts[row + 1], row, row + 1), weight
            continue
        start = lines.starts[row]
        for piece in fragments(text, max(1, size // 8), weigh):
            end = start + len(piece.encode("utf-8", "surrogatepass"))
            yield Part(start, end, row, row + 1), weigh(piece)
            start = end
