"""Alive, ready, counted."""

from pathlib import Path

import httpx
import pytest

from core.models.catalog import Catalog
from tests import parts


@pytest.mark.parametrize("path", ["/healthz", "/health"])
def test_alive(client: httpx.Client, path: str):
    assert client.get(path).json() == {"status": "ok"}


def test_hello(client: httpx.Client):
    told = client.get("/api/hello").json()
    assert told == {"message": "Plumbline is running.", "model": "echo"}


def test_ready_with_every_part(client: httpx.Client):
    response = client.get("/readyz")
    told = response.json()
    assert (response.status_code, told["status"]) == (200, "ok")
    assert {"model", "store", "index", "cache"} <= set(told["parts"])
    assert told["parts"]["model"]["state"] == "ok"


def test_a_model_that_still_loads_is_not_ready_but_alive(tmp_path: Path):
    with parts.live(tmp_path, warm=False) as loading, loading.client() as client:
        response = client.get("/readyz")
        assert (response.status_code, response.json()["status"]) == (503, "warming")
        assert int(response.headers["retry-after"]) > 0
        assert client.get("/healthz").status_code == 200
        loading.services.catalog.warm()
        assert client.get("/readyz").status_code == 200


def test_quoting_alone_is_degraded_but_ready(tmp_path: Path):
    with (
        parts.live(tmp_path, catalog=Catalog, model="quote") as quoting,
        quoting.client() as client,
    ):
        response = client.get("/readyz")
        assert (response.status_code, response.json()["status"]) == (200, "degraded")
        assert client.get("/v1/models").json()["data"][0]["id"] == "quote"


def test_a_missing_model_is_down_and_names_no_path(tmp_path: Path):
    missing = tmp_path / "no" / "such-model"
    with (
        parts.live(tmp_path, catalog=Catalog, model="local", hub_model=missing) as down,
        down.client() as client,
    ):
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "down")
        asked = client.post("/v1/chat", json={"prompt": "a"})
        assert asked.status_code == 503
        for response in (ready, asked):
            assert str(tmp_path) not in response.text


def test_a_closed_store_is_down(tmp_path: Path):
    with parts.live(tmp_path) as broken, broken.client() as client:
        broken.services.store.close()
        response = client.get("/readyz")
        assert (response.status_code, response.json()["parts"]["store"]["state"]) == (503, "down")


def test_metrics_count_requests_and_tokens(client: httpx.Client):
    def value(name: str) -> float:
        rows = client.get("/metrics").text.splitlines()
        return next((float(row.split()[-1]) for row in rows if row.startswith(name)), 0.0)

    route = 'plumbline_requests_total{method="POST",route="/v1/chat",status="200"}'
    before = value(route), value('plumbline_tokens_total{direction="out"}')
    client.post("/v1/chat", json={"prompt": "one two three"})
    assert value(route) == before[0] + 1
    assert value('plumbline_tokens_total{direction="out"}') == before[1] + 3
    assert value("plumbline_answers_active") == 0


def test_metrics_name_no_path_a_caller_made_up(client: httpx.Client):
    client.get("/v1/made-up-by-me")
    assert "made-up-by-me" not in client.get("/metrics").text
