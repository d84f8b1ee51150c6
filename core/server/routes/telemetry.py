"""/v1/telemetry: what the process uses, what the model keeps, what its server tells."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from core.memory.kept import Memory
from core.server.paths import without_paths
from core.server.shared import Shared
from core.telemetry.pages import Told
from core.telemetry.sampler import KEPT, Reading
from core.telemetry.tiers import Projection
from core.telemetry.watch import EVERY_S

LONGEST_S = KEPT * EVERY_S


def router(shared: Shared) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["status"])
    telemetry = shared.services.telemetry

    @routes.get("/v1/telemetry", summary="What is used and kept, now and before")
    def telemetry_now(
        seconds: Annotated[float, Query(ge=0, le=LONGEST_S)] = 60,
    ) -> dict[str, Any]:
        """Return the latest reading and those of the last seconds, oldest first."""
        sampler = telemetry.sampler
        latest = telemetry.reading()
        memory = telemetry.memory()
        return {
            "origin": "measured",
            "every_s": sampler.every_s,
            "latest": told_reading(latest),
            "window": [told_reading(reading) for reading in sampler.window(seconds)],
            "reasons": dict(sampler.reasons),
            **told_memory(memory, "" if memory else telemetry.silence()),
            "drive_writes": told_wear(telemetry.wear()),
            "server": told_server(telemetry.server()),
        }

    return routes


def told_reading(reading: Reading) -> dict[str, Any]:
    """Return a reading as it is sent."""
    return {**asdict(reading), "at": _moment(reading.at)}


def told_memory(memory: Memory | None, reason: str) -> dict[str, Any]:
    """Return what a model keeps; null, with the reason, where that is not told."""
    if memory is None:
        return {"kept_by": None, "reason": reason, "kv": None, "counts": None, "since": None}
    tiers = memory.tiers
    return {
        "kept_by": memory.keeper,
        "reason": reason,
        "kv": {
            "tokens": tiers.tokens,
            "vram_bytes": tiers.vram,
            "ram_bytes": tiers.ram,
            "flash_bytes": tiers.flash if memory.keeper == "flash" else None,
            "ram_limit_bytes": memory.ram_limit,
            "flash_limit_bytes": memory.flash_limit,
            "break_even_tokens": memory.break_even,
        },
        "counts": dict(memory.counts),
        "since": _moment(memory.since),
    }


def told_wear(projection: Projection | None) -> dict[str, Any] | None:
    """Return the projection as it is sent; null where it is too early for one."""
    return asdict(projection) if projection else None


def told_server(told: Told) -> Mapping[str, Any]:
    """Return what the model's server told of itself."""
    figures = {server: dict(known) for server, known in told.figures.items()}
    return {"at": _moment(told.at), "figures": figures, "reason": without_paths(told.reason)}


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
