"""/v1/status and /v1/settings."""

from pathlib import Path

import httpx

from core.settings import names
from tests import parts


def test_status_says_what_runs_and_why(client: httpx.Client):
    told = client.get("/v1/status").json()
    assert told["model"]["phase"] == "ready"
    assert told["model"]["why"] == "this is a test"
    assert told["model"]["tried"] == [{"name": "echo", "outcome": "chosen"}]
    assert told["process"]["rss_bytes"] > 10_000_000
    assert told["answers"] == {"active": 0, "waiting": 0}


def test_every_setting_is_shown_and_secrets_are_not(tmp_path: Path):
    secrets = {"secret_key": "hush-hush-hush-hush-hush", "inference_key": "very-hush"}
    with parts.live(tmp_path, **secrets) as running, running.client() as client:
        response = client.get("/v1/settings")
    rows = {row["name"]: row["value"] for row in response.json()["settings"]}
    assert set(rows) == set(names())
    assert rows["SECRET_KEY"] == rows["INFERENCE_KEY"] == "••••"
    assert "hush" not in response.text
    assert rows["DATA_DIR"] == str(tmp_path)


def test_strangers_learn_no_folder(tmp_path: Path):
    with parts.live(tmp_path, public=1) as running, running.client() as client:
        response = client.get("/v1/settings")
        assert str(tmp_path) not in response.text
        assert str(tmp_path) not in client.get("/v1/status").text
