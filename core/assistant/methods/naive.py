"""The question alone, as the oldest way of asking a language model has it.

It knows one form of words. It searches nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.assistant.methods.chat import Chat
from core.assistant.prompting import prompt
from core.messages import Delta, Message, ModelCard, Params, Stop
from core.seams import Answer, Generator, Step


class Naive:
    """Answer by asking `Question: … Answer:` and nothing else."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def card(self) -> ModelCard:
        """Say which model answers."""
        return self._generator.card()

    def answer(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Step | Delta | Answer]:
        """Stream the model's words, then the whole answer."""
        asked = prompt("naive")
        turn = Message("user", asked.fill(question=messages[-1].content))
        for item in Chat(self._generator).answer([*messages[:-1], turn], params, stop):
            yield replace(item, prompts=(asked.mark,)) if isinstance(item, Answer) else item
