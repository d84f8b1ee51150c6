"""Ready chunks, one JSON object to a line: {"id", "path", "text"}, kept as they are.

It knows what a line must hold and says which lines do not. It cuts nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.documents import Chunk
from core.errors import NotFound, TooLarge
from ingest.found import Caps, Skipped, Watch

NOT_JSON, NOT_OBJECT, NO_ID, NO_TEXT = "not JSON", "not an object", "no id", "no text"
NO_PATH, REPEATED, NOT_UNICODE = "path is not text", "id used before", "not valid Unicode"
TOO_LONG = "too long"


@dataclass(slots=True)
class Ready:
    """A file of ready chunks."""

    file: Path
    caps: Caps
    watch: Watch
    seen: set[str] = field(default_factory=set)

    def chunks(self) -> Iterator[Chunk | Skipped]:
        """Yield a chunk for every line, or the number of the line and what is wrong with it."""
        self.seen.clear()
        for number, line in self._lines():
            self.watch.check()
            if line is None:
                yield Skipped(f"line {number}", TOO_LONG)
            elif line.strip():
                found = self._chunk(line)
                yield Skipped(f"line {number}", found) if isinstance(found, str) else found

    def _lines(self) -> Iterator[tuple[int, bytes | None]]:
        """Yield each line's number and bytes; None for a line longer than the cap on files."""
        taken, limit = 0, self.caps.file_bytes
        try:
            with self.file.open("rb") as file:
                number = 0
                while line := file.readline(limit + 1):
                    number += 1
                    is_whole = len(line) <= limit or line.endswith(b"\n")
                    taken += len(line)
                    while not is_whole and (rest := file.readline(limit)):
                        taken += len(rest)
                        self._check_total(taken)
                        if rest.endswith(b"\n"):
                            break
                    self._check_total(taken)
                    yield number, line if is_whole else None
        except OSError as error:
            raise NotFound(
                f"{self.file.name} cannot be read: {error.strerror}.", "Check the path."
            ) from error

    def _check_total(self, taken: int) -> None:
        if taken > self.caps.total_bytes:
            raise TooLarge(
                f"{self.file.name} is larger than {self.caps.total_bytes // 1_000_000:,} MB.",
                "Split it, or raise INGEST_MAX_TOTAL_MB.",
            )

    def _chunk(self, line: bytes) -> Chunk | str:
        """Return the chunk of a line, or what is wrong with the line."""
        try:
            row = json.loads(line.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return NOT_JSON
        if not isinstance(row, dict):
            return NOT_OBJECT
        found = _fields(row)
        if isinstance(found, str):
            return found
        if found.id in self.seen:
            return REPEATED
        self.seen.add(found.id)
        return found


def _fields(row: dict[str, Any]) -> Chunk | str:
    id, text = row.get("id"), row.get("text")
    if isinstance(id, int) and not isinstance(id, bool):
        id = str(id)
    if not isinstance(id, str) or not id:
        return NO_ID
    if not isinstance(text, str) or not text.strip():
        return NO_TEXT
    path = row.get("path", id)
    if not isinstance(path, str):
        return NO_PATH
    try:
        size = len(text.encode())
        (id + path).encode()
    except UnicodeEncodeError:
        return NOT_UNICODE
    lines = text.count("\n") + (not text.endswith("\n"))
    return Chunk(path=path, start=1, end=lines, text=text, id=id, span=(0, size))
