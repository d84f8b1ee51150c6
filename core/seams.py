"""The seams: what a part must offer to take another's place. Protocols of at most three methods.

Implementations live beside their libraries (core/models, core/retrieval, core/assistant).
Nothing here imports one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from core.documents import Chunk, Evidence, Mark
from core.messages import Completion, Delta, Message, ModelCard, Params, Stop, Usage

if TYPE_CHECKING:
    import numpy as np


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


# What brings evidence: a question, and how many passages are wanted.
Search = Callable[[str, int], list[Evidence]]


@runtime_checkable
class Counts(Protocol):
    """A generator that can tell how many tokens a text is to it."""

    def count(self, text: str) -> int:
        """Count the tokens of a text by itself."""
        ...


@runtime_checkable
class Likelihoods(Protocol):
    """A generator that can tell how likely it finds a text."""

    def loglikelihood(self, prompt: str, continuations: Sequence[str]) -> list[float]:
        """Return the log-probability of each text right after a prompt, without a template."""
        ...


@runtime_checkable
class CallsTools(Protocol):
    """A generator that may call tools by its server's protocol, given as `Params.tools`."""

    def calls_tools(self) -> bool:
        """Say whether it really does, which has been tried and not assumed."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """Something an answerer did on the way: retrieved, thought, called a tool.

    `tool` and `given` say what was called and with what; `usage` is the model call behind it,
    and `evidence` what it found.
    """

    kind: str
    text: str
    seconds: float | None = None
    ok: bool = True
    tool: str = ""
    given: str = ""
    usage: Usage | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answerer ends with: the text, its evidence, and one usage per model call.

    `quote` is what the evidence says, where the text is not supported by it; `reasoning` is what
    was thought before the text; `reason` says why an agent ended; `prompts` names each prompt
    file that was used with its hash; `left_out` names evidence that found no room; `marks` say
    of each sentence whether the evidence supports it.
    """

    text: str
    evidence: tuple[Evidence, ...] = ()
    usage: tuple[Usage, ...] = ()
    notices: tuple[str, ...] = ()
    quote: str = ""
    reasoning: str = ""
    reason: str = ""
    prompts: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


class SupportScorer(Protocol):
    """Says how far evidence supports what is said, sentence by sentence."""

    def name(self) -> str:
        """Say which method or model this is; part of every stored score's origin."""
        ...

    def score(self, sentence: str, evidence: Sequence[Evidence]) -> float:
        """Return from 0 to 1 how far the evidence supports one sentence."""
        ...

    def marks(self, answer: str, evidence: Sequence[Evidence]) -> tuple[Mark, ...]:
        """Return one mark for each sentence of an answer, in order."""
        ...


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


class Embedder(Protocol):
    """Turns texts into vectors of length one."""

    def name(self) -> str:
        """Say which model this is; part of every stored vector's key."""
        ...

    def split(self, text: str, head: str = "") -> list[str]:
        """Return the text in pieces that each fit the model's window under the head; all of it."""
        ...

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Return one float32 row per text, in the order given."""
        ...


class VectorIndex(Protocol):
    """Vectors under ids, searchable by nearness; a cache of what the store holds."""

    def write(self, ids: Sequence[str], vectors: "np.ndarray") -> None:
        """Add vectors, or replace those whose id is known."""
        ...

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ids; unknown ones are fine."""
        ...

    def query(self, vector: "np.ndarray", k: int) -> list[tuple[str, float]]:
        """Return (id, cosine) of the nearest, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, how rare its search words are among so many chunks, and which none has."""

    text: str
    words: Mapping[str, float]
    unknown: frozenset[str] = frozenset()
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that was found, with its rank in each stage, from 1."""

    chunk: Chunk
    ranks: Mapping[str, int]


class Reranker(Protocol):
    """Reads a question together with each candidate and says how well they fit."""

    def name(self) -> str:
        """Say which model or method this is."""
        ...

    def score(self, asked: Asked, candidates: Sequence[Candidate]) -> list[float]:
        """Return one score per candidate, higher is better."""
        ...
