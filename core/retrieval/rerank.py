"""Which reranker reads the candidates: the bundled one, a cross-encoder of the hub, or none.

It knows how a cross-encoder scores a query with each text. It does not know where candidates come
from, nor what is done with the scores.
"""

from collections.abc import Sequence

from core.retrieval.classifier import Classifier
from core.retrieval.embed import heading
from core.retrieval.reader import Reader
from core.seams import Asked, Candidate, Reranker
from core.settings import Settings

NONE = "none"


class CrossEncoder:
    """A sequence classifier that reads the query and a text at once."""

    def __init__(self, settings: Settings) -> None:
        self._wanted = settings.reranker
        self._model = Classifier("RERANKER", self._wanted, settings)

    def name(self) -> str:
        """Say which model reads."""
        return self._wanted

    def score(self, asked: Asked, candidates: Sequence[Candidate]) -> list[float]:
        """Return the model's own score for each candidate, cut to what it can read."""
        texts = [f"{heading(each.chunk)}\n{each.chunk.text}" for each in candidates]
        pairs = [(asked.text, text) for text in texts]
        return [row[-1] for row in self._model.logits(pairs, cut="only_second")]


def open_reranker(settings: Settings) -> Reranker | None:
    """Return the reranker the settings name: the bundled one unless there is another or none."""
    if settings.reranker.lower() == NONE:
        return None
    return CrossEncoder(settings) if settings.reranker else Reader()
