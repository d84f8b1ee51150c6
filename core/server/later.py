"""Pages that take longest to import, mounted while the rest already answers.

It knows that an app is being made in a thread and who waits for it. It does not know Gradio.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from core.server.logs import logger


class Later:
    """An app that is made after the port is open; what asks for it meanwhile waits.

    `then` runs in a thread of its own once that is over, so that it does not slow the first page.
    """

    def __init__(self, make: Callable[[], FastAPI], then: Callable[[], None]) -> None:
        self._make = make
        self._then = then
        self._made: asyncio.Future[FastAPI]
        self._ending: asyncio.Event

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on once there is something to pass it to."""
        inner = await asyncio.shield(self._made)
        await inner(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Make the app beside the running server, and end it with the server."""
        self._made = asyncio.get_running_loop().create_future()
        self._ending = asyncio.Event()
        # One task from start to end: what the inner app opens it must also close there.
        held = asyncio.create_task(self._hold())
        held.add_done_callback(self._ended)
        try:
            yield
        finally:
            # A thread that still imports is waited for: killed half way, it takes the process down.
            self._ending.set()
            await asyncio.wait({held})

    async def _hold(self) -> None:
        try:
            inner = await to_thread.run_sync(self._make)
        finally:
            if not self._ending.is_set():
                threading.Thread(target=self._then, name="then", daemon=True).start()
        async with inner.router.lifespan_context(inner):
            self._made.set_result(inner)
            await self._ending.wait()

    def _ended(self, held: asyncio.Task[None]) -> None:
        error = None if held.cancelled() else held.exception()
        if error is not None:
            logger().error("the pages could not be made", exc_info=error)
        if not self._made.done():
            self._made.set_exception(error or asyncio.CancelledError())
            self._made.exception()
