"""/v1/jobs: a visitor's detached work, seen and cancelled."""

from typing import Any

from fastapi import APIRouter, Request

from core.errors import NotFound
from core.server.rows import job_row
from core.server.shared import Shared, owner


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["jobs"])
    jobs = shared.services.jobs

    @routes.get("/v1/jobs", summary="Your jobs")
    def listed(request: Request) -> dict[str, Any]:
        mine = [job for job in jobs.list() if job.owner == owner(request)]
        return {"jobs": [job_row(job) for job in mine]}

    @routes.post("/v1/jobs/{job_id}/cancel", summary="Cancel a job")
    def cancelled(job_id: str, request: Request) -> dict[str, Any]:
        if jobs.get(job_id).owner != owner(request):
            raise NotFound("There is no such job.", "GET /v1/jobs lists yours.")
        jobs.cancel(job_id)
        return job_row(jobs.get(job_id))

    return routes
