"""A streamed chat reply, piece by piece, through huggingface_hub's InferenceClient.

The client builds the request and reads the protocol; the connection is our own (see
wire.py), because the client's shared one refuses even this machine under HF_HUB_OFFLINE=1
and cannot be ended while it waits. It counts nothing that the server did not count.
"""

import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from huggingface_hub import InferenceClient
from huggingface_hub.errors import TextGenerationError
from huggingface_hub.inference._common import RequestParameters

from core.errors import BadReply
from core.messages import Message, Params, ToolCall, ToolSpec
from core.models import wire
from core.models.wire import Exchange

DONE = "data: [DONE]"
LARGEST_SEED = 2**63 - 1
LONGEST_ARGUMENTS = 100_000
MOST_CALLS = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event of a reply adds; None means the server did not say."""

    text: str = ""
    finish: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    calls: tuple[tuple[int, ToolCall], ...] = ()

    def over(self, before: "Piece") -> "Piece":
        """Return what is known after this piece, given what was known before.

        A count of zero is what servers send that did not count, so it is unknown. A call comes
        in fragments that are told apart by their number.
        """
        return Piece(
            finish=self.finish or before.finish,
            tokens_in=self.tokens_in or before.tokens_in,
            tokens_out=self.tokens_out or before.tokens_out,
            calls=_joined(before.calls, self.calls),
        )


Pieces = Generator[Piece, None, None]


class WireClient(InferenceClient):
    """The hub's client over one exchange of ours."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(base_url=exchange.address.base, api_key="-")
        self.exchange = exchange
        self.lines: Generator[str, None, None] | None = None
        self.done = False

    def _inner_post(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, request_parameters: RequestParameters, *, stream: bool = False
    ) -> Iterator[str]:
        del stream  # only streamed calls are made through this client
        path = request_parameters.url.removeprefix(self.exchange.address.base)
        body = request_parameters.json
        self.lines = self.exchange.lines(path, body if isinstance(body, dict) else {})
        return self._until_done(self.lines)

    def _until_done(self, lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            self.done = self.done or line.strip() == DONE
            yield line

    def close(self) -> None:
        """End the exchange."""
        if self.lines is not None:
            self.lines.close()
        super().close()


def chat(
    exchange: Exchange, model: str, turns: Sequence[Message], params: Params, with_usage: bool
) -> Pieces:
    """Yield the pieces of a chat completion."""
    client = WireClient(exchange)
    events = client.chat_completion(
        [_turn(turn) for turn in turns],
        model=model,
        stream=True,
        tools=[_tool(spec) for spec in params.tools] or None,  # pyright: ignore
        max_tokens=params.max_tokens,
        temperature=params.temperature,
        top_p=params.top_p if params.temperature > 0 and params.top_p < 1 else None,
        seed=params.seed if params.seed is None else params.seed % LARGEST_SEED,
        stop=list(params.stop) or None,
        stream_options={"include_usage": True} if with_usage else None,  # pyright: ignore
    )
    return guarded(client, events, _chat_piece)


def guarded(client: WireClient, events: Any, read: Any) -> Pieces:  # noqa: ANN401
    """Read events one by one; what is not the protocol becomes a BadReply in words."""
    host = client.exchange.address.host
    known = Piece()
    try:
        events = iter(events)
        while True:
            try:
                piece = read(next(events))
            except StopIteration:
                break
            except TextGenerationError as error:
                raise wire.explain(client.exchange.address, 500, str(error), None) from error
            except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
                raise BadReply(
                    f"{host} sent something that is not the chat protocol ({error}).",
                    "Check that INFERENCE_URL is an OpenAI-style server.",
                ) from error
            known = piece.over(known)
            if piece.text:
                client.exchange.progress()
            yield piece
        if not client.done and known.finish is None:
            raise BadReply(
                f"{host} ended the connection in the middle of the answer.", "Ask again."
            )
    finally:
        client.close()


def _chat_piece(event: Any) -> Piece:  # noqa: ANN401
    piece = _counted(getattr(event, "usage", None))
    if not event.choices:
        return piece
    choice = event.choices[0]
    text = choice.delta.content if choice.delta is not None else None
    if text is not None and not isinstance(text, str):
        raise TypeError("the content is not text")
    asked = getattr(choice.delta, "tool_calls", None) or ()
    calls = tuple(_fragment(each, place) for place, each in enumerate(asked))
    return replace(piece, text=text or "", finish=choice.finish_reason, calls=calls)


def _turn(turn: Message) -> dict[str, Any]:
    told: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.calls:
        told["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in turn.calls
        ]
    return told | ({"tool_call_id": turn.call_id} if turn.call_id else {})


def _tool(spec: ToolSpec) -> dict[str, Any]:
    said = {"name": spec.name, "description": spec.description, "parameters": dict(spec.schema)}
    return {"type": "function", "function": said}


def _fragment(each: Any, place: int) -> tuple[int, ToolCall]:  # noqa: ANN401
    number, called = getattr(each, "index", None), each.function
    name, said = getattr(called, "name", None), getattr(called, "arguments", None)
    # Most servers send the arguments as text, some as the object itself.
    text = said if isinstance(said, str) else "" if said is None else json.dumps(said)
    call = ToolCall(str(getattr(each, "id", None) or ""), str(name or ""), text)
    return (number if isinstance(number, int) else place), call


def _joined(
    before: tuple[tuple[int, ToolCall], ...], more: tuple[tuple[int, ToolCall], ...]
) -> tuple[tuple[int, ToolCall], ...]:
    calls = dict(before)
    for number, call in more:
        known = calls.get(number, ToolCall("", "", ""))
        arguments = known.arguments + call.arguments
        if len(arguments) > LONGEST_ARGUMENTS:
            raise BadReply("The server asks for a tool with arguments that have no end.")
        calls[number] = ToolCall(known.id or call.id, known.name or call.name, arguments)
        if len(calls) > MOST_CALLS:
            raise BadReply(f"The server asks for more than {MOST_CALLS} tools at once.")
    return tuple(sorted(calls.items()))


def _counted(usage: Any) -> Piece:  # noqa: ANN401
    if usage is None:
        return Piece()
    return Piece(tokens_in=usage.prompt_tokens, tokens_out=usage.completion_tokens)
