"""What may become a corpus or a suite: its name, its files, the ids of its chunks.

It knows what to refuse and in which words. It reads no table.
"""

import re
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

from core.documents import Chunk
from core.errors import BadInput
from core.store.chunks import FileRow
from core.store.values import line

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")


def check_name(name: str, what: str = "corpus") -> None:
    """Refuse a name that could not be a folder, a collection and a part of an address."""
    if _NAME.fullmatch(name):
        return
    shown = line(name, 80)
    near = re.sub(r"[^A-Za-z0-9._-]+", "-", shown).strip("._-")[:60].rstrip("._-")
    raise BadInput(
        f"{shown!r} cannot be the name of a {what}.",
        "Use 1 to 63 letters, digits, dots, dashes and underscores, with a letter or digit at "
        f"both ends{f', such as {near!r}' if near else ''}.",
    )


def check_files(files: Sequence[tuple[FileRow, Sequence[Chunk]]]) -> None:
    """Refuse files that would hide one another, and chunks nobody could ask for."""
    path, times = max(Counter(file.path for file, _ in files).items(), key=itemgetter(1))
    if times > 1:
        raise BadInput(f"The file {path!r} is given {times} times.", "Give each path once.")
    for file, each in files:
        for chunk in each:
            if not chunk.id:
                raise BadInput(f"A chunk of {file.path!r} has no id.", "Give every chunk one.")
            if chunk.path != file.path:
                raise BadInput(
                    f"Chunk {chunk.id!r} says {chunk.path!r} and is given for {file.path!r}.",
                    "Give every chunk the path of its file.",
                )


def check_ids(doubled: tuple[str, list[str]] | None) -> None:
    """Refuse an id that names several chunks."""
    if doubled:
        id, paths = doubled
        raise BadInput(
            f"The id {line(id, 80)!r} names {len(paths)} chunks ({line(', '.join(paths[:3]))}).",
            "Give every chunk an id of its own.",
        )
