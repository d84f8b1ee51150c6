"""A Generator that writes one record per model call: the only place that does.

It knows what a call cost and how it ended. It stores no text: of the prompt, only a hash.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Protocol

from core.documents import approximate_tokens
from core.errors import PlumblineError
from core.messages import Completion, Delta, Message, ModelCard, Params, Stop, Usage
from core.models.devices import gpu_bytes
from core.models.prompt import clean
from core.records import Generation
from core.seams import CallsTools, Counts, Generator


class Records(Protocol):
    """Where calls are kept; core/store/generations.py in the app."""

    def add(self, generation: Generation) -> None:
        """Keep one call."""
        ...


class Recorded:
    """Answers as the generator inside does, and keeps what each call cost."""

    def __init__(
        self,
        inside: Generator,
        records: Records,
        heard: Callable[[PlumblineError | None], None] = lambda _: None,
    ) -> None:
        self.inside = inside
        self._records = records
        self._heard = heard

    def card(self) -> ModelCard:
        """Say what the model inside is."""
        return self.inside.card()

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        """Yield what the model yields; a call that is left or fails is recorded too."""
        call = _Call(self.card().name, messages, params)
        usage, error = None, None
        try:
            for part in self.inside.stream(messages, params, stop):
                if isinstance(part, Usage):
                    usage = part
                    if usage.finish != "stopped":
                        self._heard(None)
                yield part
        except PlumblineError as failure:
            error = failure.message
            self._heard(failure)
            raise
        finally:
            self._records.add(call.ended(usage, error))

    def count(self, text: str) -> int:
        """Count the tokens of a text, about where the model inside cannot tell."""
        inside = self.inside
        return inside.count(text) if isinstance(inside, Counts) else approximate_tokens(text)

    def calls_tools(self) -> bool:
        """Say whether the model inside calls tools by its server's protocol."""
        return isinstance(self.inside, CallsTools) and self.inside.calls_tools()

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        """Answer many prompts; each is a call of its own in the record."""
        calls = [_Call(self.card().name, messages, params, size) for messages in prompts]
        done = self.inside.generate_batch(prompts, params, size)
        for call, completion in zip(calls, done, strict=True):
            self._records.add(call.ended(completion.usage, completion.error))
            if completion.error is None:
                self._heard(None)
        return done


class _Call:
    """What is known of a call before it starts."""

    def __init__(
        self, model: str, messages: Sequence[Message], params: Params, batch: int | None = None
    ) -> None:
        self._model = model
        self._hash = prompt_hash(messages)
        self._params: dict[str, Any] = {**asdict(params), "stop": list(params.stop)}
        self._params["tools"] = [tool.name for tool in params.tools]
        del self._params["session"]  # a chat that is deleted leaves no trace here
        if batch is not None:
            self._params["batch"] = batch
        self._created = datetime.now(UTC)
        self._since = time.perf_counter()
        self._gpu_bytes = gpu_bytes()

    def ended(self, usage: Usage | None, error: str | None) -> Generation:
        """Return the record; without a usage the call failed, or its reader left."""
        finish = usage.finish if usage else ("error" if error else "stopped")
        return Generation(
            id=uuid.uuid4().hex,
            created=self._created,
            model=self._model,
            prompt_hash=self._hash,
            params=self._params,
            tokens_in=usage.tokens_in if usage else None,
            tokens_out=usage.tokens_out if usage else None,
            tokens_reused=usage.tokens_reused if usage else None,
            first_token_s=usage.first_token_s if usage else None,
            total_s=usage.total_s if usage else time.perf_counter() - self._since,
            gpu_bytes_before=self._gpu_bytes,
            gpu_bytes_after=gpu_bytes(),
            finish=finish,
            error=error,
        )


def prompt_hash(messages: Sequence[Message]) -> str:
    """Return the SHA-256 of a conversation."""
    turns = [[message.role, clean(message.content)] for message in messages]
    return hashlib.sha256(json.dumps(turns).encode()).hexdigest()
