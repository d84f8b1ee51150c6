"""An OpenAI-style server as a Generator, spoken to through huggingface_hub's InferenceClient.

It finds out what the server is and which model it serves, streams, retries before the first
piece only, and counts only what the server counted. It never loads a model.
"""

import copy
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from core.errors import BadInput, ContextOverflow, PlumblineError, Stopped
from core.messages import Completion, Delta, Finish, Message, ModelCard, Params, Stop, Usage
from core.models import replies, tgi, tooluse, wire
from core.models.discover import TGI, Server, discover
from core.models.prompt import CHOOSE, cleaned, left_out, oldest_turn
from core.models.replies import Piece, Pieces
from core.models.wire import Address, Exchange
from core.settings import Settings

ATTEMPTS = 3
BEYOND = 2
_backoff = wait_exponential_jitter(multiplier=0.2, max=2.0, jitter=0.2)


class Endpoint:
    """A Generator that asks the server at INFERENCE_URL."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._address = Address(
            wire.base_of(settings.inference_url),
            settings.inference_key.get_secret_value(),
            settings.connect_timeout,
            settings.read_timeout,
            hidden=settings.public,
        )
        self._server: Server | None = None
        self._with_usage = True
        self._calls_tools: dict[str, bool] = {}
        self._attempts = ATTEMPTS

    def once(self) -> "Endpoint":
        """Return the same server, asked once for an answer: for callers that count the tries."""
        other = copy.copy(self)
        other._attempts = 1
        return other

    def probe(self) -> Server:
        """Ask the server what it is and which model it serves; raises what is wrong."""
        self._server = discover(self._address, self._settings.model_name)
        return self._server

    def card(self) -> ModelCard:
        """Say which model answers, as far as the server told."""
        name = self._server.model if self._server else self._settings.model_name
        if self._settings.public:
            # Some servers name a model by its folder, which is nobody else's matter.
            name = name.rstrip("/").rpartition("/")[2]
        return ModelCard(
            name=name or self._address.host,
            kind="endpoint",
            label=f"{name or 'the model'}{self._address.at}",
            context_length=self._context(),
            server=self._server.kind if self._server else None,
            notices=self._server.notices if self._server else (),
        )

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        """Yield the answer as it arrives, then its usage."""
        since = time.perf_counter()
        params, notices = self._fit(params)
        known, first, shown = Piece(), None, 0
        reply = self._reply(cleaned(messages), params, stop, notices)
        try:
            for piece in reply:
                known = piece.over(known)
                if piece.text:
                    first = time.perf_counter() - since if first is None else first
                    yield Delta(piece.text)
                    shown += 1
                if stop.is_set():
                    break
                if shown > params.max_tokens * BEYOND:
                    notices.append("The server went on past the longest answer; it was cut off.")
                    known = Piece(finish="length")
                    break
        except Stopped:
            pass
        finally:
            reply.close()
        yield Usage(
            tokens_in=known.tokens_in,
            tokens_out=known.tokens_out,
            finish=_finish(known, stop),
            total_s=time.perf_counter() - since,
            first_token_s=first,
            notices=tuple(notices),
            calls=tuple(call for _, call in known.calls),
        )

    def calls_tools(self) -> bool:
        """Say whether the server's model calls tools by the protocol; it is tried once."""
        server = self._server or self.probe()
        if server.kind == TGI:
            return False
        if server.model not in self._calls_tools:
            told = tooluse.tried(self)
            if told is None:
                return False
            self._calls_tools[server.model] = told
        return self._calls_tools[server.model]

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        """Answer many prompts, a few at once; a failed one carries its error."""
        at_once = max(1, min(size, self._settings.concurrency))
        with ThreadPoolExecutor(at_once, thread_name_prefix="plumbline-batch") as pool:
            return list(pool.map(lambda messages: self._complete(messages, params), prompts))

    def close(self) -> None:
        """Nothing is held between answers."""

    def _complete(self, messages: Sequence[Message], params: Params) -> Completion:
        text, usage, since = "", None, time.perf_counter()
        try:
            for part in self.stream(messages, params, Stop()):
                if isinstance(part, Delta):
                    text += part.text
                else:
                    usage = part
        except PlumblineError as error:
            failed = Usage(None, None, "error", time.perf_counter() - since)
            return Completion(text, failed, error.message)
        assert usage is not None, "a stream ends with its usage"
        return Completion(text, usage)

    def _context(self) -> int | None:
        known = self._server.context_length if self._server else None
        wanted = self._settings.context_length
        return min(known, wanted) if known and wanted else known or wanted

    def _fit(self, params: Params) -> tuple[Params, list[str]]:
        """Ask for no more tokens than the server's context could hold, where it is known."""
        context = self._context()
        if context is None or params.max_tokens < context:
            return params, []
        room = max(1, context // 2)
        notice = (
            f"The answer may have {room:,} tokens instead of {params.max_tokens:,}: "
            f"the context holds {context:,}."
        )
        return replace(params, max_tokens=room), [notice]

    def _reply(
        self, turns: list[Message], params: Params, stop: Stop, notices: list[str]
    ) -> Pieces:
        """Yield pieces; where the chat is too long, drop the oldest turns and say so."""
        given = len(turns)
        while True:
            try:
                first, rest = self._open(turns, params, stop)
                break
            except ContextOverflow as error:
                oldest = oldest_turn(turns)
                if oldest is None:
                    raise
                if (params.overflow or self._settings.overflow) != "drop":
                    raise ContextOverflow(error.message, CHOOSE) from error
                del turns[oldest]
        if len(turns) < given:
            notices.append(left_out(given - len(turns)))
        try:
            yield first
            yield from rest
        finally:
            rest.close()

    def _open(self, turns: Sequence[Message], params: Params, stop: Stop) -> tuple[Piece, Pieces]:
        """Start a reply and wait for its first text, trying again while nothing was shown."""
        attempts = Retrying(
            stop=stop_after_attempt(self._attempts),
            wait=_wait,
            retry=retry_if_exception(wire.is_passing),
            sleep=lambda seconds: (stop.wait(seconds), None)[1],
            reraise=True,
        )
        return attempts(self._begin, turns, params, stop)

    def _begin(self, turns: Sequence[Message], params: Params, stop: Stop) -> tuple[Piece, Pieces]:
        if stop.is_set():
            raise Stopped("The answer was stopped.")
        pieces = self._pieces(turns, params, stop)
        try:
            return _first(pieces), pieces
        except BadInput as error:
            # Older servers do not know the option that makes them count tokens.
            if not self._with_usage or "stream_options" not in error.message:
                raise
        self._with_usage = False
        return self._begin(turns, params, stop)

    def _pieces(self, turns: Sequence[Message], params: Params, stop: Stop) -> Pieces:
        server = self._server or self.probe()
        exchange = Exchange(self._address, stop)
        if server.kind == TGI:
            return tgi.pieces(exchange, turns, params)
        return replies.chat(exchange, server.model, turns, params, self._with_usage)


def _first(pieces: Pieces) -> Piece:
    """Return everything up to and with the first text as one piece."""
    known = Piece()
    for piece in pieces:
        known = replace(piece.over(known), text=piece.text)
        if piece.text:
            break
    return known


def _finish(known: Piece, stop: Stop) -> Finish:
    if stop.is_set():
        return "stopped"
    return "length" if known.finish == "length" else "stop"


def _wait(state: RetryCallState) -> float:
    """Wait as long as the server asked for, or a little longer each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, PlumblineError) else None
    return asked if asked is not None else _backoff(state)
