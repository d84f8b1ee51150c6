"""Taking a port, and stopping without cutting anybody off."""

import json
import socket
import threading
from pathlib import Path

import httpx
import pytest

from core.errors import PortTaken
from core.server import run
from tests import parts


def test_a_port_that_is_taken_is_said_with_a_free_one(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} .* already in use") as refused:
            run.bind(parts.settings(tmp_path, port=port))
        free = int(refused.value.hint.rstrip(".").rsplit(" ", 1)[-1])
    run.bind(parts.settings(tmp_path, port=free)).close()


def test_a_port_taken_at_the_last_moment_is_said_too(live: parts.Live, tmp_path: Path):
    chosen = parts.settings(tmp_path)
    with run.bind(chosen) as sock, socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(sock.getsockname())
        other.listen()
        server = run.Server(live.server.config, live.shared, lambda: None)
        with pytest.raises(PortTaken, match="already in use"):
            server.run([sock])


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_a_host_that_is_not_ours_is_said(tmp_path: Path, host: str):
    with pytest.raises(PortTaken, match=f"HOST={host} cannot be listened on"):
        run.bind(parts.settings(tmp_path, host=host, allow_open=1))


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")],
)
def test_the_address_can_be_opened_on_this_machine(tmp_path: Path, host: str, shown: str):
    chosen = parts.settings(tmp_path, host=host, allow_open=1)
    with run.bind(chosen) as sock:
        assert run.url_of(chosen, sock) == f"http://{shown}:{sock.getsockname()[1]}"


def test_a_stop_lets_a_running_answer_finish_and_takes_no_new_one(tmp_path: Path):
    with parts.live(tmp_path, grace=20) as running, running.client() as client:
        ask = {"prompt": "count 40", "stream": True}
        with client.stream("POST", "/v1/chat", json=ask) as answer:
            lines = answer.iter_lines()
            next(lines)
            running.server.should_exit = True
            assert parts.until(lambda: running.shared.slots.closing)
            with pytest.raises(httpx.TransportError), running.client() as late:
                late.get("/healthz")
            assert "event: done" in list(lines)
        assert running.services.generations.recent(1)[0].finish == "stop"


def test_a_stop_ends_what_takes_longer_than_the_grace(tmp_path: Path):
    with parts.live(tmp_path, grace=0.2) as running, running.client() as client:
        ask = {"prompt": "count 3000", "stream": True}
        with client.stream("POST", "/v1/chat", json=ask) as answer:
            lines = answer.iter_lines()
            next(lines)
            running.server.should_exit = True
            *_, done = [line for line in lines if line.startswith("data: ")]
        assert json.loads(done[6:])["usage"]["finish"] == "stopped"
        assert running.services.generations.recent(1)[0].finish == "stopped"


def test_a_stop_does_not_wait_for_an_idle_connection(tmp_path: Path):
    with parts.live(tmp_path, grace=60) as running, running.client() as client:
        client.get("/healthz")
        ended = threading.Event()
        running.server.lifespan.shutdown = _then(running.server.lifespan.shutdown, ended)
        running.server.should_exit = True
        assert ended.wait(20)


def _then(before, ended: threading.Event):
    async def both() -> None:
        await before()
        ended.set()

    return both


def test_those_who_connect_and_say_nothing_are_hung_up_on(
    live: parts.Live, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(run, "SILENCE_S", 0.1)
    for said in (b"", b"GET / HT", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        with parts.talk(live.url, said) as sock:
            while sock.recv(4096):
                continue


def test_a_running_answer_is_not_silence(live: parts.Live, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "SILENCE_S", 0.1)
    with live.client() as client:
        told = client.post("/v1/chat", json={"prompt": "count 120"}).json()
    assert told["usage"]["tokens_out"] == 120
