"""The routes of suites: /v1/datasets.

They read uploads and tell documents. What a visitor may see, bring and delete is decided by the
service.
"""

import shutil
import tempfile
from pathlib import Path
from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request, UploadFile
from pydantic import Field
from starlette.responses import JSONResponse, Response, StreamingResponse

from core.errors import Unwritable
from core.server.shared import Shared, owner
from eval.datasets.asked import (
    DatasetRequest,
    FileRequest,
    WriteRequest,
    item_row,
    problems_row,
    suite_row,
)
from eval.datasets.desk import Own
from eval.datasets.files import form_of
from eval.datasets.intake import BadRows
from eval.datasets.service import PAGE, Datasets
from eval.datasets.writing import MEDIA, pieces

MOST = 500
UPLOADS = ("/v1/datasets",)
Version = Annotated[str | None, Query(max_length=64, description="Blank: the newest.")]


class UploadRequest(DatasetRequest):
    """A file that becomes a suite."""

    file: UploadFile = Field(description="CSV, JSON lines, JSON or Parquet.")


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    datasets = Datasets(shared.services.settings, shared.services.store)
    routes = APIRouter()
    routes.include_router(_read(datasets))
    routes.include_router(_changed(shared, datasets))
    routes.include_router(_internal(datasets))
    return routes


def _read(datasets: Datasets) -> APIRouter:
    routes = APIRouter(tags=["datasets"])

    @routes.get("/v1/datasets", summary="Every suite")
    def listed(request: Request) -> dict[str, Any]:
        """List the bundled suites and those that were brought here."""
        return {"datasets": [suite_row(suite) for suite in datasets.list(owner(request))]}

    @routes.get("/v1/datasets/{name}", summary="A suite with its card")
    def one(name: str, request: Request, version: Version = None) -> dict[str, Any]:
        """Return a suite, its card in Markdown, and its versions, newest first."""
        suite = datasets.get(name, owner(request), version)
        versions = [each.version for each in datasets.versions(name, owner(request))]
        return {**suite_row(suite), "card": suite.card, "versions": versions}

    @routes.get("/v1/datasets/{name}/items", summary="The questions of a suite, by page")
    def items(
        name: str,
        request: Request,
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        size: Annotated[int, Query(ge=1, le=MOST)] = PAGE,
        version: Version = None,
    ) -> dict[str, Any]:
        """Return one page of items, in the order of the file."""
        suite = datasets.get(name, owner(request), version)
        found = datasets.items(name, owner(request), suite.version, (page - 1) * size, size)
        told = {"version": suite.version, "total": suite.count, "page": page, "size": size}
        return {**told, "items": [item_row(item) for item in found]}

    @routes.get("/v1/datasets/{name}/export", summary="A suite as a file")
    def exported(
        name: str,
        request: Request,
        format: Literal["jsonl", "csv"] = "jsonl",
        version: Version = None,
    ) -> Response:
        """Stream the whole suite; in CSV, cells that a spreadsheet would run are escaped."""
        suite = datasets.get(name, owner(request), version)
        found = datasets.items(name, owner(request), suite.version)
        shown = {"Content-Disposition": f'attachment; filename="{suite.name}.{format}"'}
        return StreamingResponse(pieces(found, format), 200, shown, MEDIA[format])

    return routes


def _changed(shared: Shared, datasets: Datasets) -> APIRouter:
    routes = APIRouter(tags=["datasets"])

    @routes.post("/v1/datasets", status_code=201, summary="Bring a suite")
    def brought(
        asked: Annotated[UploadRequest, Form(media_type="multipart/form-data")], request: Request
    ) -> Response:
        """Take in a file whole, or say of every row that cannot be used why, and keep nothing.

        The same content again is the same version: 200 instead of 201. With `check` nothing is
        kept, and the answer lists up to a thousand bad rows.
        """
        shared.admit(request)
        who, sent = owner(request), Path(asked.file.filename or "").name[:200]
        datasets.check_room(asked.name, who)
        form = asked.format or form_of(sent)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"upload.{form}"
            lay(asked.file.file, path)
            try:
                found = datasets.examine(path, asked.mapping(), form, asked.encoding, who)
            except BadRows as bad:
                if asked.check:
                    return JSONResponse(problems_row(bad.problems, bad.total))
                raise
            if asked.check:
                told = {"version": found.version, "kinds": found.kinds}
                return JSONResponse({"usable": True, "rows": found.count, "bad": 0, **told})
            known = _known(datasets, asked.name, found.version)
            about = asked.about({"file": sent, "form": form})
            suite = datasets.keep(asked.name, found, about, who)
        return JSONResponse(suite_row(suite), 200 if known else 201)

    @routes.delete("/v1/datasets/{name}", status_code=204, summary="Delete a suite")
    def deleted(name: str, request: Request) -> Response:
        """Delete a suite that was brought, all of its versions; runs over it stay as they are."""
        datasets.delete(name, owner(request))
        return Response(status_code=204)

    return routes


def _internal(datasets: Datasets) -> APIRouter:
    routes = APIRouter(prefix="/v1/internal", include_in_schema=False)
    desk = Own(datasets)

    @routes.get("/datasets")
    def listed() -> dict[str, Any]:
        return desk.list()

    @routes.get("/datasets/{name}")
    def shown(name: str) -> dict[str, Any]:
        return desk.show(name)

    @routes.post("/datasets")
    def added(asked: FileRequest) -> dict[str, Any]:
        return desk.add(asked.model_dump())

    @routes.post("/datasets/{name}/export")
    def exported(name: str, asked: WriteRequest) -> dict[str, Any]:
        return desk.export(name, asked.model_dump())

    @routes.delete("/datasets/{name}")
    def deleted(name: str) -> dict[str, Any]:
        return desk.delete(name)

    return routes


def lay(sent: IO[bytes], target: Path) -> None:
    """Write a file that was sent where it can be read."""
    try:
        with target.open("wb") as file:
            shutil.copyfileobj(sent, file)
    except OSError as error:
        raise Unwritable(
            f"The file could not be taken in: {error.strerror or error}.",
            "Free some space on the disk of temporary files, and send it again.",
        ) from error


def _known(datasets: Datasets, name: str, version: str) -> bool:
    every = [suite for suite in datasets.list() if suite.name == name]
    return bool(every) and version in {each.version for each in datasets.versions(name)}
