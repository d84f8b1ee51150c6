"""/v1/chats: the conversations that Plumbline keeps for a visitor."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from core.messages import Stop
from core.server.asked import MessageRequest, NewChatRequest, TitleRequest
from core.server.rows import chat_row, message_row
from core.server.shapes import Plain
from core.server.shared import Shared, owner


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["chats"])
    services = shared.services
    chats = services.chats

    @routes.get("/v1/chats", summary="Your chats, newest first")
    def listed(
        request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> dict[str, Any]:
        return {"chats": [chat_row(chat) for chat in chats.list(owner(request), limit)]}

    @routes.post("/v1/chats", status_code=201, summary="Open a chat")
    def opened(request: Request, new: NewChatRequest | None = None) -> dict[str, Any]:
        return chat_row(chats.create(owner(request), (new or NewChatRequest()).title))

    @routes.get("/v1/chats/{chat_id}", summary="A chat with its messages")
    def one(chat_id: str, request: Request) -> dict[str, Any]:
        chat = chats.get(owner(request), chat_id)
        messages = chats.messages(owner(request), chat_id)
        return {**chat_row(chat), "messages": [message_row(message) for message in messages]}

    @routes.patch("/v1/chats/{chat_id}", summary="Rename a chat")
    def renamed(chat_id: str, new: TitleRequest, request: Request) -> dict[str, Any]:
        chats.rename(owner(request), chat_id, new.title)
        return chat_row(chats.get(owner(request), chat_id))

    @routes.delete("/v1/chats/{chat_id}", status_code=204, summary="Delete a chat")
    def deleted(chat_id: str, request: Request) -> None:
        services.sessions.delete(owner(request), chat_id)

    @routes.post("/v1/chats/{chat_id}/messages", summary="Ask within a chat")
    async def asked(chat_id: str, asked: MessageRequest, request: Request) -> Response:
        """Store a question and its answer; JSON or server-sent events."""
        shared.admit(request)
        options = asked.options(services.settings)
        who = owner(request)

        def source(stop: Stop) -> Iterator[Any]:
            return services.sessions.send(who, chat_id, asked.text, options, stop)

        shape = Plain(shared.card, shared.metrics.answered, request.state.request_id)
        return shared.reply(source, shape, asked.stream, asked.text, request)

    return routes
