"""Which rows a search may find, by path, language and kind.

It knows that a path without signs of a pattern is a file or a folder. It ranks nothing.
"""

import re
from fnmatch import translate
from typing import TYPE_CHECKING

from core.retrieval.found import Filters

if TYPE_CHECKING:
    import numpy as np

    from core.retrieval.lexical import Rows

_PATTERN = re.compile(r"[*?\[]")


def mask(filters: Filters, rows: "Rows") -> "np.ndarray | None":
    """Return which rows pass every filter; None where there is no filter."""
    if not (filters.paths or filters.languages or filters.kinds):
        return None
    import numpy as np

    size = len(rows["id"])
    allowed = np.ones(size, bool)
    if filters.paths:
        wanted = re.compile("|".join(_path(path) for path in filters.paths))
        passing = {path for path in set(rows["path"]) if wanted.fullmatch(path)}
        allowed &= np.fromiter((path in passing for path in rows["path"]), bool, size)
    for column, values in (("language", filters.languages), ("kind", filters.kinds)):
        if values:
            allowed &= np.fromiter((value in values for value in rows[column]), bool, size)
    return allowed


def _path(wanted: str) -> str:
    """Return the expression of a pattern, or of a file or folder with all that is in it."""
    plain = wanted.strip().removeprefix("./").rstrip("/")
    if _PATTERN.search(plain):
        return f"(?:{translate(plain)})"
    return rf"{re.escape(plain)}(?:/.*)?"
