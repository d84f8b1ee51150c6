"""The tools an agent has, by name: the one place where they are put together.

It knows which tool needs what. It does not know who calls them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.assistant.tools.calculator import Calculator
from core.assistant.tools.files import FindSymbol, ReadFile, Sources
from core.assistant.tools.retrieve import FEW, Retrieve
from core.assistant.tools.tool import Tool
from core.assistant.tools.wikipedia import Wikipedia
from core.documents import Chunk
from core.seams import Search
from core.settings import Settings
from core.store.connection import Store
from core.store.corpora import Corpora
from core.store.threads import Threads

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


@dataclass(frozen=True, slots=True)
class Kit:
    """What agents may use beside a search, and where their runs are kept."""

    corpora: Corpora | None = None
    wikipedia: Wikipedia | None = None
    threads: Threads | None = None

    @classmethod
    def of(cls, settings: Settings, store: Store, stand_in: Search) -> "Kit":
        """Return what these settings allow; `stand_in` is searched where there is no network."""
        url = "none" if settings.public else settings.wikipedia_url
        wikipedia = None if url == "none" else Wikipedia(url, stand_in)
        return cls(Corpora(store), wikipedia, Threads(store))

    def tools(self, search: Search | None, corpus: str, few: int = FEW) -> dict[str, Tool]:
        """Return the tools for questions about a corpus; without one there is less to use."""
        found = corpus and self.corpora is not None
        sources = Ingested(self.corpora, corpus) if found and self.corpora else None
        return tools(search if corpus else None, sources, self.wikipedia, few)


def tools(
    search: Search | None = None,
    sources: Sources | None = None,
    wikipedia: Wikipedia | None = None,
    few: int = FEW,
) -> dict[str, Tool]:
    """Return the tools that can be had with what there is; calculating needs nothing."""
    found: list[Tool] = [Calculator()]
    if search is not None:
        found.append(Retrieve(search, few))
    if sources is not None:
        found += [ReadFile(sources), FindSymbol(sources)]
    if wikipedia is not None:
        found.append(wikipedia)
    return {tool.name: tool for tool in found}
