"""What a conversation searches: the default corpus for code, the documentation for the product.

It knows which of the two a question is for. It does not know how either is ranked.
"""

import re
from typing import Protocol

from core.assistant.methods.quote import select
from core.documents import Evidence
from core.records import Corpus
from core.retrieval.found import MAX_QUERY, Query, Results
from core.retrieval.handbook import Handbook

_CODE = re.compile(r"\w_\w|[a-z][A-Z]|[A-Z][a-z]+[A-Z]|\w\(|\w\.\w|`")


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

    def search(self, question: str, k: int) -> list[Evidence]:
        """Return what the corpus says about a question; nothing where nothing is relevant."""
        name, text = self._corpora.default, question.strip()[:MAX_QUERY]
        if not name or not text:
            return []
        results = self._corpora.search(Query(text, name, "hybrid", k))
        return [
            Evidence(hit.chunk, hit.score, tuple(place.stage for place in hit.places))
            for hit in results.hits
        ]

    def quotable(self, question: str, k: int) -> list[Evidence]:
        """Return what to quote: the documentation, unless it is silent or code is named."""
        if names_code(question):
            return self.search(question, k) or self._handbook.search(question, k)
        told = self._handbook.search(question, k)
        return told if select(question, told) else self.search(question, k) or told


def names_code(question: str) -> bool:
    """Say whether a question is written with a name from code, such as `from_pretrained`."""
    return bool(_CODE.search(question))
