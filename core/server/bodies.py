"""Request bodies: a cap that holds before the body is in memory, and a limit on slowness.

It counts bytes as they arrive. It does not read what they say. Files that are sent as a form go to
disk as they come, so that they may be larger.
"""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Cap:
    """How many bytes are read of a body, and what to do about one that has more."""

    limit: int
    hint: str

    def refusal(self, size: int | None) -> TooLarge:
        """Return the refusal of a body of at least this size."""
        given = f"The body has at least {size:,} bytes" if size else "The body is too large"
        return TooLarge(f"{given}; at most {self.limit:,} are read.", self.hint)


class Bodies:
    """Refuses bodies that are too large or too slow.

    `uploads` are the paths that take files, which may have up to `largest` bytes.
    """

    def __init__(
        self, app: ASGIApp, limit: int, uploads: Collection[str] = (), largest: int = 0
    ) -> None:
        self._app = app
        self._uploads = uploads
        self._usual = Cap(limit, "Send a smaller one. BODY_LIMIT changes the cap.")
        self._upload = Cap(largest, "Send a smaller one. UPLOAD_LIMIT changes the cap.")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with a body that is counted as it comes."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        cap, announced = self._cap(scope), Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > cap.limit:
            await _drain(receive)
            raise cap.refusal(int(announced) if announced.isdigit() else None)
        await self._counted(scope, receive, send, cap)

    def _cap(self, scope: Scope) -> Cap:
        is_form = Headers(scope=scope).get("content-type", "").startswith("multipart/form-data")
        is_upload = is_form and scope["path"] in self._uploads
        return self._upload if is_upload and self._upload.limit > self._usual.limit else self._usual

    async def _counted(self, scope: Scope, receive: Receive, send: Send, cap: Cap) -> None:
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
            if seen > cap.limit:
                await _drain(receive)
                refused = cap.refusal(seen)
                raise refused
            return message

        async def told(message: Message) -> None:
            # The framework takes any error while reading for bad JSON; say what it really was.
            if refused is not None:
                raise refused
            await send(message)

        await self._app(scope, counted, told)


async def _drain(receive: Receive) -> None:
    dropped = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while dropped < DRAIN_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
