"""Request ids, security headers, log lines."""

import io
import json
import logging
from pathlib import Path

import httpx
import pytest

from core.server import logs
from tests import parts


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch):
    stream = io.StringIO()
    monkeypatch.setattr(logs.sys, "stderr", stream)
    logs.configure("info")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    monkeypatch.undo()
    logs.configure("warning")


def test_an_id_that_is_given_comes_back(client: httpx.Client):
    assert (
        client.get("/healthz", headers={"x-request-id": "my-id_1.2"}).headers["x-request-id"]
        == "my-id_1.2"
    )


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", "é", 'a"b', "a/b"])
def test_an_id_that_could_do_harm_is_replaced(client: httpx.Client, given: str):
    headers = [(b"x-request-id", given.encode("latin-1"))]
    back = client.get("/healthz", headers=headers).headers["x-request-id"]
    assert back != given
    assert len(back) == 16


@pytest.mark.parametrize("path", ["/healthz", "/v1/models", "/v1/nope", "/login", "/docs"])
def test_security_headers_are_everywhere(client: httpx.Client, path: str):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors" in headers["content-security-policy"]
    assert "default-src" in headers["content-security-policy"]


def test_a_page_may_fetch_from_nowhere_else(client: httpx.Client):
    policy = client.get("/login").headers["content-security-policy"]
    assert "http" not in policy
    assert "*" not in policy


def test_a_line_says_what_was_asked_but_not_the_words(client: httpx.Client, lines):
    client.post("/v1/chat", json={"prompt": "my secret plan"}, headers={"x-request-id": "abc"})
    client.post("/v1/chat", json={"prompt": "my secret plan", "temperature": 9})
    assert parts.until(lambda: len(lines()) >= 2)
    line = next(line for line in lines() if line.get("request_id") == "abc")
    assert (line["method"], line["path"], line["status"]) == ("POST", "/v1/chat", 200)
    assert line["level"] == "info"
    assert line["ms"] > 0
    assert "plan" not in json.dumps(lines())


def test_words_are_logged_where_that_is_set(tmp_path: Path, lines):
    with parts.live(tmp_path, log_prompts=1) as running, running.client() as client:
        client.post("/v1/chat", json={"prompt": "my plan"})
    assert any(line.get("text") == "my plan" for line in lines())


def test_what_nobody_foresaw_is_logged_with_its_trace(client: httpx.Client, lines):
    client.post("/v1/chat", json={"prompt": "crash"}, headers={"x-request-id": "abc"})
    line = next(line for line in lines() if line["event"] == "unexpected")
    assert (line["error"], line["request_id"], line["level"]) == ("ValueError", "abc", "error")
    assert "Traceback" in line["exception"]


def test_lines_of_libraries_are_json_too_and_not_more_than_wanted(lines):
    library = logging.getLogger("some.library")
    library.setLevel("DEBUG")
    library.warning("said %s", "so")
    library.debug("chatter")
    assert [line["event"] for line in lines()] == ["said so"]
