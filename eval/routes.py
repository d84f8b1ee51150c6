"""/v1/evaluate, /v1/batch-evals and /v1/evals: runs asked for, followed, read and compared.

It turns requests into questions to the façade and rows into documents. What a run is it does not
know.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request

from core.server.shared import Shared, owner
from eval.asked import (
    EvaluateRequest,
    LabelRequest,
    told_evaluation,
    told_page,
    told_progress,
    told_run,
    told_sample,
)
from eval.desk import Desk
from eval.service import Runs

_Page = Annotated[int, Query(ge=1, le=1_000_000)]
_Size = Annotated[int, Query(ge=1, le=200)]
_Word = Annotated[str, Query(max_length=200)]
_Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    runs = shared.services.evals
    assert isinstance(runs, Runs)
    routes = APIRouter()
    routes.include_router(_asked(shared, runs))
    for part in (_followed, _listed, _read, _changed, internal):
        routes.include_router(part(runs))
    return routes


def internal(runs: Runs) -> APIRouter:
    """Return what commands and workers ask of the process that owns DATA_DIR."""
    routes = APIRouter(prefix="/v1/internal/evals", include_in_schema=False)
    desk = Desk(runs)

    @routes.post("/{name}")
    def answered(name: str, body: dict[str, Any]) -> dict[str, Any]:
        return desk.answer(name, body)

    return routes


def _asked(shared: Shared, runs: Runs) -> APIRouter:
    routes = APIRouter(tags=["evaluations"])

    @routes.post("/v1/evaluate", summary="Score one answer")
    def evaluated(asked: EvaluateRequest, request: Request) -> dict[str, Any]:
        """Score an answer, or make one first; grades, scores and the sample are kept.

        Each grade names the scorer it stands on. A grade of null was not scored, and `why` says
        why.
        """
        shared.admit(request)
        with shared.services.jobs.yielding():
            return told_evaluation(runs.evaluate(asked.model_dump(), owner(request)))

    @routes.post("/v1/batch-evals", status_code=202, summary="Start a run, or a sweep")
    def submitted(asked: dict[str, Any], request: Request, key: _Key = "") -> dict[str, Any]:
        """Queue a run: the body is a configuration, as docs/evals.md lists it.

        With `matrix` there are several runs. The same Idempotency-Key is the same run.
        """
        shared.admit(request)
        if asked.get("matrix"):
            made = runs.sweep(asked, owner(request))
        else:
            made = [runs.submit(asked, owner(request), key=key)]
        return {"id": made[0].id, "runs": [told_run(run) for run in made]}

    return routes


def _followed(runs: Runs) -> APIRouter:
    routes = APIRouter(tags=["evaluations"])

    @routes.get("/v1/batch-evals/{id}", summary="How far a run is")
    def looked(id: str, request: Request) -> dict[str, Any]:
        """Return the progress, and the aggregates as far as they are."""
        who = owner(request)
        progress = runs.progress(id, who)
        return told_progress(runs.get(id, who), progress)

    @routes.delete("/v1/batch-evals/{id}", summary="Cancel a run")
    def cancelled(id: str, request: Request) -> dict[str, Any]:
        """End a run; what is answered is kept, and it can be resumed."""
        return told_run(runs.cancel(id, owner(request)))

    @routes.post("/v1/batch-evals/{id}/resume", status_code=202, summary="Resume a run")
    def resumed(id: str, request: Request) -> dict[str, Any]:
        """Answer what has no answer yet, or ask again what failed."""
        return told_run(runs.resume(id, owner(request)))

    return routes


def _listed(runs: Runs) -> APIRouter:
    routes = APIRouter(prefix="/v1/evals", tags=["evaluations"])

    @routes.get("", summary="Runs")
    def listed(
        request: Request,
        page: _Page = 1,
        size: _Size = 20,
        suite: _Word = "",
        method: _Word = "",
        state: _Word = "",
        text: _Word = "",
        deleted: bool = False,
        sort: _Word = "created",
        descending: bool = True,
    ) -> dict[str, Any]:
        """List runs, the newest first, by the page."""
        found = runs.list(
            owner(request),
            page,
            size,
            suite=suite,
            method=method,
            state=state,
            text=text,
            deleted=deleted,
            sort=sort,
            descending=descending,
        )
        return told_page(found, [told_run(run) for run in found.rows], "runs")

    return routes


def _read(runs: Runs) -> APIRouter:
    routes = APIRouter(prefix="/v1/evals", tags=["evaluations"])

    @routes.get("/compare", summary="Two runs on the same samples")
    def compared(a: _Word, b: _Word, request: Request) -> dict[str, Any]:
        """Compare by paired tests; differences are those of b against a."""
        from eval.compare import told

        return told(runs.compare(a, b, owner(request)))

    @routes.get("/{run_id}", summary="A run")
    def one(run_id: str, request: Request) -> dict[str, Any]:
        """Return a run with its configuration, its origin and what it came to."""
        return told_run(runs.get(run_id, owner(request)))

    @routes.get("/{run_id}/samples", summary="A run's samples")
    def sampled(
        run_id: str,
        request: Request,
        page: _Page = 1,
        size: _Size = 50,
        outcome: _Word = "",
        kind: _Word = "",
        text: _Word = "",
        sort: _Word = "position",
        descending: bool = False,
    ) -> dict[str, Any]:
        """Return samples by the page: question, answer, evidence, scores, steps, times."""
        found = runs.samples(
            run_id,
            owner(request),
            page,
            size,
            outcome=outcome,
            kind=kind,
            text=text,
            sort=sort,
            descending=descending,
        )
        return told_page(found, [told_sample(each) for each in found.rows], "samples")

    return routes


def _changed(runs: Runs) -> APIRouter:
    routes = APIRouter(prefix="/v1/evals", tags=["evaluations"])

    @routes.delete("/{run_id}", summary="Put a run away")
    def deleted_one(run_id: str, request: Request) -> dict[str, Any]:
        """Put a run away; it can be brought back."""
        return told_run(runs.delete(run_id, owner(request)))

    @routes.post("/{run_id}/restore", summary="Bring a run back")
    def restored(run_id: str, request: Request) -> dict[str, Any]:
        """Bring a run back that was put away."""
        return told_run(runs.restore(run_id, owner(request)))

    @routes.post("/{run_id}/samples/{position}/label", summary="Overrule a score")
    def labelled(
        run_id: str, position: int, asked: LabelRequest, request: Request
    ) -> dict[str, Any]:
        """Let a person's word count instead of the score, with a name and a reason."""
        who = owner(request)
        if asked.passed is None:
            return told_sample(runs.unlabel(run_id, position, asked.epoch, who))
        words = (asked.passed, asked.name, asked.reason)
        return told_sample(runs.label(run_id, position, asked.epoch, *words, who))

    return routes
