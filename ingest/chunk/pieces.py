"""A piece: rows of a file that belong together, and the chunks made of it.

It knows how a piece that is too long becomes several chunks; it deliberately does not know
how pieces are found.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.documents import Chunk, Document
from ingest.chunk.lines import Lines, Weigh
from ingest.chunk.split import Costs, Part, cuts, fits, whole


def _nowhere() -> Costs:
    return {}


def _nothing(_row: int) -> str:
    return ""


@dataclass(slots=True)
class Piece:
    """Rows `first` to `stop` with what they are.

    A definition stands in the rows `core` to `end`; before it are its comments, after it
    blank rows and closing brackets. `costs` gives the rows to cut before if need be, `inside`
    the line that opens what a row in the middle stands in.
    """

    first: int
    core: int
    end: int
    stop: int
    kind: str = "text"
    symbol: str = ""
    names: tuple[str, ...] = ()
    context: str = ""
    costs: Callable[[], Costs] = _nowhere
    inside: Callable[[int], str] = _nothing

    def parts(self, lines: Lines, size: int, weigh: Weigh) -> list[Part]:
        """Return the piece as one part, or as several that fit; a core that fits stays whole."""
        if fits(lines, self.first, self.stop, size, weigh):
            return [whole(lines, self.first, self.stop)]
        alone = self.first < self.core or self.end < self.stop
        if not alone or not fits(lines, self.core, self.end, size, weigh):
            return cuts(lines, self.first, self.stop, size, weigh, self.costs())
        first, stop = self.core, self.stop
        if fits(lines, self.first, self.end, size, weigh):
            first = self.first
        if not fits(lines, self.end, stop, size // 8, weigh):
            stop = self.end
        before = cuts(lines, self.first, first, size, weigh, {})
        after = cuts(lines, stop, self.stop, size, weigh, {})
        return [*before, whole(lines, first, stop), *after]

    def chunks(
        self, document: Document, language: str, lines: Lines, size: int, weigh: Weigh
    ) -> Iterator[Chunk]:
        """Yield the piece as chunks of its document."""
        for part in self.parts(lines, size, weigh):
            opening = self.inside(part.first) if part.first > self.core else ""
            end = lines.filled(part.first, part.stop)
            yield chunk(
                document,
                language,
                lines,
                part,
                kind=self.kind,
                symbol=self.symbol,
                names=self.names,
                context=f"{self.context} {opening}".strip(),
                end=min(end, self.end) if part.first < self.end else end,
            )


def chunk(
    document: Document,
    language: str,
    lines: Lines,
    part: Part,
    *,
    kind: str = "text",
    symbol: str = "",
    names: tuple[str, ...] = (),
    context: str = "",
    end: int = 0,
) -> Chunk:
    """Return a part of a document as a chunk; its text is exactly the bytes of its span."""
    return Chunk(
        path=document.path,
        start=part.first + 1,
        end=end or lines.filled(part.first, part.stop),
        text=lines.between(part.start, part.end),
        kind=kind,
        symbol=symbol,
        names=names,
        language=language,
        source=document.source,
        span=(part.start, part.end),
        context=context,
    )
