"""POST /v1/chat: a conversation, the caller's or a kept one, answered. Alias: POST /api/chat."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from core.messages import Stop
from core.server.asked import ChatRequest
from core.server.shapes import Plain
from core.server.shared import Shared, owner


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["answers"])
    services = shared.services

    @routes.post("/v1/chat", summary="Answer a conversation")
    @routes.post("/api/chat", summary="Alias of /v1/chat")
    async def chat(asked: ChatRequest, request: Request) -> Response:
        """Answer `messages`, or a single `prompt`, as JSON or as server-sent events."""
        shared.admit(request)
        messages = asked.conversation()
        options = asked.options(services.settings)
        who = owner(request)

        def source(stop: Stop) -> Iterator[Any]:
            if asked.session_id is not None:
                return services.sessions.send(
                    who, asked.session_id, messages[-1].content, options, stop
                )
            return services.sessions.complete(messages, options, stop)

        given = sum(len(message.content) for message in messages)
        shape = Plain(shared.card, shared.metrics.answered, request.state.request_id, given)
        return shared.reply(source, shape, asked.stream, messages[-1].content, request)

    return routes
