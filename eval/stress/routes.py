"""What commands ask of the process that owns DATA_DIR, about stress runs.

The doors let nobody else in. What a run is it does not know.
"""

from typing import Any

from fastapi import APIRouter

from core.server.shared import Shared
from eval.stress.desk import Desk
from eval.stress.service import Stress


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    services = shared.services
    return internal(Stress(services.settings, services.jobs))


def internal(stress: Stress) -> APIRouter:
    """Return the routes over any runs."""
    routes = APIRouter(prefix="/v1/internal/stress", include_in_schema=False)
    desk = Desk(stress)

    @routes.post("/{name}")
    def answered(name: str, body: dict[str, Any]) -> dict[str, Any]:
        return desk.answer(name, body)

    return routes
