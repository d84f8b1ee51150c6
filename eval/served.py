"""What the owner answers a run's worker: searches, files of an index, answers made before.

It knows the questions of eval/link.py. The worker waits for each; none of them changes anything.
"""

from collections.abc import Callable
from typing import Any

from core.assistant.toolbox import Ingested
from core.errors import NotFound, StateError
from core.retrieval.found import Hit, Query
from core.retrieval.library import Library
from core.store.packing import packed
from core.store.results import Results

Told = dict[str, Any]


class Served:
    """Answers workers."""

    def __init__(self, library: Library, results: Results) -> None:
        self._library = library
        self._results = results
        self._answers: dict[str, Callable[[Told], Told]] = {
            "search": self._search,
            "corpus": self._corpus,
            "paths": self._paths,
            "chunks": self._chunks,
            "defining": self._defining,
            "cached": self._cached,
        }

    def knows(self, name: str) -> bool:
        """Say whether this is a worker's question."""
        return name in self._answers

    def answer(self, name: str, body: Told) -> Told:
        """Answer one question."""
        if name not in self._answers:
            raise NotFound(f"Nobody answers {name!r}.")
        return self._answers[name](body)

    def _search(self, body: Told) -> Told:
        """Search in the mode that was asked for, or refuse: another would measure another thing."""
        query = Query(body["text"], body["corpus"], body["mode"], body["top_k"])
        self._library.warm(query.corpus)
        found = self._library.search(query)
        if found.used != query.mode:
            raise StateError(
                f"{query.corpus} cannot be searched by {query.mode} now. {found.notice}".strip(),
                "Wait until its vectors are there, or measure retrieval: lexical.",
            )
        return {"hits": [_hit(hit) for hit in found.hits]}

    def _corpus(self, body: Told) -> Told:
        return {"title": self._library.get(body["name"]).title}

    def _paths(self, body: Told) -> Told:
        return {"paths": list(self._files(body).paths())}

    def _chunks(self, body: Told) -> Told:
        return {"chunks": [packed(each) for each in self._files(body).chunks(body["path"])]}

    def _defining(self, body: Told) -> Told:
        chunks, near = self._files(body).defining(body["name"])
        return {"chunks": [packed(each) for each in chunks], "near": list(near)}

    def _cached(self, body: Told) -> Told:
        found = self._results.find(body["groups"])
        runs = [run for run, _ in found.values()]
        samples = {key: sample for key, (_, sample) in found.items()}
        return {"samples": samples, "run": runs[0] if runs else ""}

    def _files(self, body: Told) -> Ingested:
        return Ingested(self._library.corpora, body["corpus"])


def _hit(hit: Hit) -> Told:
    places = [[place.stage, place.rank, place.score] for place in hit.places]
    return {"chunk": packed(hit.chunk), "score": hit.score, "places": places}
