"""Request bodies: a cap that holds before the body is in memory, and a limit on slowness.

It counts bytes as they arrive. It does not read what they say.
"""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import PlumblineError, TooLarge

PATIENCE = 30.0
# A client that is still sending reads its answer only when it is done: take this much and drop
# it, so that it sees why it was refused instead of a broken connection.
DRAIN_BYTES = 64_000_000
DRAIN_S = 3.0


class SlowBody(PlumblineError):
    """The body did not arrive in time."""

    code, status, retryable = "slow_body", 408, True


class Bodies:
    """Refuses bodies that are too large or too slow."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with a body that is counted as it comes."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > self._limit:
            await _drain(receive)
            raise self._refusal(int(announced) if announced.isdigit() else None)
        await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0
        complete = False
        refused: PlumblineError | None = None

        async def counted() -> Message:
            nonlocal seen, complete, refused
            if complete:
                return await receive()
            try:
                async with asyncio.timeout(PATIENCE):
                    message = await receive()
            except TimeoutError:
                refused = SlowBody(
                    f"The body did not arrive within {PATIENCE:g} s.", "Send it again."
                )
                raise refused from None
            seen += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if seen > self._limit:
                await _drain(receive)
                refused = self._refusal(seen)
                raise refused
            return message

        async def told(message: Message) -> None:
            # The framework takes any error while reading for bad JSON; say what it really was.
            if refused is not None:
                raise refused
            await send(message)

        await self._app(scope, counted, told)

    def _refusal(self, size: int | None) -> TooLarge:
        given = f"The body has at least {size:,} bytes" if size else "The body is too large"
        return TooLarge(
            f"{given}; at most {self._limit:,} are read.",
            "Send a smaller one. BODY_LIMIT changes the cap.",
        )


async def _drain(receive: Receive) -> None:
    dropped = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while dropped < DRAIN_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
