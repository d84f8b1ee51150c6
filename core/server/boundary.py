"""The outermost layer: request ids, security headers, one log line, and errors made presentable.

One of the four places where any exception is caught. It knows nothing of who is asking.
"""

import re
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import PlumblineError
from core.server import problems
from core.server.answers import last_words
from core.server.logs import logger
from core.server.metrics import Metrics

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
# Gradio keeps this one open for as long as a tab is; a stop must not wait for it.
ENDLESS = "/gradio_api/heartbeat/"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_API_POLICY = "default-src 'none'; frame-ancestors 'none'"
# Gradio writes its configuration into inline scripts and builds event handlers from strings.
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {frames}"
)


class Traffic:
    """Requests under way that a stop should wait for."""

    def __init__(self) -> None:
        self.busy = 0


class Boundary:
    """Wraps every request, whatever happens inside."""

    def __init__(self, app: ASGIApp, metrics: Metrics, traffic: Traffic, framed: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._traffic = traffic
        frames = "'self' https://huggingface.co https://*.hf.space" if framed else "'self'"
        self._page_policy = _PAGE_POLICY.format(frames=frames)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith(ENDLESS):
            await self._answer(scope, receive, send)
        else:
            self._traffic.busy += 1
            try:
                await self._answer(scope, receive, send)
            finally:
                self._traffic.busy -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def out(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(MutableHeaders(raw=message["headers"]), request_id)
                message["headers"] = [*message["headers"]]
            await send(message)

        try:
            await self._app(scope, receive, out)
        except PlumblineError as error:
            status = await self._tell(scope, receive, out, problems.from_error(error), status)
        except Exception as error:  # noqa: BLE001  the boundary of every request
            logger().error(
                "unexpected", error=type(error).__name__, request_id=request_id, exc_info=error
            )
            status = await self._tell(scope, receive, out, problems.unexpected(), status)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    async def _tell(
        self, scope: Scope, receive: Receive, out: Send, problem: problems.Problem, status: int
    ) -> int:
        """Send a problem, or end a stream under way with it; return the status for the log."""
        request_id = scope["state"]["request_id"]
        if not status:
            await problem.response(scope["path"], request_id)(scope, receive, out)
            return problem.told_status(scope["path"])
        words = last_words(scope, problem, request_id)
        if words is not None:
            await out({"type": "http.response.body", "body": words, "more_body": False})
        return problem.status

    def _add_headers(self, headers: MutableHeaders, request_id: str) -> None:
        page = headers.get("content-type", "").startswith("text/html")
        headers["X-Request-ID"] = request_id
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers.setdefault("Content-Security-Policy", self._page_policy if page else _API_POLICY)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "page")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.request(method, route, status, seconds)
        log = logger()
        say = log.debug if route == "page" and status < 400 else log.info
        say(
            "request",
            method=method,
            path=scope["path"][:200],
            status=status,
            ms=round(seconds * 1000, 1),
            request_id=scope["state"]["request_id"],
        )


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return text if _ID.match(text) else secrets.token_hex(8)
    return secrets.token_hex(8)
