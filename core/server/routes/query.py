"""POST /v1/rag/query: one question over a corpus, with its evidence. Alias: POST /api/ask."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from core.messages import Message, Stop
from core.server.asked import QueryRequest
from core.server.shapes import Grounded
from core.server.shared import Shared, owner


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["answers"])
    services = shared.services

    @routes.post("/v1/rag/query", summary="Answer a question from a corpus")
    @routes.post("/api/ask", summary="Alias of /v1/rag/query, which also takes `message`")
    async def query(asked: QueryRequest, request: Request) -> Response:
        """Answer with contexts, citations and diagnostics, as JSON or as server-sent events."""
        shared.admit(request)
        options = asked.options(services.settings)
        who = owner(request)

        def source(stop: Stop) -> Iterator[Any]:
            if asked.session_id is not None:
                return services.sessions.send(who, asked.session_id, asked.question, options, stop)
            turn = [Message("user", asked.question)]
            return services.sessions.complete(turn, options, stop)

        shape = Grounded(
            shared.card,
            shared.metrics.answered,
            request.state.request_id,
            options.way,
            len(asked.question),
        )
        return shared.reply(source, shape, asked.stream, asked.question, request)

    return routes
