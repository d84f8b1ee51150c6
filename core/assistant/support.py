"""Whether what an answer says stands in its evidence, sentence by sentence.

It knows marks and where their levels lie, and which scorer the settings name. It does not know how
a scorer reads, and no scorer can tell whether what stands in the evidence is true.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.assistant.sentences import Sentence, sentences
from core.documents import Evidence, Mark, Support

REFUSAL = "the retrieved context does not say"
_SPAN = re.compile(r"`([^`\n]+)`")
_CITE = re.compile(r"\[(\d+)\]")
_REFUSED = re.compile(
    rf"{REFUSAL}|found nothing about|no answer was found|i (?:do not|don't) know"
    r"|(?:context|evidence|passages?) (?:do|does|did) ?(?:not|n't) (?:say|tell|mention|contain)",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"^\W*(?:hi|hello|hey|thanks|thank you|you're welcome|sure|certainly|of course|goodbye|bye"
    r"|sorry|let me know|i hope|feel free|glad|happy to)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Levels:
    """From which score on a sentence is supported, and from which at least partly."""

    supported: float
    partly: float

    def of(self, score: float) -> Support:
        """Return the mark of a score."""
        if score >= self.supported:
            return "supported"
        return "partly" if score >= self.partly else "unsupported"


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence, and the numbers of the evidence that it has to stand on."""

    sentence: Sentence
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a sentence is supported: altogether, by each number, and by which lines."""

    score: float
    by: tuple[tuple[int, float], ...] = ()
    lines: tuple[int, int] = (0, 0)


Read = Callable[[Sequence[Asked]], list[Reading]]


def marked(answer: str, count: int, read: Read, levels: Levels) -> tuple[Mark, ...]:
    """Return a mark for each sentence of an answer over so many pieces of evidence.

    A sentence stands on what it cites, and where it cites nothing on all of the evidence.
    """
    parts = sentences(answer)
    claims = [part for part in parts if count and not says_nothing(part)]
    every = tuple(range(1, count + 1))
    asked = [Asked(claim, citations(claim.text, count) or every) for claim in claims]
    readings = dict(zip(claims, read(asked), strict=True)) if asked else {}
    return tuple(_mark(part, readings.get(part), levels) for part in parts)


def says_nothing(sentence: Sentence) -> bool:
    """Say whether a sentence claims nothing about the evidence: a heading, a refusal, talk."""
    text = sentence.text
    if sentence.code or _CITE.search(text):
        return not sentence.words
    if _REFUSED.search(text) or text.endswith("?"):
        return True
    return not _SPAN.search(text) and (bool(_TALK.match(text)) or len(text.split()) < 3)


def is_low(marks: Sequence[Mark]) -> bool:
    """Say whether something in an answer is not supported, so that a quote belongs beside it."""
    return any(mark.mark == "unsupported" for mark in marks)


def citations(answer: str, count: int) -> tuple[int, ...]:
    """Return the numbers an answer cites, in order, of those that there are."""
    found = dict.fromkeys(int(n) for n in _CITE.findall(answer))
    return tuple(n for n in found if 1 <= n <= count)


def refuses(answer: str) -> bool:
    """Say whether an answer says anywhere that the evidence is silent, or that it does not know."""
    return _REFUSED.search(answer) is not None


def is_talk(answer: str) -> bool:
    """Say whether an answer cites nothing and names nothing: small talk, or about the product."""
    return not (_CITE.search(answer) or _SPAN.search(answer) or REFUSAL in answer.lower())


def whole(text: str, evidence: Sequence[Evidence]) -> Asked:
    """Return a text as one sentence that may stand on all of the evidence."""
    return Asked(Sentence(text, 0, len(text)), tuple(range(1, len(evidence) + 1)))


def _mark(part: Sentence, reading: Reading | None, levels: Levels) -> Mark:
    if reading is None:
        return Mark(part.text, part.start, part.end, "plain")
    mark = levels.of(reading.score)
    by = sorted(reading.by, key=lambda each: -each[1])
    chunks = tuple(n for n, score in by if score >= levels.partly) if by else ()
    if mark == "unsupported" or not chunks:
        return Mark(part.text, part.start, part.end, mark, reading.score)
    return Mark(part.text, part.start, part.end, mark, reading.score, chunks, reading.lines)
