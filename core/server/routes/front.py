"""What a browser fetches besides the page: the key form, the API docs, fonts, styles, drawings."""

from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from fastapi import APIRouter, FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import Unauthorized
from core.server import keys, visitors
from core.server.doors import is_https
from core.server.limits import Rate
from core.server.login import local, page
from core.server.shared import Shared

ASSETS = Path(__file__).resolve().parents[3] / "assets"
# Fonts never change under their name; the others are asked about once an hour.
FOLDERS = {"fonts": "public, max-age=31536000, immutable", "css": "public, max-age=3600"} | {
    name: "public, max-age=3600" for name in ("js", "svg", "swagger")
}
LOGINS = "10/minute"

_DOCS = Template("""<!doctype html>
<html lang="en" data-palette="$palette" data-scheme="light"><head><meta charset="utf-8">
<title>Plumbline API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="/docs/scheme.js"></script>
<link rel="icon" type="image/svg+xml" href="/assets/svg/favicon.svg">
<link rel="stylesheet" href="/assets/swagger/swagger-ui.css">
<link rel="stylesheet" href="/assets/css/tokens.css">
<link rel="stylesheet" href="/assets/css/fonts.css">
<link rel="stylesheet" href="/assets/css/api.css"></head>
<body><header class="api-head"><a class="wordmark" href="/">$wordmark<span>Plumbline</span></a>
<a href="/">Back to the pages</a></header><div id="docs"></div>
<script src="/assets/swagger/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body></html>""")
_SCHEME = (
    'let kept = null; try { kept = localStorage.getItem("plumbline-scheme"); } catch {} '
    'const dark = matchMedia("(prefers-color-scheme: dark)").matches; '
    'document.documentElement.dataset.scheme = kept || (dark ? "dark" : "light");'
)
_DOCS_START = (
    'SwaggerUIBundle({url: "/openapi.json", dom_id: "#docs", deepLinking: true, '
    "validatorUrl: null, presets: [SwaggerUIBundle.presets.apis]});"
)
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'self'"
)


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)
    settings = shared.services.settings
    attempts = Rate(LOGINS)

    @routes.get("/login")
    async def login() -> HTMLResponse:
        return page(settings.theme, "/")

    @routes.post("/login")
    async def enter(request: Request) -> Response:
        attempts.check(None, request.state.address)
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        next_path = local(form.get("next", ["/"])[0])
        if not shared.keys.wanted:
            return RedirectResponse(next_path, 303)
        if not shared.keys.fits(form.get("key", [""])[0]):
            return page(settings.theme, next_path, Unauthorized.status, wrong=True)
        response = RedirectResponse(next_path, 303)
        secure = is_https(request.scope, request.headers, settings.public)
        session = shared.keys.session()
        value = visitors.cookie(keys.COOKIE, session, settings.public, secure, keys.MONTH)
        response.raw_headers.append((b"set-cookie", value.encode()))
        return response

    @routes.get("/docs")
    async def docs() -> HTMLResponse:
        wordmark = (ASSETS / "svg/wordmark.svg").read_text(encoding="utf-8")
        text = _DOCS.substitute(palette=settings.theme, wordmark=wordmark)
        return HTMLResponse(text, headers={"Content-Security-Policy": _DOCS_POLICY})

    @routes.get("/docs/scheme.js")
    async def scheme() -> Response:
        return Response(_SCHEME, media_type="text/javascript")

    @routes.get("/docs/start.js")
    async def start() -> Response:
        return Response(_DOCS_START, media_type="text/javascript")

    return routes


def mount_assets(app: FastAPI) -> None:
    """Serve the folders a browser needs, and nothing else of assets."""
    for name, cache in FOLDERS.items():
        files: ASGIApp = Cached(StaticFiles(directory=ASSETS / name, check_dir=False), cache)
        app.mount(f"/assets/{name}", GZipMiddleware(files, compresslevel=6), name=name)


class Cached:
    """Adds Cache-Control to what is found."""

    def __init__(self, app: ASGIApp, cache: str) -> None:
        self._app = app
        self._cache = cache.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one file."""

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                message["headers"] = [*message["headers"], (b"cache-control", self._cache)]
            await send(message)

        await self._app(scope, receive, out)
