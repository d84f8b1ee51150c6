"""Plain conversation: what the model says to the messages as they are, with nothing retrieved.

It knows how a generator's stream becomes an answer. It does not know which model that is.
"""

from collections.abc import Iterator, Sequence

from core.errors import BadReply
from core.messages import Delta, Message, ModelCard, Params, Stop, Usage
from core.seams import Answer, Generator, Step


class Chat:
    """Answer by passing the conversation to a language model."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def card(self) -> ModelCard:
        """Say which model answers."""
        return self._generator.card()

    def answer(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Step | Delta | Answer]:
        """Stream the model's words, then the whole answer."""
        pieces: list[str] = []
        for item in self._generator.stream(messages, params, stop):
            if isinstance(item, Usage):
                yield Answer("".join(pieces), usage=(item,), notices=item.notices)
                return
            pieces.append(item.text)
            yield item
        raise BadReply(
            "The model's answer ended without saying how.", "Ask again; it may have been cut off."
        )
