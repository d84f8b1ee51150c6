"""POST /v1/chat/completions and GET /v1/models, as OpenAI's clients expect them."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from core.errors import NotFound
from core.messages import ModelCard, Stop
from core.server.asked import OpenAIRequest
from core.server.shapes import Completion
from core.server.shared import Shared

AUTO = "auto"


class UnknownModel(NotFound):
    """The name asked for is not the model that answers here."""

    code = "model_not_found"


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["OpenAI"])
    services = shared.services

    @routes.post("/v1/chat/completions", summary="Chat completion in OpenAI's shape")
    async def completions(asked: OpenAIRequest, request: Request) -> Response:
        """Answer like OpenAI's API; the `openai` package works unchanged."""
        shared.admit(request)
        messages = asked.conversation()
        options = asked.options(services.settings)

        def source(stop: Stop) -> Iterator[Any]:
            # Its name is known once it is loaded, and that is waited for here.
            services.catalog.generator()
            check_name(asked.model, services.catalog.cards())
            return services.sessions.complete(messages, options, stop)

        with_usage = bool(asked.stream_options and asked.stream_options.include_usage)
        shape = Completion(shared.card, shared.metrics.answered, with_usage)
        return shared.reply(source, shape, asked.stream, messages[-1].content, request)

    @routes.get("/v1/models", summary="Models, the active one first")
    def models() -> dict[str, Any]:
        """List what can answer; more fields than OpenAI's, and never fewer."""
        return {"object": "list", "data": rows(shared)}

    @routes.get("/v1/models/{name:path}", summary="One model")
    def model(name: str) -> dict[str, Any]:
        """Return one model by its name."""
        check_name(name, services.catalog.cards())
        listed = rows(shared)
        return next((row for row in listed if row["id"] == name), listed[0])

    return routes


def check_name(name: str, cards: list[ModelCard]) -> None:
    """Refuse a model that would not be the one to answer."""
    names = [card.name for card in cards[:1]] or ["quote"]
    if name not in (AUTO, *names):
        raise UnknownModel(
            f"The model {name[:100]!r} does not answer here.",
            f"Ask for {names[0]!r}, or for 'auto' to take whatever answers.",
        )


def rows(shared: Shared) -> list[dict[str, Any]]:
    """Return every model card as OpenAI's list shows it."""
    state = shared.services.catalog.state
    return [
        {
            "id": card.name,
            "object": "model",
            "created": int(state.since.timestamp()),
            "owned_by": "plumbline",
            "active": position == 0 and state.phase == "ready",
            "kind": card.kind,
            "label": card.label,
            "context_length": card.context_length,
            "parameters": card.parameters,
            "device": card.device,
            "dtype": card.dtype,
        }
        for position, card in enumerate(shared.services.catalog.cards())
    ]
