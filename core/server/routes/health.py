"""Alive, ready, counted: /healthz, /readyz, /metrics, and the aliases of the earlier plan."""

from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response

from core.server.paths import without_paths
from core.server.shapes import name_of
from core.server.shared import Shared
from core.telemetry.health import Report

RETRY_S = "5"


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", summary="Alive")
    @routes.get("/health", summary="Alias of /healthz")
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/api/hello", summary="A greeting")
    async def hello() -> dict[str, str]:
        return {"message": "Plumbline is running.", "model": name_of(shared.card())}

    @routes.get("/readyz", summary="Ready to answer")
    def ready() -> JSONResponse:
        """Say 200 when a question asked now is answered, 503 when not (yet)."""
        told = told_report(shared.services.health.report())
        serving = told["status"] in ("ok", "degraded")
        headers = None if serving else {"Retry-After": RETRY_S}
        return JSONResponse(told, 200 if serving else 503, headers)

    @routes.get("/metrics", summary="Counters for Prometheus")
    def metrics() -> Response:
        return Response(shared.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return routes


def told_report(report: Report) -> dict[str, Any]:
    """Return a health report as it is sent; a model that is still loading cannot answer yet."""
    warming = any(part.name == "model" and part.state == "warming" for part in report.parts)
    status = "warming" if warming and report.status != "down" else report.status
    return {
        "status": status,
        "sentence": without_paths(report.sentence),
        "parts": {
            part.name: {
                "state": part.state,
                "reason": without_paths(part.reason),
                "hint": without_paths(part.hint),
            }
            for part in report.parts
        },
    }
