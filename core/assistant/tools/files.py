"""Reading ingested files and finding definitions, for an agent.

It knows only what was ingested, through `Sources`: no path of this machine can be reached with
it, whatever is asked for. It does not know how chunks are kept.
"""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any, Protocol

from core.assistant.tools.tool import Result
from core.documents import Chunk, Evidence
from core.errors import BadInput, NotFound
from core.messages import Stop

LINES = 60
MOST_LINES = 200
MOST_FOUND = 5
NEAR = 3
_RANGE = re.compile(r"\s*L?(\d{1,9})(?:\s*(?:-|–|:|,|to|\.\.)\s*L?(\d{1,9}))?\s*")


class Sources(Protocol):
    """The files of a corpus as they were ingested."""

    def paths(self) -> Sequence[str]:
        """Return the path of every file."""
        ...

    def chunks(self, path: str) -> Sequence[Chunk]:
        """Return the chunks of a file in order; together they cover all of it."""
        ...

    def defining(self, name: str) -> tuple[Sequence[Chunk], Sequence[str]]:
        """Return the chunks that define a name, and the most similar names where none does."""
        ...


class ReadFile:
    """Shows lines of an ingested file."""

    name = "read_file"
    description = "Shows lines of a file that was ingested, such as lines 10-40."
    schema: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "as it stands in a passage's header"},
            "lines": {"type": "string", "description": "such as 10-40; blank: from the start"},
        },
        "required": ["path"],
    }

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def execute(self, given: Mapping[str, Any], stop: Stop) -> Result:
        """Return the lines as one passage."""
        path = self._known(str(given.get("path", "")).strip())
        chunks = self._sources.chunks(path)
        rows = lines_of(chunks)
        last = max(rows, default=0)
        first, end = _range(str(given.get("lines") or ""), last)
        shown = [rows.get(number, "") for number in range(first, end + 1)]
        part = Chunk(
            path,
            first,
            end,
            "\n".join(shown),
            language=chunks[0].language if chunks else "text",
            source=chunks[0].source if chunks else "",
        )
        return Result(f"Lines {first}-{end} of {last}.", evidence=(Evidence(part),))

    def _known(self, path: str) -> str:
        """Return the ingested path that is meant; the end of a path will do where it is the only.

        Only a name that is in the corpus is ever returned, so nothing outside can be read.
        """
        parts = PurePosixPath(path.replace("\\", "/")).parts
        if not parts:
            raise BadInput("The path was empty.", "Give one that stands in a passage.")
        if parts[0] == "/" or ".." in parts or ":" in parts[0]:
            raise BadInput(
                f"{path!r} is outside of what was ingested.",
                "Only ingested files can be read; give a path as it stands in a passage.",
            )
        wanted, paths = "/".join(part for part in parts if part != "."), self._sources.paths()
        if wanted in set(paths):
            return wanted
        ends = [each for each in paths if each.endswith(f"/{wanted}")]
        if len(ends) == 1:
            return ends[0]
        near = sorted(ends)[:NEAR] or _near(wanted, paths)
        hint = f"Similar: {', '.join(near)}." if near else "Use retrieve to find files."
        raise NotFound(f"There is no ingested file {path!r}.", hint)


class FindSymbol:
    """Shows where a name is defined."""

    name = "find_symbol"
    description = "Shows the definition of a function, method or class by its name."
    schema: Mapping[str, Any] = {
        "type": "object",
        "properties": {"name": {"type": "string", "description": "such as Trainer.train"}},
        "required": ["name"],
    }

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def execute(self, given: Mapping[str, Any], stop: Stop) -> Result:
        """Return the definitions as passages."""
        name = str(given.get("name", "")).strip().removesuffix("()").strip("`'\". ")
        if not name:
            raise BadInput("The name was empty.", "Give the name of a function or a class.")
        found, near = self._sources.defining(name)
        if not found:
            hint = f"Similar: {', '.join(near)}." if near else "Use retrieve to search."
            raise NotFound(f"Nothing ingested defines {name[:80]!r}.", hint)
        said = f"{len(found)} definition{'' if len(found) == 1 else 's'}."
        if len(found) > MOST_FOUND:
            said = f"{len(found)} definitions; the first {MOST_FOUND} are shown."
        return Result(said, evidence=tuple(Evidence(chunk) for chunk in found[:MOST_FOUND]))


def lines_of(chunks: Sequence[Chunk]) -> dict[int, str]:
    """Return a file's lines by number from its chunks, which may share lines."""
    rows: dict[int, str] = {}
    before: Chunk | None = None
    for chunk in chunks:
        for number, row in enumerate(chunk.text.splitlines(), chunk.start):
            cut_inside = (
                before is not None
                and number == chunk.start
                and number in rows
                and chunk.span[0] == before.span[1]
                and not before.text.endswith("\n")
            )
            rows[number] = rows[number] + row if cut_inside else rows.get(number, row)
        before = chunk
    return rows


def _range(lines: str, last: int) -> tuple[int, int]:
    """Return the first and last line that are meant, within the file and the limit."""
    if not last:
        raise NotFound("That file is empty.", "Read another.")
    found = _RANGE.fullmatch(lines)
    if lines.strip() and not found:
        raise BadInput(f"{lines[:40]!r} are no lines.", "Write them as 10-40.")
    first = int(found[1]) if found else 1
    end = int(found[2]) if found and found[2] else first + LINES - 1
    first, end = max(1, min(first, end)), max(first, end)
    if first > last:
        raise NotFound(f"The file ends at line {last}.", f"Ask for lines up to {last}.")
    return first, min(end, last, first + MOST_LINES - 1)


def _near(wanted: str, paths: Sequence[str]) -> list[str]:
    """Return the most similar paths: by the file's name first, then by all of it."""
    name = wanted.rpartition("/")[2]
    by_name: dict[str, list[str]] = {}
    for path in paths:
        by_name.setdefault(path.rpartition("/")[2], []).append(path)
    close = get_close_matches(name, by_name, NEAR)
    return sorted(path for each in close for path in by_name[each])[:NEAR]
