"""The server of a command line: this machine alone, the token alone, gone with the command."""

from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter

from core.errors import NotFound
from core.server.loopback import serving
from core.settings import load


def test_it_answers_the_token_alone_and_ends_with_its_block(tmp_path: Path):
    routes = APIRouter(prefix="/v1/internal")

    @routes.get("/sum")
    def told(a: int) -> dict[str, int]:
        if a < 0:
            raise NotFound("There is no such number.", "Ask for another.")
        return {"sum": a + 1}

    settings = load({"data_dir": str(tmp_path), "api_keys": "secret"}, env_file=None)
    with serving(settings, [routes], "token") as url:
        assert url.startswith("http://127.0.0.1:")
        mine = {"X-Plumbline-Token": "token"}
        with httpx.Client(base_url=url, trust_env=False) as client:
            assert client.get("/v1/internal/sum?a=1").status_code == 401
            assert client.get("/v1/internal/sum?a=1", headers=mine).json() == {"sum": 2}
            refused = client.get("/v1/internal/sum?a=-1", headers=mine)
            assert (refused.status_code, refused.json()["hint"]) == (404, "Ask for another.")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/v1/internal/sum?a=1", headers=mine, trust_env=False)
