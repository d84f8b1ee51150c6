"""/v1/evals and what belongs to it: runs asked for, followed, read and compared.

It turns requests into questions to the façade and rows into documents. What a run is it does not
know.
"""

from typing import Any

from fastapi import APIRouter

from eval.desk import Desk
from eval.service import Runs


def internal(runs: Runs) -> APIRouter:
    """Return what commands and workers ask of the process that owns DATA_DIR."""
    routes = APIRouter(prefix="/v1/internal/evals", include_in_schema=False)
    desk = Desk(runs)

    @routes.post("/{name}")
    def answered(name: str, body: dict[str, Any]) -> dict[str, Any]:
        return desk.answer(name, body)

    return routes
