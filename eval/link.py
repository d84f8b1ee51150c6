"""What a run's worker asks its owner: searches, files of an index, answers made before.

It knows the loopback call and how long to wait for an owner that restarts. It opens no index
and no database; the owner does, in eval/served.py.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.assistant.findings import Findings
from core.assistant.toolbox import Kit, tools
from core.assistant.tools.retrieve import FEW
from core.assistant.tools.tool import Tool
from core.assistant.tools.wikipedia import Wikipedia
from core.documents import Chunk
from core.errors import OwnedElsewhere, StateError, Stopped
from core.records import Corpus
from core.retrieval.found import Hit, Place, Query, Results
from core.retrieval.handbook import Handbook
from core.seams import Search
from core.server import handover
from core.settings import Settings
from core.store.lock import owner_of
from core.store.packing import chunk_of
from core.store.values import now

Told = dict[str, Any]
# An owner that is gone may come back: a server that restarts, a command that is run again.
PATIENCE_S = 300.0
POLL_S = 0.2
TIMEOUT_S = 120.0


class Link:
    """The worker's end of the loopback."""

    def __init__(self, data_dir: Path, ended: Callable[[], bool]) -> None:
        self._data_dir = data_dir
        self._ended = ended

    def ask(self, name: str, body: Told) -> Told:
        """Ask the owner, the next one where this one dies; what it refuses is raised."""
        since = time.monotonic()
        while True:
            if self._ended():
                raise Stopped("The run was asked to end.")
            owner = owner_of(self._data_dir)
            if owner is not None and owner.url:
                try:
                    path = ("evals", name)
                    return handover.ask(owner, "POST", path, body, TIMEOUT_S)
                except (StateError, OwnedElsewhere):
                    # It was there a moment ago: dying, or not yet listening.
                    pass
            if time.monotonic() - since > PATIENCE_S:
                raise Stopped("Nobody owns DATA_DIR any more, so nothing can be searched.")
            time.sleep(POLL_S)


class Remote:
    """The corpora as the owner searches them."""

    def __init__(self, link: Link, corpus: str) -> None:
        self._link = link
        self._corpus = corpus
        self._title: str | None = None

    @property
    def default(self) -> str:
        """Return the corpus that the run searches."""
        return self._corpus

    def get(self, name: str) -> Corpus:
        """Return a corpus, as far as an answer has to know it."""
        if self._title is None:
            self._title = str(self._link.ask("corpus", {"name": name})["title"])
        return Corpus(name, self._title, {}, {}, "ready", 1, now(), now())

    def search(self, query: Query) -> Results:
        """Search as the owner does."""
        body = {
            "text": query.text,
            "corpus": query.corpus,
            "mode": query.mode,
            "top_k": query.top_k,
        }
        told = self._link.ask("search", body)
        return Results(query, query.mode, tuple(_hit(each) for each in told["hits"]))


class RemoteFiles:
    """The files of a corpus as the owner knows them."""

    def __init__(self, link: Link, corpus: str) -> None:
        self._link = link
        self._corpus = corpus

    def paths(self) -> Sequence[str]:
        """Return the path of every file."""
        return list(self._link.ask("paths", {"corpus": self._corpus})["paths"])

    def chunks(self, path: str) -> Sequence[Chunk]:
        """Return the chunks of a file in order."""
        told = self._link.ask("chunks", {"corpus": self._corpus, "path": path})
        return [chunk_of(each) for each in told["chunks"]]

    def defining(self, name: str) -> tuple[Sequence[Chunk], Sequence[str]]:
        """Return the chunks that define a name, and the most similar names where none does."""
        told = self._link.ask("defining", {"corpus": self._corpus, "name": name})
        return [chunk_of(each) for each in told["chunks"]], told["near"]


@dataclass(frozen=True, slots=True)
class RemoteKit(Kit):
    """What an agent may use in a run: what it may use in a chat."""

    link: Link | None = None

    @classmethod
    def over(cls, settings: Settings, link: Link, findings: Findings) -> "RemoteKit":
        """Return what these settings allow."""
        url = "none" if settings.public else settings.wikipedia_url
        wikipedia = None if url == "none" else Wikipedia(url, findings.search)
        return cls(wikipedia=wikipedia, link=link)

    def tools(self, search: Search | None, corpus: str, few: int = FEW) -> dict[str, Tool]:
        """Return the tools for questions about a corpus; without one there is less to use."""
        files = RemoteFiles(self.link, corpus) if corpus and self.link else None
        return tools(search if corpus else None, files, self.wikipedia, few)


def findings(link: Link, corpus: str) -> Findings:
    """Return evidence for questions, through the owner."""
    return Findings(Remote(link, corpus), Handbook())


def _hit(told: Told) -> Hit:
    places = tuple(Place(stage, rank, score) for stage, rank, score in told["places"])
    return Hit(chunk_of(told["chunk"]), told["score"], places)
