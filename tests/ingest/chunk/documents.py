"""Documents and chunks of them, as the tests of cutting make and look at them."""

from core.documents import Chunk, Document
from ingest.chunk import Cutting, cut

WHOLE = Cutting("code", 100_000)


def chunks(path: str, text: str, cutting: Cutting = WHOLE) -> list[Chunk]:
    return cut(Document("test", path, text), cutting)


def seen(found: list[Chunk]) -> list[tuple[str, str, int, int]]:
    return [(chunk.kind, chunk.symbol, chunk.start, chunk.end) for chunk in found]


def assert_partition(text: str, found: list[Chunk]) -> None:
    """Every byte is in exactly one chunk, and every chunk says truly where it stands."""
    data = text.encode("utf-8", "surrogatepass")
    at = 0
    for chunk in found:
        assert chunk.span[0] == at
        at = chunk.span[1]
    assert at == (len(data) if text.strip() else 0)
    assert_places(data, found)


def assert_places(data: bytes, found: list[Chunk]) -> None:
    for chunk in found:
        start, end = chunk.span
        assert start < end
        assert chunk.text.encode("utf-8", "surrogatepass") == data[start:end]
        assert chunk.start == data.count(b"\n", 0, start) + 1
        held = chunk.text.rstrip("\n").count("\n")
        assert chunk.start <= chunk.end <= chunk.start + held
