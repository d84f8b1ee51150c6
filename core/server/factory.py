"""The FastAPI app: layers outside, routes inside, problems for whatever has no route.

It composes. The pages are mounted last, since routes behind a mount at "/" are never reached.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Mount, compile_path

from core.server import problems, visitors
from core.server.bodies import Bodies
from core.server.boundary import Boundary, Traffic
from core.server.doors import Doors
from core.server.gauges import Gauges
from core.server.keys import Keys
from core.server.later import Later
from core.server.limits import Rate, Slots
from core.server.metrics import Metrics
from core.server.routes import (
    chat,
    chats,
    completions,
    front,
    health,
    internal,
    jobs,
    query,
    sessions,
    status,
    telemetry,
)
from core.server.shared import Shared
from core.services import Services

VERSION = "0.1.0"
PARTS = (
    health,
    status,
    telemetry,
    chat,
    query,
    completions,
    chats,
    sessions,
    jobs,
    front,
    internal,
)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    span: {
        "description": text,
        "content": {problems.MEDIA_TYPE: {"schema": problems.ProblemDocument.model_json_schema()}},
    }
    for span, text in (("4XX", "The request cannot be answered as it is."), ("5XX", "Not now."))
}


def build(
    services: Services,
    routers: Sequence[Callable[[Shared], APIRouter]] = (),
    token: str = "",
    rest: Later | None = None,
    uploads: Collection[str] = (),
) -> FastAPI:
    """Return the app.

    `routers` make other packages' routes, of which `uploads` take files, `token` is the lock
    file's, and `rest` is the app that takes every path left over.
    """
    settings = services.settings
    secret = visitors.secret_for(settings)
    slots = Slots(settings.concurrency, settings.queue_length)
    metrics = Metrics(slots)
    metrics.registry.register(Gauges(services.telemetry))
    shared = Shared(
        services=services,
        slots=slots,
        rate=Rate(settings.rate_limit),
        metrics=metrics,
        traffic=Traffic(),
        keys=Keys(settings.keys, secret),
    )
    app = FastAPI(
        lifespan=rest.lifespan if rest else None,
        title="Plumbline",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        responses=_PROBLEMS,
        middleware=[
            Middleware(
                Boundary,
                metrics=shared.metrics,
                traffic=shared.traffic,
                framed=settings.public,
            ),
            Middleware(Doors, settings=settings, secret=secret, token=token),
            Middleware(
                Bodies, limit=settings.body_limit, uploads=uploads, largest=settings.upload_cap
            ),
        ],
        exception_handlers={HTTPException: _told, RequestValidationError: _told},
    )
    app.state.shared = shared
    every = [*(part.router(shared) for part in PARTS), *(router(shared) for router in routers)]
    for router in every:
        app.include_router(router)
    front.mount_assets(app)
    _reserve(app, every)
    if rest:
        app.mount("/", rest)
    return app


def adopt(app: FastAPI) -> FastAPI:
    """Let what is mounted tell its errors in the same shape and travel compressed."""
    for route in app.routes:
        mounted = getattr(route, "app", None)
        if isinstance(route, Mount) and isinstance(mounted, Starlette):
            mounted.add_exception_handler(HTTPException, _told)
            mounted.add_exception_handler(RequestValidationError, _told)
            route.app = GZipMiddleware(mounted, minimum_size=1024, compresslevel=6)
    return app


async def _told(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        problem = problems.from_validation(error)
    else:
        assert isinstance(error, HTTPException)
        problem = problems.from_http(error)
    return problem.response(request.scope["path"], request.state.request_id)


def _reserve(app: FastAPI, routers: list[APIRouter]) -> None:
    """Answer whatever else is asked under our paths, so that it never falls through to a page."""
    ours = [route for router in routers for route in router.routes]

    async def nothing(request: Request) -> Response:
        path = request.scope["path"]
        allowed = sorted({m for route in ours for m in _allowed(route, path)})
        if allowed:
            raise HTTPException(
                405,
                f"{request.method} is not how this route is used; use {' or '.join(allowed)}.",
                {"Allow": ", ".join(allowed)},
            )
        raise HTTPException(404, f"There is no route {request.method} {path[:200]}.")

    firsts = {getattr(route, "path", "/").split("/")[1] for route in ours} - {""}
    for first in sorted(firsts):
        for pattern in (f"/{first}", f"/{first}/{{rest:path}}"):
            app.add_route(pattern, nothing, methods=METHODS, include_in_schema=False)


def _allowed(route: object, path: str) -> set[str]:
    pattern = getattr(route, "path", None)
    methods = getattr(route, "methods", None) or set()
    if pattern is None:
        return set()
    return set(methods) if compile_path(pattern)[0].match(path) else set()
