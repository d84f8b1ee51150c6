"""Text Generation Inference spoken to natively: `/chat_tokenize`, then `/generate_stream`.

The native route counts every token, prompt included. The server renders its own chat
template. TGI is archived: supported where it runs, needed nowhere.
"""

from collections.abc import Sequence
from typing import Any

from core.errors import BadReply
from core.messages import Message, Params
from core.models.replies import LARGEST_SEED, Piece, Pieces, WireClient, guarded
from core.models.wire import Exchange, post

GENERATE = "/generate_stream"
TEMPLATE = "/chat_tokenize"


def pieces(exchange: Exchange, turns: Sequence[Message], params: Params) -> Pieces:
    """Yield the pieces of a native reply."""
    prompt, tokens_in = _templated(exchange, turns)
    client = WireClient(exchange)
    sampled = params.temperature > 0
    events = client.text_generation(
        prompt,
        model=exchange.address.base + GENERATE,
        stream=True,
        details=True,
        do_sample=sampled,
        max_new_tokens=params.max_tokens,
        temperature=params.temperature if sampled else None,
        top_p=params.top_p if sampled and params.top_p < 1 else None,
        seed=params.seed if params.seed is None else params.seed % LARGEST_SEED,
        stop=list(params.stop) or None,
    )

    def read(event: Any) -> Piece:  # noqa: ANN401
        details = event.details
        return Piece(
            text="" if event.token.special else event.token.text,
            finish=details.finish_reason if details else None,
            tokens_in=(details and details.input_length) or tokens_in,
            tokens_out=details.generated_tokens if details else None,
        )

    return guarded(client, events, read)


def _templated(exchange: Exchange, turns: Sequence[Message]) -> tuple[str, int | None]:
    """Let the server render its chat template; returns the prompt and its number of tokens."""
    body = {"messages": [{"role": turn.role, "content": turn.content} for turn in turns]}
    reply = post(exchange.address, TEMPLATE, body)
    text = reply.get("templated_text") if isinstance(reply, dict) else None
    if not isinstance(text, str):
        raise BadReply(
            f"{exchange.address.host} did not render the chat.",
            "Use a TGI of version 2 or later, or any OpenAI-style server.",
        )
    tokens = reply.get("tokenize_response")
    return text, len(tokens) if isinstance(tokens, list) and tokens else None
