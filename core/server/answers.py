"""An answer under way: a thread that runs it, a reply that sends it, and a caller who may leave.

It knows slots, threads and disconnects. It does not know what the items are; a Shape turns them
into JSON or events.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Any, Protocol

from anyio import CapacityLimiter, to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.errors import Stopped
from core.messages import Stop
from core.server.limits import Slots
from core.server.problems import Problem, dumps

Source = Callable[[Stop], Iterator[Any]]
PATIENCE = 5.0
HEARTBEAT = 10.0
_END = object()


class Shape(Protocol):
    """How items become a body: one document, or a row of events."""

    def whole(self, items: list[Any]) -> dict[str, Any]:
        """Return the JSON document of a finished answer."""
        ...

    def events(self, item: Any) -> Iterable[bytes]:  # noqa: ANN401
        """Return the events that tell one item."""
        ...

    def closing(self) -> bytes:
        """Return the last bytes of a stream that went well."""
        ...

    def failed(self, problem: dict[str, Any]) -> bytes:
        """Return the last bytes of a stream that did not."""
        ...


class Answering:
    """Runs a source in a thread of its own once a slot is free."""

    def __init__(self, slots: Slots, source: Source, stream: bool = True) -> None:
        self._slots = slots
        self._source = source
        self._stream = stream
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        self._thread: asyncio.Task[None] | None = None
        self.stop: Stop = threading.Event()

    async def begin(self) -> None:
        """Wait for a slot and start."""
        await self._slots.take(self.stop)
        loop = asyncio.get_running_loop()
        self._thread = loop.create_task(self._in_thread(loop))
        self._thread.add_done_callback(self._ended)

    async def next(self, timeout: float | None = None) -> Any:  # noqa: ANN401
        """Return the next item, or None at the end; raise what the source raised."""
        async with asyncio.timeout(timeout):
            item = await self._queue.get()
        if item is not _END:
            return item
        if self._thread is not None:
            self._thread.result()
        return None

    def leave(self) -> None:
        """Ask the source to end; the slot is freed when its thread has."""
        self.stop.set()

    async def _in_thread(self, loop: asyncio.AbstractEventLoop) -> None:
        def pump() -> None:
            items = self._source(self.stop)
            # Waking the loop for every word of an answer sent whole would only slow both down.
            for some in ([item] for item in items) if self._stream else (list(items),):
                loop.call_soon_threadsafe(self._put, some)

        # The slot already limits how many run; anyio's shared limiter would let answers and
        # short requests starve each other.
        await to_thread.run_sync(pump, abandon_on_cancel=True, limiter=CapacityLimiter(1))

    def _put(self, items: list[Any]) -> None:
        for item in items:
            self._queue.put_nowait(item)

    def _ended(self, thread: asyncio.Task[None]) -> None:
        self._slots.give(self.stop)
        if not thread.cancelled():
            thread.exception()
        self._queue.put_nowait(_END)


class Reply(Response):
    """Sends an answer as JSON or as server-sent events, and stops it when the caller leaves."""

    def __init__(self, answering: Answering, shape: Shape, stream: bool) -> None:
        super().__init__()
        self._answering = answering
        self._shape = shape
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Race the answer against the caller's leaving."""
        work = asyncio.create_task(self._send(scope, receive, send))
        gone = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise Stopped("The caller left before the answer was complete.")
            work.result()
        finally:
            self._answering.leave()
            work.cancel()
            gone.cancel()

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answering.begin()
        if self._stream:
            async with aclosing(self._told(scope)) as told:
                await self._send_events(told, send)
            return
        items = [item async for item in self._items()]
        response = Response(dumps(self._shape.whole(items)), media_type="application/json")
        await response(scope, receive, send)

    async def _items(self) -> AsyncIterator[Any]:
        while (item := await self._answering.next()) is not None:
            yield item

    async def _told(self, scope: Scope) -> AsyncGenerator[bytes, None]:
        """Yield events; nothing before the first item, so that an early error keeps its status."""
        wait = PATIENCE
        while True:
            try:
                item = await self._answering.next(wait)
            except TimeoutError:
                yield b": waiting\n\n"
            else:
                if item is None:
                    break
                for event in self._shape.events(item):
                    yield event
            scope["state"]["last_words"] = self._shape.failed
            wait = HEARTBEAT
        yield self._shape.closing()

    @staticmethod
    async def _send_events(told: AsyncIterator[bytes], send: Send) -> None:
        started = False
        async for chunk in told:
            if not started:
                await send({"type": "http.response.start", "status": 200, "headers": _STREAM})
                started = True
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


_STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


def event(name: str, data: dict[str, Any]) -> bytes:
    """Return one named server-sent event."""
    return b"event: " + name.encode() + b"\ndata: " + dumps(data) + b"\n\n"


def data(value: dict[str, Any]) -> bytes:
    """Return one unnamed server-sent event, as OpenAI's clients read them."""
    return b"data: " + dumps(value) + b"\n\n"


def last_words(scope: Scope, problem: Problem, request_id: str) -> bytes | None:
    """Return the bytes that end a stream under way with an error, if one is under way."""
    failed = scope.get("state", {}).get("last_words")
    return failed(problem.document(scope["path"], request_id)) if failed else None


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
