"""A generator that says what it is told to and remembers what it was asked."""

from collections.abc import Iterator, Sequence

from core.messages import Completion, Delta, Message, ModelCard, Params, Stop, Usage


class Says:
    """Says one thing, whatever it is asked."""

    def __init__(self, words: str, kind: str = "bundled", context: int | None = None) -> None:
        self.words, self.kind, self.context = words, kind, context
        self.asked: list[Message] = []

    def card(self) -> ModelCard:
        """Say what it is."""
        return ModelCard("says", self.kind, "says", self.context)  # type: ignore[arg-type]

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        """Say it."""
        self.asked = list(messages)
        yield Delta(self.words)
        yield Usage(10, 5, "stop", 0.1, notices=("slow",))

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        """Say it to each."""
        return [Completion(self.words, Usage(10, 5, "stop", 0.1)) for _ in prompts]
