"""What the routes share: the services, the slots, the rate, the counters, and who is asking.

It hands things out. It holds no route.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from core.messages import ModelCard, Stop
from core.server.answers import Answering, Reply, Shape
from core.server.boundary import Traffic
from core.server.keys import Keys
from core.server.limits import Rate, Slots
from core.server.logs import logger
from core.server.metrics import Metrics
from core.services import Services


@dataclass(frozen=True)
class Shared:
    """The parts that every route may use."""

    services: Services
    slots: Slots
    rate: Rate
    metrics: Metrics
    traffic: Traffic
    keys: Keys

    def card(self) -> ModelCard | None:
        """Return what answers now; None while no model does."""
        return self.services.catalog.state.card

    def admit(self, request: Request) -> None:
        """Count a request that runs a model; raise when this visitor asks too often."""
        state = request.state
        self.rate.check(state.owner if state.known else None, state.address)

    def reply(
        self,
        source: Callable[[Stop], Iterator[Any]],
        shape: Shape,
        stream: bool,
        text: str,
        request: Request,
    ) -> Reply:
        """Return the response that answers once a slot is free."""
        if self.services.settings.log_prompts:
            logger().info("prompt", text=text, request_id=request.state.request_id)
        return Reply(Answering(self.slots, source, stream), shape, stream)


def owner(request: Request) -> str:
    """Return whose rows this request may see."""
    return request.state.owner
