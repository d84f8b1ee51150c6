"""Answering from evidence: search, show the model what was found, and check what it said.

It knows how evidence is cut to what a model can read and when a quote belongs beside an answer.
It does not know where the evidence comes from. The bundled model cites whatever it takes from
evidence, so what it says without a citation or a name is talk and stands on none.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.assistant.anchors import FAR, LARGEST, SHARE, UNKNOWN, distance, matching
from core.assistant.condense import standalone
from core.assistant.coverage import gap, strayed
from core.assistant.methods.chat import Chat
from core.assistant.methods.checking import UNINDEXED, Missing, finished
from core.assistant.prompting import prompt as words
from core.assistant.scorer import BY_WORDS
from core.assistant.support import REFUSAL, is_talk
from core.documents import (
    CHUNK_TOKENS,
    MAX_CHUNKS,
    Chunk,
    Count,
    Evidence,
    approximate_tokens,
    cut,
    location,
    prompt,
    render,
)
from core.messages import Delta, Message, ModelCard, Params, Stop
from core.seams import Answer, Counts, Generator, Search, Step, SupportScorer

HALF = 2
FEW = 3
NAMED = 2
NEAREST = "Nothing that was found is relevant. The nearest passages are shown; none was read."


@dataclass(frozen=True, slots=True)
class Shown:
    """Evidence with the chunks as the model is shown them, and the places that found no room."""

    evidence: tuple[Evidence, ...]
    chunks: tuple[Chunk, ...]
    left_out: tuple[str, ...]


def nothing(_question: str, _k: int) -> list[Evidence]:
    """Find nothing: the search where nothing is indexed."""
    return []


class Rag:
    """Answer a question over what a search finds; a question that finds nothing is plain talk.

    A blank corpus says that there is none: nothing is told of a search then.
    """

    def __init__(
        self,
        generator: Generator,
        search: Search,
        corpus: str,
        top_k: int = MAX_CHUNKS,
        support: SupportScorer = BY_WORDS,
        missing: Missing = "refuse",
        is_ours: Callable[[str], bool] = frozenset[str]().__contains__,
        nearest: Search = nothing,
    ) -> None:
        self._generator = generator
        self._search = search
        self._corpus = corpus
        self._top_k = top_k
        self._support = support
        self._missing: Missing = missing
        self._is_ours = is_ours
        self._nearest = nearest

    def card(self) -> ModelCard:
        """Say which model answers."""
        return self._generator.card()

    def answer(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Step | Delta | Answer]:
        """Search for the last question, stream the answer, then say whether it is supported."""
        started = time.perf_counter()
        question = standalone(messages)
        shown = self._shown(question)
        told = self._searched(len(shown.evidence), question, messages[-1].content)
        spent = time.perf_counter() - started
        if self._corpus:
            yield Step("retrieve", told, spent, evidence=shown.evidence)
        asked, marks = self._asked(messages, shown)
        for item in Chat(self._generator).answer(asked, params, stop):
            if isinstance(item, Answer):
                answer = replace(item, prompts=marks, left_out=shown.left_out)
                yield from self._checked(answer, question, shown.evidence)
            else:
                yield item

    def _shown(self, question: str) -> Shown:
        """Search, put what the question names first, and cut it to what the model can read."""
        found = self._search(question, self._top_k)
        found = sorted(found, key=lambda e: distance(e, question))
        if self.card().kind == "bundled":
            most = _few(found, question)
            rest = CHUNK_TOKENS * FEW * 2
            return _packed(found[:most], found[most:], question, CHUNK_TOKENS, rest)
        room = (self.card().context_length or UNKNOWN) // HALF
        each = min(LARGEST, max(CHUNK_TOKENS, room * HALF // SHARE))
        inside = self._generator
        count = inside.count if isinstance(inside, Counts) else approximate_tokens
        return _packed(found, [], question, each, room, count)

    def _asked(
        self, messages: Sequence[Message], shown: Shown
    ) -> tuple[list[Message], tuple[str, ...]]:
        """Return the conversation with what was found before its last question, and its prompts."""
        if not shown.chunks:
            return list(messages), ()
        *before, last = messages
        turn = Message("user", prompt(last.content, shown.chunks))
        if self.card().kind == "bundled":
            return [*before, turn], ()
        how = words("rag")
        lead = [how.text, *(m.content for m in before if m.role == "system")]
        rest = [m for m in before if m.role != "system"]
        return [Message("system", "\n\n".join(lead)), *rest, turn], (how.mark,)

    def _checked(
        self, answer: Answer, question: str, evidence: tuple[Evidence, ...]
    ) -> Iterator[Step | Delta | Answer]:
        grounded = replace(answer, evidence=evidence)
        found = gap(question, answer.text, evidence)
        if is_talk(answer.text) and self.card().kind == "bundled":
            found = strayed(question, answer.text, evidence, self._is_ours)
            grounded = grounded if found else answer
        for item in finished(grounded, question, self._support, found, self._missing):
            yield self._beside(item, question) if isinstance(item, Answer) else item

    def _beside(self, answer: Answer, question: str) -> Answer:
        """Return a refusal that stands on nothing with the nearest passages beside it."""
        if answer.evidence or REFUSAL not in answer.text.lower():
            return answer
        near = tuple(self._nearest(question, FEW))
        told = NEAREST if near else "" if self._corpus else UNINDEXED
        return replace(answer, evidence=near, notices=(*answer.notices, *filter(None, [told])))

    def _searched(self, found: int, question: str, asked: str) -> str:
        about = "" if question == asked.strip() else f" for “{question}”"
        if not found:
            return f"Searched {self._corpus}{about}: nothing relevant was found"
        return f"Searched {self._corpus}{about}: {found} passage{'' if found == 1 else 's'}"


def _few(found: Sequence[Evidence], question: str) -> int:
    """Return how many passages a small model is shown: those named best, else a few.

    Passages about other definitions of a similar name are what it mixes up most.
    """
    best = min((distance(e, question) for e in found), default=FAR)
    if best == FAR:
        return FEW
    return min(NAMED, sum(distance(e, question) == best for e in found))


def _packed(
    found: Sequence[Evidence],
    rest: Sequence[Evidence],
    question: str,
    each: int,
    room: int,
    count: Count = approximate_tokens,
) -> Shown:
    """Cut each to its part and take them in order while there is room; a line is never cut."""
    kept: list[tuple[Evidence, Chunk]] = []
    left = list(rest)
    for evidence in found:
        chunk = cut(evidence.chunk, matching(evidence.chunk, question), each, count)
        cost = count(render(chunk, len(kept) + 1))
        if cost > room and kept:
            left.append(evidence)
            continue
        room -= cost
        kept.append((evidence, chunk))
    return Shown(
        tuple(evidence for evidence, _ in kept),
        tuple(chunk for _, chunk in kept),
        tuple(location(evidence.chunk) for evidence in left),
    )
