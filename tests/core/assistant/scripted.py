"""A generator that says one thing after the other, and what it was asked each time."""

import time
from collections.abc import Iterator, Sequence

from core.errors import ModelError
from core.messages import Completion, Delta, Message, ModelCard, Params, Stop, ToolCall, Usage


class Scripted:
    """Says its lines in order; the last is said again. A ToolCall is called, an error raised."""

    def __init__(
        self,
        *lines: "str | ToolCall | Exception",
        kind: str = "endpoint",
        context: int | None = None,
        native: bool = False,
    ) -> None:
        self.lines, self.kind, self.context, self.native = list(lines), kind, context, native
        self.asked: list[list[Message]] = []
        self.params: list[Params] = []
        self.pause = 0.0

    def card(self) -> ModelCard:
        """Say what it is."""
        return ModelCard("scripted", self.kind, "scripted", self.context)  # type: ignore[arg-type]

    def calls_tools(self) -> bool:
        """Say whether it calls tools by a protocol."""
        return self.native

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        """Say the next line, a few letters at a time."""
        self.asked.append(list(messages))
        self.params.append(params)
        line = self.lines.pop(0) if len(self.lines) > 1 else self.lines[0]
        if isinstance(line, Exception):
            raise line
        if isinstance(line, ToolCall):
            yield Usage(10, 5, "stop", 0.1, calls=(line,))
            return
        for start in range(0, len(line), 4):
            if stop.is_set():
                yield Usage(10, None, "stopped", 0.1)
                return
            yield Delta(line[start : start + 4])
            time.sleep(self.pause)
        yield Usage(10, 5, "stop", 0.1)

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        """Not asked of it."""
        raise ModelError("It says its lines one by one.")
