"""The seams: what a part must offer to take another's place. Protocols of at most three methods.

Implementations live beside their libraries (core/models, core/retrieval, core/assistant).
Nothing here imports one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.documents import Evidence
from core.messages import Completion, Delta, Message, ModelCard, Params, Stop, Usage


class Generator(Protocol):
    """A language model: streams deltas and ends with one usage."""

    def card(self) -> ModelCard:
        """Say what this model is."""
        ...

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        """Yield deltas, then exactly one Usage; setting `stop` ends it within one token."""
        ...

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        """Answer many prompts, in the order given."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """Something an answerer did on the way: retrieved, thought, called a tool."""

    kind: str
    text: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answerer ends with: the text, its evidence, and one usage per model call."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    usage: tuple[Usage, ...] = ()
    notices: tuple[str, ...] = ()


class Answerer(Protocol):
    """A way of answering: exactly what Chat runs and what Evals measures."""

    def card(self) -> ModelCard:
        """Say which model answers."""
        ...

    def answer(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Step | Delta | Answer]:
        """Yield steps and deltas, then exactly one Answer; the last message is the question."""
        ...
