"""The routes of search and indexes: /v1/embeddings, /v1/retrieve, /v1/rag/indexes.

They read bodies and tell documents. What strangers must not start is refused by the service.
"""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from core.errors import NotFound, TooLarge
from core.server.shared import Shared, owner
from ingest.asked import (
    LONGEST_TEXT,
    MOST_CHARACTERS,
    CommandRequest,
    EmbeddingsRequest,
    IndexRequest,
    RetrieveRequest,
    index_row,
    report_row,
    results_row,
    submitted_row,
)
from ingest.desk import Own
from ingest.service import Ingests


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.include_router(_search(shared))
    routes.include_router(_indexes(shared))
    routes.include_router(_internal(shared))
    return routes


def _search(shared: Shared) -> APIRouter:
    routes = APIRouter(tags=["search"])
    library = shared.services.library

    @routes.post("/v1/retrieve", summary="Search an index")
    @routes.post("/api/retrieve", summary="Alias of /v1/retrieve")
    def retrieve(asked: RetrieveRequest, request: Request) -> dict[str, Any]:
        """Return the chunks that fit a query, with every stage's rank and score.

        `used` is the mode that ran; it is not the one asked for while vectors are missing, and
        `notice` says why. No hits mean that nothing relevant was found; `misses` came nearest.
        """
        shared.admit(request)
        return results_row(library.search(asked.asked()))

    @routes.post("/v1/embeddings", summary="Texts to vectors")
    def embeddings(asked: EmbeddingsRequest, request: Request) -> dict[str, Any]:
        """Return one vector of length one for each text, in OpenAI's shape.

        A text beyond the embedder's window is embedded in windows, whose mean is returned.
        """
        shared.admit(request)
        texts = [asked.input] if isinstance(asked.input, str) else asked.input
        _check_texts(texts)
        _check_model(asked.model, library.embedder.name())
        name, matrix = library.embed(texts)
        if asked.store:
            library.keep(texts, matrix)
        rows = [
            {"object": "embedding", "index": n, "embedding": row.tolist()}
            for n, row in enumerate(matrix)
        ]
        return {"object": "list", "data": rows, "model": name, "stored": asked.store}

    return routes


def _indexes(shared: Shared) -> APIRouter:
    routes = APIRouter(tags=["indexes"])
    library, ingests = shared.services.library, shared.services.ingests

    @routes.get("/v1/rag/indexes", summary="Every index")
    def listed() -> dict[str, Any]:
        """List the indexes, those that are still being built included."""
        rows = [index_row(corpus, ingests.progress(corpus.name)) for corpus in library.list()]
        return {"indexes": rows, "default": library.default}

    @routes.get("/v1/rag/indexes/{id}", summary="An index and its report")
    def one(id: str) -> dict[str, Any]:
        """Return how an index stands, and the report of the ingest that made it."""
        corpus = library.get(id)
        return {**index_row(corpus, ingests.progress(id)), "report": report_row(corpus)}

    @routes.post("/v1/rag/indexes", status_code=202, summary="Build or refresh an index")
    def submitted(asked: IndexRequest, request: Request) -> dict[str, Any]:
        """Start an ingest as a job; the same source again takes in what changed since."""
        shared.admit(request)
        job = ingests.submit(**asked.model_dump(), owner=owner(request))
        return submitted_row(job, library.get(str(job.args["corpus"])))

    @routes.delete("/v1/rag/indexes/{id}", status_code=204, summary="Delete an index")
    def deleted(id: str, request: Request) -> Response:
        """Delete an index with its chunks; the source stays as it is."""
        ingests.delete(id, owner(request))
        return Response(status_code=204)

    return routes


def _internal(shared: Shared) -> APIRouter:
    routes = APIRouter(prefix="/v1/internal", include_in_schema=False)
    services = shared.services
    assert isinstance(services.ingests, Ingests)
    desk = Own(services.jobs, services.library, services.ingests)

    @routes.post("/ingests")
    def submitted(asked: CommandRequest) -> dict[str, Any]:
        return desk.submit(asked.model_dump())

    @routes.get("/ingests/{job_id}")
    def looked(job_id: str) -> dict[str, Any]:
        return desk.look(job_id)

    @routes.get("/indexes")
    def listed() -> dict[str, Any]:
        return desk.indexes()

    @routes.get("/index")
    def default() -> dict[str, Any]:
        return desk.report("")

    @routes.get("/indexes/{name}")
    def reported(name: str) -> dict[str, Any]:
        return desk.report(name)

    @routes.delete("/indexes/{name}")
    def deleted(name: str) -> dict[str, Any]:
        return desk.delete(name)

    @routes.post("/retrieve")
    def retrieved(asked: RetrieveRequest) -> dict[str, Any]:
        return desk.search(asked.model_dump())

    return routes


def _check_texts(texts: list[str]) -> None:
    longest, whole = max(map(len, texts)), sum(map(len, texts))
    if longest > LONGEST_TEXT or whole > MOST_CHARACTERS:
        raise TooLarge(
            f"The longest text has {longest:,} characters, all together {whole:,}; at most "
            f"{LONGEST_TEXT:,} and {MOST_CHARACTERS:,} are embedded at once.",
            "Send shorter texts, or fewer.",
        )


def _check_model(name: str, embedder: str) -> None:
    if name not in ("auto", embedder, embedder.partition("@")[0]):
        raise NotFound(
            f"The embedder {name[:100]!r} is not loaded here.", f"Use {embedder!r}, or 'auto'."
        )
