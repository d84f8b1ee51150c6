"""The bundled support scorer: signs of agreement, weighed as labelled sentences say.

It knows its weights and levels, fitted by bench/support.py on assets/labels/support.jsonl. Where
the settings ask for meaning, the embedder is used once it is loaded. It loads nothing.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.assistant.agreement import WINDOW, Passage, differs, quotes, signs
from core.assistant.claims import Claim, squeezed
from core.assistant.support import Asked, Levels, Reading, marked, whole
from core.documents import Evidence, Mark
from core.seams import SupportScorer
from core.settings import Settings

if TYPE_CHECKING:
    import numpy as np

Embed = Callable[[Sequence[str]], "np.ndarray"]
BY_MEANING = "meaning"
LIKELY = 4  # lines of a passage that are compared by meaning
READ = 2  # passages that are
ROOM = 600  # characters of a line that are


@dataclass(frozen=True, slots=True)
class Weighing:
    """How signs make a score, and which scores mean what.

    Where claim and passage differ in what decides, the score stays below every mark but the last.
    """

    weights: Mapping[str, float]
    offset: float
    levels: Levels

    def score(self, found: Mapping[str, float], differs: bool) -> float:
        """Return the score of signs, from 0 to 1."""
        total = sum(weight * found[name] for name, weight in self.weights.items())
        score = 1 / (1 + math.exp(-total - self.offset))
        return score * self.levels.partly if differs else score


WORDS = Weighing({"near": 1.43, "set": 3.02, "denied": 0.19}, -2.39, Levels(0.67, 0.41))
MEANING = Weighing(
    {"near": 0.16, "set": 3.13, "denied": 0.39, "meaning": 4.22}, -4.46, Levels(0.64, 0.39)
)


@dataclass(frozen=True, slots=True)
class Held:
    """A claim held against one passage; the number 0 is that of several together."""

    claim: Claim
    passage: Passage
    n: int
    found: Mapping[str, float]
    at: int
    differs: bool
    score: float


def hold(claim: Claim, passage: Passage, n: int) -> Held:
    """Return what a claim and a passage have in common, scored by words alone."""
    found, at = signs(claim, passage)
    same = quotes(claim, passage, at)
    apart = not same and differs(claim, passage, at)
    score = 1.0 if same else WORDS.score(found, apart)
    return Held(claim, passage, n, found, at, apart, score)


class Agreement:
    """A SupportScorer; `embed` is called only while `ready` says that it is loaded."""

    def __init__(self, embed: Embed | None = None, ready: Callable[[], bool] = bool) -> None:
        self._embed = embed
        self._ready = ready

    def name(self) -> str:
        """Say how it reads now."""
        return "agreement" if self._weighing is MEANING else "agreement, words alone"

    def score(self, sentence: str, evidence: Sequence[Evidence]) -> float:
        """Return from 0 to 1 how far the evidence supports one sentence."""
        return self._read([whole(sentence, evidence)], evidence)[0].score if evidence else 0.0

    def marks(self, answer: str, evidence: Sequence[Evidence]) -> tuple[Mark, ...]:
        """Return one mark for each sentence of an answer, in order."""
        weighing = self._weighing
        return marked(
            answer, len(evidence), lambda asked: self._read(asked, evidence), weighing.levels
        )

    @property
    def _weighing(self) -> Weighing:
        return MEANING if self._embed is not None and self._ready() else WORDS

    def _read(self, asked: Sequence[Asked], evidence: Sequence[Evidence]) -> list[Reading]:
        passages = {n: Passage.of(each.chunk, n) for n, each in enumerate(evidence, 1)}
        meant = self._weighing is MEANING
        held = [[] if each.sentence.code else _held(each, passages) for each in asked]
        if meant:
            held = self._by_meaning(held)
        return [
            _code(each, passages) if each.sentence.code else _reading(rows)
            for each, rows in zip(asked, held, strict=True)
        ]

    def _by_meaning(self, held: Sequence[Sequence[Held]]) -> list[list[Held]]:
        """Return the likeliest passages of each claim, scored by meaning too, in one reading."""
        assert self._embed is not None
        kept = [sorted(rows, key=lambda each: -each.score)[:READ] for rows in held]
        texts = dict.fromkeys(
            text for rows in kept for each in rows if each.score < 1 for text in compared(each)
        )
        if not texts:
            return kept
        vectors = dict(zip(texts, self._embed(list(texts)), strict=True))
        return [[_meant(each, vectors) for each in rows] for rows in kept]


BY_WORDS: SupportScorer = Agreement()


def open_support(
    settings: Settings, embed: Embed | None = None, ready: Callable[[], bool] = bool
) -> SupportScorer:
    """Return the scorer the settings name; words decide alone where none is named.

    Meaning was fitted with the bundled embedder, so with another one words decide as well.
    """
    if settings.support_model == BY_MEANING:
        return Agreement(None if settings.embedder else embed, ready)
    if settings.support_model:
        from core.assistant.entailment import Entailment

        return Entailment(settings)
    return BY_WORDS


def meaning(held: Held, vectors: Mapping[str, "np.ndarray"]) -> float:
    """Return how near in meaning a claim is to the likeliest line of a passage."""
    claim, *rows = (vectors[text] for text in compared(held))
    return max((float(claim @ row) for row in rows), default=0.0)


def compared(held: Held) -> list[str]:
    """Return a claim and the lines it is compared with."""
    rows = [held.passage.opening, *held.passage.likely(held.claim, LIKELY)]
    return [held.claim.text, *(row.strip()[:ROOM] for row in rows)]


def _meant(held: Held, vectors: Mapping[str, "np.ndarray"]) -> Held:
    if held.score >= 1:
        return held
    found = {**held.found, "meaning": meaning(held, vectors)}
    return replace(held, found=found, score=MEANING.score(found, held.differs))


def _held(asked: Asked, passages: Mapping[int, Passage]) -> list[Held]:
    claim = Claim(asked.sentence.words)
    rows = [hold(claim, passages[n], n) for n in asked.numbers]
    if len(asked.numbers) > 1 and asked.sentence.cited:
        rows.append(hold(claim, Passage.joined(passages[n] for n in asked.numbers), 0))
    return rows


def _reading(rows: Sequence[Held]) -> Reading:
    best = max(rows, key=lambda each: each.score)
    alone = [each for each in rows if each.n]
    nearest = max(alone, key=lambda each: each.score, default=best)
    by = [(each.n, each.score) for each in alone]
    if not best.n:  # all of them together say it
        by = [(n, best.score) for n, _ in by]
    return Reading(best.score, tuple(by), nearest.passage.lines(nearest.at))


def _code(asked: Asked, passages: Mapping[int, Passage]) -> Reading:
    """Return which share of the lines of a code block stands in the evidence as it is."""
    rows = [row for row in asked.sentence.words.splitlines() if squeezed(row)]
    by = [(n, sum(passages[n].holds(row) for row in rows) / len(rows)) for n in asked.numbers]
    n, score = max(by, key=lambda each: each[1])
    first = passages[n].where(rows[0])
    last = max((passages[n].where(row) for row in rows), default=first)
    lines = (passages[n].lines(first)[0], passages[n].lines(max(last - WINDOW + 1, 0))[1])
    return Reading(score, tuple(by), lines if first >= 0 and score else (0, 0))
