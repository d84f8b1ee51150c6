"""/v1/internal: what Plumbline's own command line asks of the process that owns DATA_DIR.

The doors let a request in only with the token from the lock file.
"""

from typing import Any

from fastapi import APIRouter

from core.assistant import asking
from core.assistant.runs import Runs
from core.server.routes.status import told_status
from core.server.rows import job_row
from core.server.shared import Shared


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/internal", include_in_schema=False)
    jobs, sessions = shared.services.jobs, shared.services.sessions
    runs = Runs(sessions)

    @routes.get("/status")
    def status() -> dict[str, Any]:
        return told_status(shared)

    @routes.get("/jobs")
    def listed() -> dict[str, Any]:
        return {"jobs": [job_row(job) for job in jobs.list()]}

    @routes.post("/jobs/{job_id}/cancel")
    def cancelled(job_id: str) -> dict[str, Any]:
        jobs.cancel(job_id)
        return job_row(jobs.get(job_id))

    @routes.post("/ask")
    def ask(body: dict[str, Any]) -> dict[str, Any]:
        return asking.asked(sessions, body)

    @routes.get("/runs")
    def all_runs() -> dict[str, Any]:
        return runs.list()

    @routes.get("/runs/{run}")
    def replayed(run: str) -> dict[str, Any]:
        return runs.replay(run)

    @routes.post("/runs/{run}/resume")
    def resumed(run: str, body: dict[str, Any]) -> dict[str, Any]:
        return runs.resume(run, asking.way_of(body))

    return routes
