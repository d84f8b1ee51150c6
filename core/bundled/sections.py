"""Sections of the readme files that packages bring, as units that can be asked about.

It knows where an installed package keeps its description and how Markdown and
reStructuredText mark headings; it deliberately does not know questions, tokens or models.
"""

import itertools
import re
from collections.abc import Iterator
from importlib import metadata

from core.bundled.corpus import Unit, first_sentence
from core.documents import Chunk

TITLE = re.compile(r"[A-Z][\w' -]{3,48}")
MARKDOWN = re.compile(r"#{1,4} +(.+?)[ #]*")
UNDERLINE = re.compile(r"([=\-~^\"'*+#`.:])\1{2,}")
MAX_LINES = 60


def sections_of(package: str) -> Iterator[Unit]:
    """Yield the sections of a package's description that have a title and a first sentence."""
    try:
        found = metadata.metadata(package).json
    except metadata.PackageNotFoundError:
        return
    kind = "rst" if "rst" in str(found.get("description_content_type", "")) else "md"
    text = str(found.get("description", ""))
    yield from sections_in(package, f"{package}/README.{kind}", text)


def sections_in(package: str, path: str, text: str) -> Iterator[Unit]:
    """Yield the sections of one file, each title once."""
    rows = text.expandtabs(4).splitlines()
    heads = [*_headings(rows), (len(rows), "")]
    seen: set[str] = set()
    for (first, title), (after, _) in itertools.pairwise(heads):
        body = "\n".join(rows[first : min(after, first + MAX_LINES)]).rstrip()
        said = _opening(rows[first + 1 : after])
        if not TITLE.fullmatch(title) or title in seen or not said:
            continue
        seen.add(title)
        last = first + len(body.splitlines())
        chunk = Chunk(path, first + 1, last, body, "section", title, (), "markdown", package)
        yield Unit(package, chunk, said)


def _headings(rows: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the line and title of every heading that is not inside a fence."""
    fenced = False
    for index, row in enumerate(rows):
        below = rows[index + 1].strip() if index + 1 < len(rows) else ""
        marked = MARKDOWN.fullmatch(row)
        if row.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced:
            continue
        elif marked:
            yield index, marked[1].strip()
        elif row.strip() and UNDERLINE.fullmatch(below) and len(below) >= len(row.strip()):
            yield index, row.strip()


def _opening(rows: list[str]) -> str:
    """Return the first sentence of the first paragraph that is prose."""
    for paragraph in "\n".join(rows).split("\n\n"):
        lines = [row for row in paragraph.splitlines() if not UNDERLINE.fullmatch(row.strip())]
        said = first_sentence("\n".join(lines))
        if said and said[0].isupper() and not re.search(r"https?:|[\[\]<>|]", said):
            return said
    return ""
