"""What a conversation searches: the default corpus for code, the documentation for the product.

It knows which of the two a question is for. It does not know how either is ranked.
"""

from collections.abc import Sequence
from typing import Protocol

from core.assistant.condense import names_code
from core.assistant.methods.quote import select
from core.documents import Evidence
from core.records import Corpus
from core.retrieval.found import MAX_QUERY, Hit, Mode, Query, Results
from core.retrieval.handbook import Handbook


class Corpora(Protocol):
    """The corpora that can be searched."""

    @property
    def default(self) -> str:
        """Return the corpus that is searched unless another is named; blank for none."""
        ...

    def get(self, name: str) -> Corpus:
        """Return one corpus."""
        ...

    def search(self, query: Query) -> Results:
        """Search."""
        ...


class Findings:
    """Evidence for questions."""

    def __init__(self, corpora: Corpora, handbook: Handbook) -> None:
        self._corpora = corpora
        self._handbook = handbook

    @property
    def name(self) -> str:
        """Return the corpus' title; blank while nothing is indexed."""
        name = self._corpora.default
        return self._corpora.get(name).title or name if name else ""

    @property
    def searched(self) -> str:
        """Return the names of all that is quoted from."""
        return f"{self.name} and {Handbook.name}" if self.name else Handbook.name

    @property
    def default(self) -> str:
        """Return the corpus that is searched unless another is named; blank for none."""
        return self._corpora.default

    def title(self, corpus: str) -> str:
        """Return what a corpus is called; the default one where none is named."""
        return self._corpora.get(corpus).title or corpus if corpus else self.name

    def search(
        self, question: str, k: int, corpus: str = "", mode: Mode = "hybrid"
    ) -> list[Evidence]:
        """Return what a corpus says about a question; nothing where nothing is relevant."""
        results = self._results(question, k, corpus, mode)
        return _evidence(results.hits) if results else []

    def nearest(
        self, question: str, k: int, corpus: str = "", mode: Mode = "hybrid"
    ) -> list[Evidence]:
        """Return what comes nearest to a question that nothing in a corpus is relevant to."""
        results = self._results(question, k, corpus, mode)
        return _evidence(results.misses[:k]) if results else []

    def _results(self, question: str, k: int, corpus: str, mode: Mode) -> Results | None:
        name, text = corpus or self._corpora.default, question.strip()[:MAX_QUERY]
        return self._corpora.search(Query(text, name, mode, k)) if name and text else None

    def is_ours(self, name: str) -> bool:
        """Say whether our own documentation holds a name, such as that of a setting."""
        return self._handbook.holds(name)

    def quotable(self, question: str, k: int) -> list[Evidence]:
        """Return what to quote: the documentation, unless it is silent or code is named."""
        if names_code(question):
            return self.search(question, k) or self._handbook.search(question, k)
        told = self._handbook.search(question, k)
        return told if select(question, told) else self.search(question, k) or told


def _evidence(hits: Sequence[Hit]) -> list[Evidence]:
    return [
        Evidence(hit.chunk, hit.score, tuple(place.stage for place in hit.places)) for hit in hits
    ]
