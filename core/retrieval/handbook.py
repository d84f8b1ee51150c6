"""Plumbline's own documentation as a small corpus, so that it can be asked before anything else.

It reads the Markdown pages shipped with the product and splits them at headings. It does not
know of other corpora: those are ingested.
"""

import itertools
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from core.documents import Chunk, Evidence
from core.retrieval.lexical import Lexical

ROOT = Path(__file__).resolve().parents[2]
_HEADING = re.compile(r"^#{1,4} (.+)$")


def pages(root: Path = ROOT) -> list[Path]:
    """Return the documentation's files, README first."""
    return [
        path
        for path in (root / "README.md", *sorted((root / "docs").glob("*.md")))
        if path.is_file()
    ]


def sections(path: Path, root: Path = ROOT) -> Iterator[Chunk]:
    """Yield one chunk per heading of a Markdown page, with its exact lines."""
    rows = path.read_text(encoding="utf-8").splitlines()
    first_row = _after_front_matter(rows)
    starts = [first_row, *(i for i, row in _headings(rows) if i > first_row), len(rows)]
    for first, last in itertools.pairwise(starts):
        text = "\n".join(rows[first:last]).strip("\n")
        heading = _HEADING.match(rows[first])
        if text.strip():
            yield Chunk(
                path=path.relative_to(root).as_posix(),
                start=first + 1,
                end=last,
                text=text,
                kind="section",
                symbol=heading.group(1) if heading else "",
                language="markdown",
                source="handbook",
            )


def _after_front_matter(rows: list[str]) -> int:
    return rows.index("---", 1) + 1 if rows[:1] == ["---"] and "---" in rows[1:] else 0


def _headings(rows: list[str]) -> Iterator[tuple[int, str]]:
    fenced = False
    for index, row in enumerate(rows):
        if row.startswith("```"):
            fenced = not fenced
        elif not fenced and _HEADING.match(row):
            yield index, row


class Handbook:
    """The documentation, searchable by words; read at the first question."""

    name = "Plumbline's documentation"

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root

    @cached_property
    def _chunks(self) -> list[Chunk]:
        return [chunk for page in pages(self._root) for chunk in sections(page, self._root)]

    @cached_property
    def _index(self) -> Lexical:
        return Lexical([f"{f'{chunk.symbol} ' * 4}{chunk.text}" for chunk in self._chunks])

    def holds(self, name: str) -> bool:
        """Say whether a name stands anywhere in it, as a word of its own."""
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        return any(word.search(chunk.text) for chunk in self._chunks)

    def search(self, query: str, k: int = 4) -> list[Evidence]:
        """Return the sections that share the most telling words with the query."""
        return [
            Evidence(self._chunks[position], score, ("lexical",))
            for position, score in self._index.rank(query, k)
        ]
