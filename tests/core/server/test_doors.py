"""Who may come in."""

from pathlib import Path

import httpx
import pytest

from tests import parts

KEY = "correct horse battery"
HELLO = "/api/hello"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost.", "10.0.0.1", ""],
)
def test_a_server_of_this_machine_answers_to_no_other_name(client: httpx.Client, host: str):
    response = client.get(HELLO, headers={"host": host})
    assert (response.status_code, response.json()["code"]) == (421, "misdirected")


@pytest.mark.parametrize("host", ["localhost", "localhost:7860", "127.0.0.1:1", "[::1]:7860"])
def test_it_answers_to_its_own_names(client: httpx.Client, host: str):
    assert client.get(HELLO, headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["a b", "a/../b", "a@b", "a?b", "[::1", "a:b", "x#"])
def test_a_host_that_is_none_is_refused_everywhere(tmp_path: Path, host: str):
    given = {"host": "0.0.0.0", "allow_open": 1}
    with parts.live(tmp_path, **given) as running, running.client() as client:
        assert client.get(HELLO, headers={"host": host}).status_code == 421
        assert client.get(HELLO, headers={"host": "any.example"}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/v1/chats", "/"])
def test_a_host_never_stands_in_for_the_path(tmp_path: Path, path: str):
    given = {"host": "0.0.0.0", "api_keys": KEY}
    request = f"GET {path} HTTP/1.1\r\nHost: x/healthz?\r\nConnection: close\r\n\r\n"
    with (
        parts.live(tmp_path, **given) as running,
        parts.talk(running.url, request.encode()) as sock,
    ):
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    assert answer.split(b" ", 2)[1] == b"421"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_sites_page_cannot_change_anything(client: httpx.Client, headers: dict[str, str]):
    response = client.post("/v1/chats", headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert client.get("/v1/chats").json() == {"chats": []}


def test_our_own_page_and_programs_can(live: parts.Live, client: httpx.Client):
    own = {"origin": live.url, "sec-fetch-site": "same-origin"}
    assert client.post("/v1/chats", headers=own).status_code == 201
    assert client.post("/v1/chats", headers={"origin": live.url}).status_code == 201
    assert client.post("/v1/chats").status_code == 201


def test_no_other_origin_may_read(client: httpx.Client):
    response = client.get(HELLO, headers={"origin": "https://evil.example"})
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory):
    with parts.live(tmp_path_factory.mktemp("locked"), api_keys=f"{KEY}, other") as running:
        yield running


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {KEY}"},
        {"x-api-key": f"{KEY}x"},
        {"x-api-key": f"{KEY}, other"},
        {"cookie": "plumbline_session=in.forged"},
        {"x-plumbline-token": "guess"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/v1/chats", "/api/hello", "/metrics", "/docs", "/", "/gradio_api/x"]
)
def test_without_a_key_nothing_is_shown(locked: parts.Live, headers: dict[str, str], path: str):
    with locked.client(headers=headers) as client:
        response = client.get(path)
    assert (response.status_code, response.json()["code"]) == (401, "unauthorized")
    assert "Bearer" in response.json()["hint"]


@pytest.mark.parametrize(
    "headers",
    [{"authorization": f"Bearer {KEY}"}, {"authorization": "bearer other"}, {"x-api-key": KEY}],
)
def test_with_a_key_everything_is(locked: parts.Live, headers: dict[str, str]):
    with locked.client(headers=headers) as client:
        assert client.get("/v1/chats").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/login"])
def test_health_and_the_form_are_open(locked: parts.Live, path: str):
    with locked.client() as client:
        assert client.get(path).status_code == 200


def test_a_key_alone_always_has_the_same_rows(locked: parts.Live):
    for key, count in ((KEY, 1), (KEY, 1), ("other", 0)):
        with locked.client(headers={"x-api-key": key}) as client:
            if key == KEY and not client.get("/v1/chats").json()["chats"]:
                client.post("/v1/chats")
            assert len(client.get("/v1/chats", params={"limit": 9}).json()["chats"]) == count


def test_a_visitor_is_introduced_once(client: httpx.Client):
    first = client.get("/v1/chats")
    assert "HttpOnly; SameSite=Lax" in first.headers["set-cookie"]
    assert first.headers["x-plumbline-owner"] == client.cookies["plumbline_owner"]
    assert "set-cookie" not in client.get("/v1/chats").headers
    assert "set-cookie" not in client.get("/healthz").headers


def test_a_public_server_behind_https_works_in_a_frame(tmp_path: Path):
    given = {"host": "0.0.0.0", "allow_open": 1, "public": 1}
    with parts.live(tmp_path, **given) as running, running.client() as client:
        secure = client.get("/v1/chats", headers={"x-forwarded-proto": "https"})
        assert secure.headers["set-cookie"].endswith("SameSite=None; Secure; Partitioned")
    with parts.live(tmp_path, **given) as running, running.client() as client:
        assert client.get("/v1/chats").headers["set-cookie"].endswith("SameSite=Lax")
        page = client.get("/login").headers["content-security-policy"]
        assert "frame-ancestors 'self' https://huggingface.co" in page


def test_a_forwarded_address_counts_only_on_a_public_server(tmp_path: Path):
    forwarded = [{"x-forwarded-for": f"10.0.0.{n}"} for n in range(3)]
    for public, last in ((0, 429), (1, 200)):
        given = {"rate_limit": "2/minute", "public": public}
        with parts.live(tmp_path, **given) as running:
            for n, headers in enumerate(forwarded):
                with running.client(headers=headers) as client:
                    status = client.post("/v1/chat", json={"prompt": "a"}).status_code
                    assert status == (200 if n < 2 else last)


def test_a_websocket_is_turned_away(live: parts.Live):
    request = (
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with parts.talk(live.url, request.encode()) as sock:
        assert b" 101 " not in sock.recv(4096)
