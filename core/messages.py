"""What goes into a model and what comes out: messages, parameters, deltas, usage.

These are plain values. They know nothing of HTTP, of transformers, or of how a chat is stored.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]
Finish = Literal["stop", "length", "stopped", "loop", "error"]
Overflow = Literal["", "refuse", "drop", "summarise"]
Stop = threading.Event


class PageStop(Stop):
    """A page's stop, which tells going away from pressing the button."""

    left = False

    def leave(self) -> None:
        """End the answer because nobody looks at it any more."""
        if not self.is_set():
            self.left = True
            self.set()


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a server is told of it; the schema is JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a server's model asked for; the arguments are the JSON it wrote."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation; `calls` it asked for, or the call whose result it is."""

    role: Role
    content: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Params:
    """How to generate: the same words for every kind of model.

    `overflow` says what is done with a conversation that does not fit; blank: as OVERFLOW says.
    A model itself can only refuse or drop. `session` says whose conversation it is, so that a
    model in this process goes on from what it has read of it.
    """

    max_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    overflow: Overflow = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer as it arrives."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What one model call cost and how it ended; None means not measured, never zero.

    `calls` are the tools it asked to have called, by the server's own protocol.
    """

    tokens_in: int | None
    tokens_out: int | None
    finish: Finish
    total_s: float
    first_token_s: float | None = None
    tokens_reused: int | None = None
    notices: tuple[str, ...] = ()
    calls: tuple[ToolCall, ...] = ()

    @property
    def tokens_per_s(self) -> float | None:
        """Return decoding speed after the first token, where it can be told."""
        if self.tokens_out is None or self.first_token_s is None or self.tokens_out < 2:
            return None
        decoding = self.total_s - self.first_token_s
        return (self.tokens_out - 1) / decoding if decoding > 0 else None


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer with what it cost."""

    text: str
    usage: Usage
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model is, as far as it is known; None means unknown."""

    name: str
    kind: Literal["endpoint", "local", "bundled", "quote"]
    label: str
    context_length: int | None = None
    parameters: int | None = None
    device: str | None = None
    dtype: str | None = None
    size_bytes: int | None = None
    files_hash: str | None = None
    server: str | None = None
    notices: tuple[str, ...] = ()
