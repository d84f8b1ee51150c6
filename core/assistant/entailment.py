"""A support scorer of the hub: a model that says whether one text follows from another.

It knows how such a model names its labels. It loads at its first use, and nothing is downloaded
that was not asked for. Its levels are even chances; they are not calibrated.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property

from core.assistant.support import Asked, Levels, Reading, marked, whole
from core.documents import Evidence, Mark, render
from core.errors import ModelError
from core.retrieval.classifier import Classifier
from core.settings import Settings

LEVELS = Levels(0.5, 0.2)


class Entailment:
    """A SupportScorer over a classifier with a label for entailment."""

    def __init__(self, settings: Settings) -> None:
        self._wanted = settings.support_model
        self._model = Classifier("SUPPORT_MODEL", self._wanted, settings)

    def name(self) -> str:
        """Say which model reads."""
        return self._wanted

    def score(self, sentence: str, evidence: Sequence[Evidence]) -> float:
        """Return from 0 to 1 how far the evidence supports one sentence."""
        return self._read([whole(sentence, evidence)], evidence)[0].score if evidence else 0.0

    def marks(self, answer: str, evidence: Sequence[Evidence]) -> tuple[Mark, ...]:
        """Return one mark for each sentence of an answer, in order."""
        return marked(answer, len(evidence), lambda asked: self._read(asked, evidence), LEVELS)

    def _read(self, asked: Sequence[Asked], evidence: Sequence[Evidence]) -> list[Reading]:
        texts = {n: render(each.chunk, n) for n, each in enumerate(evidence, 1)}
        pairs = [(texts[n], each.sentence.words) for each in asked for n in each.numbers]
        rows = iter(self._model.logits(pairs, cut="longest_first"))
        return [self._reading(each, rows, evidence) for each in asked]

    def _reading(
        self, asked: Asked, rows: Iterator[list[float]], evidence: Sequence[Evidence]
    ) -> Reading:
        by = tuple((n, _chance(next(rows), self._entails)) for n in asked.numbers)
        n, score = max(by, key=lambda each: each[1])
        chunk = evidence[n - 1].chunk
        return Reading(score, by, (chunk.start, chunk.end))

    @cached_property
    def _entails(self) -> int:
        labels = self._model.labels
        found = [place for place, label in labels.items() if label.lower().startswith("entail")]
        if not found:
            raise ModelError(
                f"The model {self._wanted} has no label for entailment, only "
                f"{', '.join(labels.values())}.",
                "Set SUPPORT_MODEL to a model of natural language inference.",
            )
        return int(found[0])


def _chance(logits: Sequence[float], place: int) -> float:
    """Return the chance of one label."""
    most = max(logits)
    return math.exp(logits[place] - most) / sum(math.exp(each - most) for each in logits)
