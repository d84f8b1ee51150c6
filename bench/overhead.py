"""What HTTP adds to an answer: `/v1/chat` as its caller sees it, minus the engine's own time.

The app runs as it is started by hand, on a tiny model folder with random weights; every call is
recorded in the database as always. Whole answers, streams and /healthz take turns, so that a busy
moment of the machine meets all three. Run by `make bench-overhead`.
"""

import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import core.process  # noqa: F401  sets the environment before torch is imported
from bench._app import app
from bench._record import record
from tests import tiny

WARM = 30
ROUNDS = 300
LIMIT_MS = 5.0
BODY = {"prompt": "Say something short.", "max_tokens": 8}
HEADERS = {"Content-Type": "application/json"}


class Caller:
    """One connection that stays open, as a client's pool keeps it."""

    def __init__(self, url: str) -> None:
        self._wire = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._owner: dict[str, str] = {}

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        """Send one request and return the body; anything but 200 ends the measurement."""
        text = json.dumps(body).encode() if body is not None else None
        self._wire.request(method, path, text, {**HEADERS, **self._owner})
        response = self._wire.getresponse()
        told = response.read()
        if response.status != http.client.OK:
            raise SystemExit(f"{path} answered {response.status}: {told.decode()}")
        token = response.getheader("X-Plumbline-Owner")
        if token:
            self._owner = {"X-Plumbline-Owner": token}
        return told


def main() -> None:
    """Measure, print and store."""
    with tempfile.TemporaryDirectory() as place:
        folder = tiny.build(Path(place) / "tiny")
        with app(model="local", hub_model=str(folder), rate_limit="1000000/minute") as running:
            caller = Caller(running.url)
            wait_until_ready(caller)
            rounds = [one_round(caller) for _ in range(WARM + ROUNDS)][WARM:]
    figures: dict[str, Any] = {"rounds": ROUNDS}
    for name in rounds[0]:
        values = sorted(row[name] for row in rounds)
        figures[f"{name}_p50_ms"] = round(statistics.median(values), 3)
        figures[f"{name}_p95_ms"] = round(values[int(len(values) * 0.95)], 3)
    figures["limit_ms"] = LIMIT_MS
    figures["within_limit"] = figures["overhead_p50_ms"] <= LIMIT_MS
    record(
        "overhead",
        figures,
        "Overhead is the caller's time minus the engine's own, per request; a tiny random Llama "
        "answers 8 tokens; the connection is kept open; the client runs on the same machine.",
    )


def wait_until_ready(caller: Caller) -> None:
    """Ask once; the answer waits for the model to load."""
    caller.call("POST", "/v1/chat", BODY)


def one_round(caller: Caller) -> dict[str, float]:
    """Return the milliseconds of one turn each."""
    told, whole = timed(lambda: caller.call("POST", "/v1/chat", BODY))
    engine = json.loads(told)["latency"]["engine_s"] * 1000
    told, streamed = timed(lambda: caller.call("POST", "/v1/chat", {**BODY, "stream": True}))
    last = told.decode().rsplit("data: ", 1)[-1]
    stream_engine = json.loads(last)["latency"]["engine_s"] * 1000
    _, health = timed(lambda: caller.call("GET", "/healthz"))
    return {
        "overhead": whole - engine,
        "stream_overhead": streamed - stream_engine,
        "engine": engine,
        "healthz": health,
    }


def timed(act: Callable[[], bytes]) -> tuple[bytes, float]:
    """Return what came back and the milliseconds it took."""
    started = time.perf_counter()
    told = act()
    return told, (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
