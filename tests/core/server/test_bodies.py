"""Bodies that are too large or too slow."""

import json
import re

import httpx
import pytest

from core.server import bodies
from tests import parts

BIG = json.dumps({"prompt": "x" * 10_000_000}).encode()
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/completions", "/nowhere", "/login"])
def test_ten_megabytes_are_refused(client: httpx.Client, path: str):
    response = client.post(path, content=BIG, headers=JSON)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert "2,000,000" in response.json()["detail"]


def test_ten_megabytes_in_pieces_are_refused_as_soon_as_it_is_too_much(client: httpx.Client):
    pieces = (BIG[at : at + 100_000] for at in range(0, len(BIG), 100_000))
    response = client.post("/v1/chat", content=pieces, headers=JSON)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    seen = int(re.search(r"at least ([\d,]+) bytes", response.text)[1].replace(",", ""))
    assert 2_000_000 < seen < 4_000_000


def test_an_announced_giant_is_refused_before_it_is_sent(
    live: parts.Live, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bodies, "DRAIN_S", 0.1)
    head = "POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n{"
    with parts.talk(live.url, head.encode()) as sock:
        assert sock.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_body_that_never_comes_is_given_up(live: parts.Live, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bodies, "PATIENCE", 0.1)
    head = (
        "POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: 100\r\n\r\n{"
    )
    with parts.talk(live.url, head.encode()) as sock:
        answer = sock.recv(4096)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"slow_body" in answer


def test_the_largest_body_still_fits(client: httpx.Client):
    room = 2_000_000 - len(b'{"prompt":"a","system":""}')
    body = b'{"prompt":"a","system":"' + b" " * room + b'"}'
    assert len(body) == 2_000_000
    assert client.post("/v1/chat", content=body, headers=JSON).status_code == 200
