"""The tools an agent has, by name: the one place where they are put together.

It knows which tool needs what. It does not know who calls them.
"""

import re
from collections.abc import Sequence

from core.assistant.tools.calculator import Calculator
from core.assistant.tools.files import FindSymbol, ReadFile, Sources
from core.assistant.tools.retrieve import Retrieve, Search
from core.assistant.tools.tool import Tool
from core.assistant.tools.wikipedia import Wikipedia
from core.documents import Chunk
from core.store.corpora import Corpora

MOST_DEFINITIONS = 20


class Ingested:
    """The files of one corpus, from the records; the disk is never read."""

    def __init__(self, corpora: Corpora, name: str) -> None:
        self._corpora = corpora
        self._name = name

    def paths(self) -> Sequence[str]:
        """Return the path of every file."""
        return list(self._corpora.files(self._name))

    def chunks(self, path: str) -> Sequence[Chunk]:
        """Return the chunks of a file in order."""
        # The records filter by patterns, and a path may hold the signs of one.
        pattern = re.sub(r"([*?\[])", r"[\1]", path)
        ids = self._corpora.live(self._name, paths=(pattern,)).column("id").to_pylist()
        return self._corpora.chunks(self._name, ids)

    def defining(self, name: str) -> tuple[Sequence[Chunk], Sequence[str]]:
        """Return the chunks that define a name, and the most similar names where none does."""
        return self._corpora.defining(self._name, name, MOST_DEFINITIONS)


def tools(
    search: Search | None = None,
    sources: Sources | None = None,
    wikipedia: Wikipedia | None = None,
) -> dict[str, Tool]:
    """Return the tools that can be had with what there is; calculating needs nothing."""
    found: list[Tool] = [Calculator()]
    if search is not None:
        found.append(Retrieve(search))
    if sources is not None:
        found += [ReadFile(sources), FindSymbol(sources)]
    if wikipedia is not None:
        found.append(wikipedia)
    return {tool.name: tool for tool in found}
