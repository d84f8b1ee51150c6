"""/v1/sessions: a kept conversation with what it weighs, its export, and what was thought of it.

A session is a chat; /v1/chats lists and asks, this tells. Alias: /api/session/{id}.
"""

from typing import Any, Literal

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from core.assistant.figures import figures, markdown
from core.server.asked import FeedbackRequest
from core.server.problems import dumps
from core.server.routes.telemetry import told_memory, told_wear
from core.server.rows import chat_row, feedback_row, message_row
from core.server.shared import Shared, owner


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["sessions"])
    services = shared.services
    chats = services.chats

    def told(id: str, request: Request) -> dict[str, Any]:
        who = owner(request)
        messages = chats.messages(who, id)
        return {
            **chat_row(chats.get(who, id)),
            "messages": [message_row(message) for message in messages],
            "message_count": len(messages),
            "feedback": [feedback_row(each) for each in services.feedback.of_chat(who, id)],
            "metrics": figures(messages, services.catalog.state.card),
        }

    @routes.get("/v1/sessions/{id}", summary="A session with its messages and figures")
    @routes.get("/api/session/{id}", summary="Alias of /v1/sessions/{id}")
    def one(id: str, request: Request) -> dict[str, Any]:
        return told(id, request)

    @routes.get("/v1/sessions/{id}/export", summary="A session as a file")
    def exported(
        id: str, request: Request, format: Literal["json", "markdown"] = "json"
    ) -> Response:
        """Return everything of a session, as JSON or as Markdown to read."""
        if format == "markdown":
            who = owner(request)
            text = markdown(chats.get(who, id).title, chats.messages(who, id))
            name = f"chat-{id}.md"
            response: Response = PlainTextResponse(text, media_type="text/markdown")
        else:
            name, response = f"chat-{id}.json", Response(dumps(told(id, request)))
            response.headers["content-type"] = "application/json"
        response.headers["content-disposition"] = f'attachment; filename="{name}"'
        return response

    @routes.delete("/v1/sessions/{id}", status_code=204, summary="Delete a session")
    def deleted(id: str, request: Request) -> None:
        services.sessions.delete(owner(request), id)

    _memory(routes, shared)
    _feedback(routes, shared)
    return routes


def _memory(routes: APIRouter, shared: Shared) -> None:
    services = shared.services

    @routes.get("/v1/sessions/{id}/memory", summary="What a session weighs, by where it lies")
    def memory(id: str, request: Request) -> dict[str, Any]:
        """Return what the model keeps of a session, and what came of keeping it."""
        messages = services.chats.messages(owner(request), id)
        weighs = figures(messages, services.catalog.state.card)
        kept = services.telemetry.memory(id)
        return {
            "id": id,
            "origin": "measured",
            "messages": len(messages),
            "context": {
                "tokens": weighs["tokens"],
                "reused": weighs["tokens_reused"],
                "length": weighs["context_length"],
                "use": weighs["context_use"],
            },
            **told_memory(kept, "" if kept else services.telemetry.silence()),
            "drive_writes": told_wear(services.telemetry.wear()),
        }


def _feedback(routes: APIRouter, shared: Shared) -> None:
    feedback = shared.services.feedback

    @routes.post(
        "/v1/sessions/{id}/messages/{position}/feedback",
        status_code=201,
        summary="Say what you think of an answer",
    )
    def thought(id: str, position: int, asked: FeedbackRequest, request: Request) -> dict[str, Any]:
        """Keep a thumb, a comment, or that an answer was copied or edited."""
        kept = feedback.add(owner(request), id, position, asked.kind, asked.words)
        return feedback_row(kept)

    @routes.delete(
        "/v1/sessions/{id}/messages/{position}/feedback",
        status_code=204,
        summary="Take a thumb back",
    )
    def taken_back(id: str, position: int, request: Request) -> None:
        feedback.take_back(owner(request), id, position)
