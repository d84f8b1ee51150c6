"""/v1/status and /v1/settings: what runs, why, and how it is set."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from core.server.paths import without_paths
from core.server.routes.health import told_report
from core.server.shapes import name_of
from core.server.shared import Shared
from core.settings import Settings, shown
from core.telemetry.process import live

# On a public server strangers learn neither folders nor addresses behind it.
_PRIVATE = frozenset({"DATA_DIR", "INDEX_PATH", "REPO_PATH", "HUB_MODEL", "INFERENCE_URL"})


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["status"])
    services = shared.services

    @routes.get("/v1/status", summary="What runs and why")
    def status() -> dict[str, Any]:
        return told_status(shared)

    @routes.get("/v1/settings", summary="Every setting, secrets masked")
    def settings() -> dict[str, Any]:
        return {"settings": told_settings(services.settings)}

    return routes


def told_status(shared: Shared) -> dict[str, Any]:
    """Return the health report with the model's state and the process' use of the machine."""
    services = shared.services
    state = services.catalog.state
    return {
        **told_report(services.health.report()),
        "model": {
            "phase": state.phase,
            "name": name_of(shared.card()),
            "why": without_paths(state.why),
            "tried": [
                {"name": attempt.name, "outcome": without_paths(attempt.outcome)}
                for attempt in state.tried
            ],
            "since": state.since.isoformat(),
        },
        "answers": {"active": shared.slots.active, "waiting": shared.slots.waiting},
        "process": asdict(live(services.settings.data_dir)),
    }


def told_settings(settings: Settings) -> list[dict[str, str]]:
    """Return every setting with its value as this server's visitors may see it."""
    hidden = _PRIVATE if settings.public else frozenset()
    return [
        {"name": name, "value": "hidden" if name in hidden and value else value, "help": text}
        for name, value, text in shown(settings)
    ]
