"""Who may come in: which host is named, from which site, with which key, as which visitor.

It looks at headers and the peer's address alone, and never at a URL put together from the Host
header, which a caller can write as he likes. What a visitor may do inside is not decided here.
"""

import hmac
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import Forbidden, Misdirected, Unauthorized
from core.server import keys, visitors
from core.server.handover import TOKEN_HEADER
from core.server.login import page
from core.settings import LOOPBACK, Settings

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/health", "/login", "/favicon.ico"})
OPEN_FOLDERS = ("/assets/fonts/", "/assets/css/", "/assets/svg/", "/assets/js/")
OWNED = ("/v1/", "/api/", "/gradio_api/")
INTERNAL = "/v1/internal/"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?\Z")


class Doors:
    """Lets a request in, or says why not."""

    def __init__(self, app: ASGIApp, settings: Settings, secret: str, token: str) -> None:
        self._app = app
        self._settings = settings
        self._secret = secret
        self._token = token
        self._keys = keys.Keys(settings.keys, secret)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request and pass it on with its owner."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        state["address"] = address(scope, headers, self._settings.public)
        self._check_host(headers)
        _check_site(scope["method"], headers)
        if scope["path"].startswith(INTERNAL):
            self._check_token(headers)
            await self._app(scope, receive, send)
            return
        if not self._may_enter(scope["path"], headers):
            await self._refuse(scope, receive, send, headers)
            return
        await self._as_visitor(scope, receive, send, headers)

    def _check_host(self, headers: Headers) -> None:
        found = _HOST.match(headers.get("host", ""))
        if not found:
            raise Misdirected("The Host header is missing or malformed.", "Send a valid one.")
        if self._settings.is_loopback and found[1].strip("[]").lower() not in LOOPBACK:
            raise Misdirected(
                "This server answers to localhost only.",
                "Open it as http://localhost, or set HOST and API_KEYS to serve others.",
            )

    def _check_token(self, headers: Headers) -> None:
        given = headers.get(TOKEN_HEADER, "").encode("utf-8", "replace")
        if not self._token or not hmac.compare_digest(given, self._token.encode()):
            raise Unauthorized("This route is for Plumbline's own command line.")

    def _may_enter(self, path: str, headers: Headers) -> bool:
        if not self._keys.wanted or path in OPEN_PATHS or path.startswith(OPEN_FOLDERS):
            return True
        key = keys.presented(headers)
        if key is not None:
            return self._keys.fits(key)
        return self._keys.knows(_cookies(headers).get(keys.COOKIE, ""))

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        wants_page = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
        if wants_page:
            await page(self._settings.theme, scope["path"], status=401)(scope, receive, send)
            return
        given = keys.presented(headers) is not None
        raise Unauthorized(
            "The API key is not one of those that may be used here."
            if given
            else "A key is needed.",
            "Send it as Authorization: Bearer KEY or x-api-key: KEY, or open /login in a browser.",
        )

    async def _as_visitor(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers
    ) -> None:
        known = visitors.owner_from(headers, _cookies(headers), self._secret)
        key = keys.presented(headers) if self._keys.wanted else None
        if known is None and key is not None:
            known = visitors.key_owner(key)
        owner = known or visitors.new_owner()
        scope["state"].update(owner=owner, known=known is not None)
        introduce = known is None and (scope["path"] == "/" or scope["path"].startswith(OWNED))

        async def out(message: Message) -> None:
            if introduce and message["type"] == "http.response.start":
                signed = visitors.token(owner, self._secret)
                added = MutableHeaders(raw=list(message.get("headers", [])))
                added.append("Set-Cookie", self._cookie(visitors.COOKIE, signed, scope, headers))
                added[visitors.HEADER] = signed
                message["headers"] = added.raw
            await send(message)

        await self._app(scope, receive, out)

    def _cookie(self, name: str, value: str, scope: Scope, headers: Headers) -> str:
        secure = is_https(scope, headers, self._settings.public)
        return visitors.cookie(name, value, framed=self._settings.public, secure=secure)


def address(scope: Scope, headers: Headers, public: bool) -> str:
    """Return the caller's address; behind a public proxy, the one the proxy itself saw."""
    forwarded = headers.get("x-forwarded-for", "") if public else ""
    last = forwarded.rsplit(",", 1)[-1].strip()
    client = scope.get("client")
    return last[:64] or (client[0] if client else "unknown")


def is_https(scope: Scope, headers: Headers, public: bool) -> bool:
    """Say whether the browser came by https, as a public proxy tells it."""
    if public and "x-forwarded-proto" in headers:
        return headers["x-forwarded-proto"].split(",")[0].strip() == "https"
    return scope.get("scheme") == "https"


def _check_site(method: str, headers: Headers) -> None:
    """Refuse changes that another site's page sends through a visitor's browser."""
    if method in _SAFE:
        return
    site = headers.get("sec-fetch-site")
    if site is not None:
        foreign = site not in ("same-origin", "none")
    else:
        origin = headers.get("origin")
        foreign = origin is not None and urlsplit(origin).netloc != headers.get("host")
    if foreign:
        raise Forbidden(
            "This request comes from another site's page.",
            "Send it from Plumbline's own page, or from a program instead of a browser.",
        )


def _cookies(headers: Headers) -> dict[str, str]:
    return cookie_parser(headers.get("cookie", ""))
