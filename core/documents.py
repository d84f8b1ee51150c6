"""Documents, chunks and evidence, and the one way a chunk is shown to a model.

It knows what a chunk is called, where it stands and how its lines are cut to a budget; it
deliberately does not know how files are split, indexed or ranked.
"""

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

MAX_CHUNKS = 4
CHUNK_TOKENS = 180
MAX_NAMES = 10
ELLIPSIS = "…"
_TOKEN = re.compile(r"\d|_*[A-Z]?[a-z]+|_*[A-Z]+(?![a-z])|\n *|[^\w\s]+")

Count = Callable[[str], int]
Support = Literal["supported", "partly", "unsupported", "plain"]


@dataclass(frozen=True, slots=True)
class Document:
    """One file or page as it was read."""

    source: str
    path: str
    text: str
    language: str = "text"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document with its lines, and the definition it holds if it holds one.

    `names` are a function's parameters (with * and **) or a class's bases, in order. `span`
    is the range of bytes in the file; `context` is what encloses the chunk, in a line.
    """

    path: str
    start: int
    end: int
    text: str
    kind: str = "text"
    symbol: str = ""
    names: tuple[str, ...] = ()
    language: str = "text"
    source: str = ""
    id: str = ""
    span: tuple[int, int] = (0, 0)
    context: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A chunk that was retrieved, with its score and the retrievers that found it."""

    chunk: Chunk
    score: float = 0.0
    found_by: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Mark:
    """A sentence of an answer, and whether what it stands on says the same.

    `start` and `end` are characters of the answer. `score` is between 0 and 1, and None where
    the mark is "plain": nothing is claimed there about the evidence. `chunks` are the numbers of
    the evidence that supports it, as they are cited, the best first; `lines` are the lines of
    the first one's file that do, (0, 0) where none is.
    """

    text: str
    start: int
    end: int
    mark: Support
    score: float | None = None
    chunks: tuple[int, ...] = ()
    lines: tuple[int, int] = (0, 0)


def approximate_tokens(text: str) -> int:
    """Return about how many tokens the bundled tokenizer makes of the text."""
    return len(_TOKEN.findall(text))


def signature(chunk: Chunk) -> str:
    """Return the definition's name with its parameters or bases, without defaults."""
    if not chunk.symbol:
        return ""
    shown = chunk.names[:MAX_NAMES] + ((ELLIPSIS,) if len(chunk.names) > MAX_NAMES else ())
    called = chunk.kind in ("function", "method")
    return chunk.symbol + (f"({', '.join(shown)})" if shown or called else "")


def location(chunk: Chunk) -> str:
    """Return `path:first-last`, the way a place in a file is written everywhere."""
    return f"{chunk.path}:{chunk.start}-{chunk.end}"


def header(chunk: Chunk, n: int) -> str:
    """Return the line that opens a chunk: its number, its name and where it stands."""
    if not chunk.symbol:
        return f"[{n}] {location(chunk)}"
    return f"[{n}] {chunk.kind} {signature(chunk)} in {location(chunk)}"


def render(chunk: Chunk, n: int) -> str:
    """Return the chunk as every model is shown it: its header, then its text without indent."""
    return f"{header(chunk, n)}\n{textwrap.dedent(chunk.text).rstrip()}"


def cut(
    chunk: Chunk,
    lines: Iterable[int] = (),
    budget: int = CHUNK_TOKENS,
    count: Count = approximate_tokens,
) -> Chunk:
    """Return the chunk with its text cut to the budget.

    `lines` are indexes of the lines that matched. They are kept first, each with its
    neighbours, then the opening lines; what is left out is marked. The path and the line
    numbers stay those of the whole chunk.
    """
    rows = chunk.text.splitlines()
    if count(chunk.text) <= budget:
        return chunk
    kept: set[int] = set()
    used = count(header(chunk, 1))
    for index in _by_nearness(len(rows), [i for i in lines if 0 <= i < len(rows)]):
        cost = count(rows[index]) + 2
        if used + cost > budget and kept:
            break
        kept.add(index)
        used += cost
    return replace(chunk, text=_join(rows, kept))


def prompt(question: str, chunks: Sequence[Chunk]) -> str:
    """Return the user turn that asks a question over rendered chunks."""
    shown = "\n\n".join(render(chunk, n) for n, chunk in enumerate(chunks, 1))
    return f"{shown}\n\nQuestion: {question}" if shown else f"No context.\n\nQuestion: {question}"


def _by_nearness(total: int, anchors: list[int]) -> list[int]:
    """Order line indexes: the opening line, then by distance to the nearest anchor."""
    anchors = anchors or [0]
    rest = sorted(range(1, total), key=lambda i: (min(abs(i - a) for a in anchors), i))
    return [0, *rest] if total else []


def _join(rows: list[str], kept: set[int]) -> str:
    """Join the kept lines, with one mark for every gap."""
    out: list[str] = []
    for index, row in enumerate(rows):
        if index in kept:
            out.append(row)
        elif not out or out[-1].strip() != ELLIPSIS:
            out.append(" " * (len(row) - len(row.lstrip())) + ELLIPSIS)
    return "\n".join(out)
