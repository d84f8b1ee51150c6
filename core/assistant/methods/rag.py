"""Answering from evidence: search, show the model what was found, and check what it said.

It knows how evidence is cut to what a model can read and when a quote belongs beside an answer.
It does not know where the evidence comes from. The bundled model cites whatever it takes from
evidence, so what it says without a citation or a name is talk and stands on none.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from core.assistant.methods.chat import Chat
from core.assistant.methods.quote import quoted
from core.assistant.support import is_supported, is_talk
from core.documents import CHUNK_TOKENS, MAX_CHUNKS, Chunk, Evidence, cut, prompt
from core.messages import Delta, Message, ModelCard, Params, Stop
from core.retrieval.lexical import tokens
from core.seams import Answer, Generator, Step

Search = Callable[[str, int], list[Evidence]]

LARGEST = 1_200
SHARE = 8
ANCHORS = 2
FEW = 3
UNSUPPORTED = "Not all of this stands in the evidence. What the evidence says is quoted beside it."


class Rag:
    """Answer a question over what a search finds; a question that finds nothing is plain talk."""

    def __init__(self, generator: Generator, search: Search, corpus: str) -> None:
        self._generator = generator
        self._search = search
        self._corpus = corpus

    def card(self) -> ModelCard:
        """Say which model answers."""
        return self._generator.card()

    def answer(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Step | Delta | Answer]:
        """Search for the last question, stream the answer, then say whether it is supported."""
        started = time.perf_counter()
        question = messages[-1].content
        evidence = self._evidence(question)
        yield Step("retrieve", self._searched(len(evidence)), time.perf_counter() - started)
        for item in Chat(self._generator).answer(self._asked(messages, evidence), params, stop):
            yield self._checked(item, question, evidence) if isinstance(item, Answer) else item

    def _evidence(self, question: str) -> tuple[Evidence, ...]:
        """Return what is found, what the question names first; a small model is shown less."""
        found = sorted(self._search(question, MAX_CHUNKS), key=lambda e: not named(e, question))
        return tuple(found[:FEW] if self.card().kind == "bundled" else found)

    def _asked(self, messages: Sequence[Message], evidence: Sequence[Evidence]) -> list[Message]:
        """Return the conversation with what was found before its last question."""
        if not evidence:
            return list(messages)
        question, budget = messages[-1].content, self._budget()
        shown = [cut(e.chunk, matching(e.chunk, question), budget) for e in evidence]
        return [*messages[:-1], Message("user", prompt(question, shown))]

    def _checked(self, answer: Answer, question: str, evidence: tuple[Evidence, ...]) -> Answer:
        if is_talk(answer.text) and self.card().kind == "bundled":
            return answer
        if not evidence or not answer.text or is_supported(answer.text, evidence):
            return Answer(answer.text, evidence, answer.usage, answer.notices)
        quote = quoted(question, evidence)
        notices = (*answer.notices, UNSUPPORTED) if quote else answer.notices
        return Answer(answer.text, evidence, answer.usage, notices, quote)

    def _budget(self) -> int:
        """Return how many tokens of each chunk the model is shown."""
        card = self.card()
        if card.kind == "bundled":
            return CHUNK_TOKENS
        return min(LARGEST, max(CHUNK_TOKENS, (card.context_length or 0) // SHARE))

    def _searched(self, found: int) -> str:
        if not found:
            return f"Searched {self._corpus}: nothing relevant was found"
        return f"Searched {self._corpus}: {found} passage{'' if found == 1 else 's'}"


def named(evidence: Evidence, question: str) -> bool:
    """Say whether a question names the definition that a chunk holds."""
    symbol = evidence.chunk.symbol
    words = {word.strip("`?.,:;()") for word in question.split()}
    return bool(symbol) and not words.isdisjoint((symbol, symbol.rpartition(".")[2]))


def matching(chunk: Chunk, question: str) -> list[int]:
    """Return the lines of a chunk that share the most words with a question."""
    wanted = set(tokens(question))
    shared = [len(wanted & set(tokens(row))) for row in chunk.text.splitlines()]
    best = max(shared, default=0)
    return [i for i, count in enumerate(shared) if count == best > 0][:ANCHORS]
