"""Answering without a language model: the best supported sentences of the evidence, quoted.

It knows how to choose sentences and cite them. It never writes a sentence of its own about the
subject, and it does not know where the evidence comes from.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.assistant.scorer import BY_WORDS
from core.documents import Chunk, Evidence
from core.messages import Delta, Message, ModelCard, Params, Stop, Usage
from core.models.catalog import QUOTE
from core.retrieval.lexical import Lexical, tokens
from core.seams import Answer, Search, Step, SupportScorer

SENTENCES = 3
NEAR = 0.75
OPENING = 1.4  # a section's first sentence says what the rest is about
CODE_LINES = 6
_BREAK = re.compile(r"(?<=[.!?:])\s+(?=[A-Z`\"'(])|\n{2,}|\n(?=\s*[-*|] )")
_FENCED = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
_DOC = re.compile(r'"""(.*?)"""', re.DOTALL)
_PLAIN = re.compile(r"^\s*(#{1,6} .*|\|[-| :]+\||<.*>)\s*$")

NOTHING = (
    "I found nothing about that in {corpus}. No language model is connected, so I can only quote "
    "what is written there. Ask how to connect a model, where your chats are kept, or what a "
    "setting does."
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the evidence with its citation number and its place among all sentences."""

    text: str
    n: int
    position: int
    score: float


class Quote:
    """Answer by quoting; the guard and the fallback when no model can be used."""

    def __init__(
        self, search: Search, corpus: Callable[[], str], support: SupportScorer = BY_WORDS
    ) -> None:
        self._search = search
        self._support = support
        self._corpus = corpus

    def card(self) -> ModelCard:
        """Say that no model answers."""
        return replace(QUOTE, notices=(f"Quotes from {self._corpus()}.",))

    def answer(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Step | Delta | Answer]:
        """Search for the last question and quote what supports an answer."""
        started = time.perf_counter()
        question = messages[-1].content
        evidence = self._search(question, 4)
        yield Step("retrieve", self._searched(len(evidence)), _since(started))
        chosen = select(question, evidence)
        pieces: list[str] = []
        first: float | None = None
        for piece in _pieces(chosen, self._corpus()):
            if stop.is_set():
                break
            first = first or _since(started)
            pieces.append(piece)
            yield Delta(piece)
        usage = Usage(None, None, "stopped" if stop.is_set() else "stop", _since(started), first)
        cited, text = tuple(evidence) if chosen else (), "".join(pieces)
        yield Answer(text, cited, (usage,), marks=self._support.marks(text, cited))

    def _searched(self, found: int) -> str:
        return f"Searched {self._corpus()}: {found} passage{'' if found == 1 else 's'}"


def quoted(question: str, evidence: Sequence[Evidence]) -> str:
    """Return the best supported sentences of the evidence with citations; nothing where none is."""
    chosen = select(question, evidence)
    return "".join(_pieces(chosen, "")) if chosen else ""


def select(question: str, evidence: Sequence[Evidence]) -> list[Sentence]:
    """Return the sentences that best support an answer, in the order of their evidence.

    A sentence is read under its heading: together they must hold half of the question's words.
    """
    strongest = max((item.score for item in evidence), default=0.0) or 1.0
    candidates = [
        (text, item.chunk.symbol, n, item.score / strongest * (1.0 if place else OPENING))
        for n, item in enumerate(evidence, 1)
        for place, text in enumerate(passages(item.chunk))
    ]
    wanted = set(tokens(question))
    texts = [f"{head} {text}" for text, head, _, _ in candidates]
    found = []
    for position, score in Lexical(texts).rank(question, len(texts)):
        text, _, n, share = candidates[position]
        if len(wanted & set(tokens(texts[position]))) * 2 >= len(wanted):
            found.append(Sentence(text, n, position, score * share))
    found = sorted(found, key=lambda sentence: -sentence.score)[:SENTENCES]
    near = [sentence for sentence in found if sentence.score >= found[0].score * NEAR]
    return sorted(near, key=lambda sentence: (sentence.n, sentence.position))


def passages(chunk: Chunk) -> list[str]:
    """Return what may be quoted of a chunk: of code its docstring's sentences and single lines."""
    if chunk.kind in ("section", "text") or not chunk.symbol:
        return sentences(chunk.text)
    said = [sentence for doc in _DOC.findall(chunk.text) for sentence in sentences(doc)]
    rest = _DOC.sub("", chunk.text).splitlines()
    lines = [row.strip() for row in rest if len(tokens(row)) > 1]
    return said + [f"```{chunk.language}\n{row}\n```" for row in lines]


def sentences(text: str) -> list[str]:
    """Return a Markdown section's sentences and list items; its short code where it has no other.

    Examples hold the words of many questions without answering them, so that code comes along
    only with a sentence that leads to it.
    """
    plain: list[str] = []
    code: list[str] = []
    for piece in _FENCED.split(text):
        if piece.startswith("```"):
            if piece.count("\n") > CODE_LINES + 1:
                continue
            if plain and plain[-1].endswith(":"):
                plain[-1] = f"{plain[-1]}\n{piece}"
            code.append(piece)
            continue
        rows = "\n".join(row for row in piece.splitlines() if not _PLAIN.match(row))
        flat = (" ".join(part.split()).lstrip("-* ") for part in _BREAK.split(rows))
        plain += [part for part in flat if len(part.split()) > 2]
    return plain or code


def _pieces(chosen: list[Sentence], corpus: str) -> Iterator[str]:
    if not chosen:
        yield NOTHING.format(corpus=corpus)
        return
    for index, sentence in enumerate(chosen):
        lead = "" if index == 0 else "\n\n"
        if sentence.text.startswith("```"):
            yield f"{lead}{sentence.text}\n\n[{sentence.n}]"
        else:
            words, _, code = sentence.text.partition("\n")
            yield f"{lead}> {words} [{sentence.n}]" + (f"\n\n{code}" if code else "")


def _since(started: float) -> float:
    return time.perf_counter() - started
