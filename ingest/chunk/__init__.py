"""One document to chunks, by definition or by window; every byte ends up in a chunk.

It knows texts and ways to cut them; it deliberately does not read files, count them or give
chunks their ids.
"""

from core.documents import Chunk, Count, Document, approximate_tokens
from ingest.chunk.cutting import Cutting, cutting, strategies
from ingest.chunk.languages import GRAMMARS, grammar_of, language_of, parse
from ingest.chunk.lines import Lines, weigher
from ingest.chunk.outline import outline
from ingest.chunk.pieces import Piece, chunk
from ingest.chunk.prose import paragraphs, sections
from ingest.chunk.symbols import pieces
from ingest.chunk.windows import windows

__all__ = ["Cutting", "cut", "cutting", "language_of", "strategies"]


def cut(document: Document, cutting: Cutting, count: Count = approximate_tokens) -> list[Chunk]:
    """Return the chunks of a document in the order they stand.

    Spans are bytes of the text as UTF-8; a chunk's text is exactly those bytes, and its lines
    are those of what it holds, without the blank lines and closing brackets after it. A text
    of nothing but white space has no chunk.
    """
    if not document.text.strip():
        return []
    language = document.language if document.language != "text" else language_of(document.path)
    lines, weigh = Lines(document.text), weigher(count)
    if cutting.name == "window":
        parts = windows(lines, cutting, weigh)
        return [chunk(document, language, lines, part) for part in parts]
    return [
        made
        for piece in _pieces(document, language, lines, cutting.size)
        for made in piece.chunks(document, language, lines, cutting.size, weigh)
    ]


def _pieces(document: Document, language: str, lines: Lines, size: int) -> list[Piece]:
    if language in ("markdown", "rst"):
        return sections(lines, language)
    if grammar := grammar_of(document, language, lines.data):
        tree = parse(lines.data, grammar, max(map(len, lines.rows)))
        if tree is not None:
            found = outline(tree.root_node, lines, GRAMMARS[grammar], grammar)
            return pieces(lines, found, size)
    return paragraphs(lines)
