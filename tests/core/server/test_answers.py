"""Callers who leave."""

import json
import time
from pathlib import Path

import pytest

from tests import parts


def request(path: str, body: dict) -> bytes:
    text = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_stops_its_answer_and_frees_the_slot(live: parts.Live, stream: bool):
    before = live.services.generations.totals()["calls"]
    sock = parts.talk(live.url, request("/v1/chat", {"prompt": "count 3000", "stream": stream}))
    assert parts.until(lambda: live.echo.running == 1)
    if stream:
        assert b"event: delta" in sock.recv(65536)
    sock.close()
    left = time.perf_counter()
    assert parts.until(lambda: live.echo.running == 0 and live.shared.slots.active == 0)
    # The whole answer would take a minute: this is the promise, not a measurement.
    assert time.perf_counter() - left < 1
    assert live.services.generations.totals()["calls"] == before + 1
    assert live.services.generations.recent(1)[0].finish == "stopped"


def test_what_a_chat_had_until_then_is_kept(live: parts.Live):
    with live.client() as client:
        chat = client.post("/v1/chats").json()["id"]
        ask = {"text": "count 3000", "stream": True}
        with client.stream("POST", f"/v1/chats/{chat}/messages", json=ask) as answer:
            lines = answer.iter_lines()
            while "delta" not in next(lines):
                continue
        assert parts.until(lambda: live.echo.running == 0 and live.shared.slots.active == 0)
        kept = client.get(f"/v1/chats/{chat}").json()["messages"]
    assert kept[-1]["content"].startswith("0 ")
    assert kept[-1]["details"]["finish"] == "stopped"


def test_a_client_that_leaves_the_queue_never_runs(tmp_path: Path):
    with parts.live(tmp_path, concurrency=1) as running:
        first = parts.talk(running.url, request("/v1/chat", {"prompt": "count 3000"}))
        assert parts.until(lambda: running.echo.running == 1)
        second = parts.talk(running.url, request("/v1/chat", {"prompt": "count 3000"}))
        assert parts.until(lambda: running.shared.slots.waiting == 1)
        second.close()
        assert parts.until(lambda: running.shared.slots.waiting == 0)
        first.close()
        assert parts.until(lambda: running.shared.slots.active == 0)
        assert len(running.echo.calls) == 1


def test_fifty_that_leave_leave_nothing_behind(live: parts.Live):
    for n in range(50):
        sock = parts.talk(
            live.url, request("/v1/chat", {"prompt": "count 50", "stream": n % 2 == 0})
        )
        if n % 3:
            time.sleep(0.005)
        sock.close()
    slots, traffic = live.shared.slots, live.shared.traffic
    assert parts.until(lambda: not (slots.active or slots.waiting or traffic.busy))
    assert live.echo.running == 0


def test_a_slow_start_is_bridged_with_comments(live: parts.Live, monkeypatch: pytest.MonkeyPatch):
    from core.server import answers

    monkeypatch.setattr(answers, "PATIENCE", 0.01)
    monkeypatch.setattr(answers, "HEARTBEAT", 0.01)
    with live.client() as client:
        text = client.post("/v1/chat", json={"prompt": "count 5", "stream": True}).text
    assert ": waiting\n\n" in text
    assert text.count("event: delta") == 5
