"""The key form, the API docs, and the files a browser fetches."""

import re
from pathlib import Path

import httpx
import pytest

from core.present.tokens import PALETTES, SCHEMES, colours
from core.server.login import page
from core.server.routes.front import ASSETS
from tests import parts

FONT = "/assets/fonts/inter-latin-wght-normal.woff2"
KEY = "correct horse"


def test_fonts_are_kept_for_a_year(client: httpx.Client):
    response = client.get(FONT)
    assert response.content == (ASSETS / "fonts/inter-latin-wght-normal.woff2").read_bytes()
    assert "immutable" in response.headers["cache-control"]


def test_text_travels_compressed(client: httpx.Client):
    response = client.get("/assets/swagger/swagger-ui-bundle.js")
    assert response.headers["content-encoding"] == "gzip"
    assert response.num_bytes_downloaded < len(response.content) / 2


@pytest.mark.parametrize(
    "path",
    [
        "/assets/fonts/../splits.yaml",
        "/assets/fonts/%2e%2e/splits.yaml",
        "/assets/fonts/..%2fsplits.yaml",
        "/assets/fonts/%2e%2e/%2e%2e/app.py",
        "/assets/fonts//etc/passwd",
        "/assets/css/..\\..\\app.py",
        "/assets/splits.yaml",
        "/assets/models/sources.yaml",
        "/assets/fonts/",
    ],
)
def test_nothing_else_of_the_disk_is_served(live: parts.Live, path: str):
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with parts.talk(live.url, request.encode()) as sock:
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    assert answer.split(b" ", 2)[1] == b"404", answer[:200]
    assert b"/work" not in answer


def test_the_api_docs_need_nothing_from_outside(client: httpx.Client):
    page = client.get("/docs")
    found = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {"/", "/assets/css/tokens.css", "/assets/css/fonts.css", "/assets/css/api.css"} <= set(
        found
    )
    assert "Plumbline</span></a>" in page.text
    for address in set(found) - {"/"}:
        assert address.startswith("/")
        assert client.get(address).status_code == 200, address
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "<script>" not in page.text
    assert client.get("/openapi.json").json()["info"]["title"] == "Plumbline"


def test_a_key_is_entered_once(tmp_path: Path):
    with parts.live(tmp_path, api_keys=f"{KEY},second") as locked, locked.client() as client:
        refused = client.get("/", headers={"accept": "text/html"})
        assert refused.status_code == 401
        assert "Plumbline asks for a key" in refused.text
        assert "set-cookie" not in refused.headers
        wrong = client.post("/login", data={"key": "nope", "next": "/?tab=chat"})
        assert wrong.status_code == 401
        assert "not one of those" in wrong.text
        assert client.get("/v1/chats").status_code == 401
        right = client.post("/login", data={"key": KEY, "next": "/v1/chats"})
        assert (right.status_code, right.headers["location"]) == (303, "/v1/chats")
        assert "HttpOnly; SameSite=Lax" in right.headers["set-cookie"]
        assert KEY not in right.headers["set-cookie"]
        assert client.get("/v1/chats").status_code == 200


@pytest.mark.parametrize("theme", PALETTES)
def test_the_key_form_has_the_colours_of_the_tokens(theme: str):
    shown = bytes(page(theme, "/").body).decode()
    for scheme in SCHEMES:
        for name in ("paper", "ink", "line-strong", "accent"):
            assert f"--{name}:{colours()[theme, scheme][name]}" in shown


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil", "javascript:0"]
)
def test_the_form_leads_nowhere_else(tmp_path: Path, target: str):
    with parts.live(tmp_path, api_keys=KEY) as locked, locked.client() as client:
        response = client.post("/login", data={"key": KEY, "next": target})
        assert response.headers["location"] == "/"


def test_guessing_keys_is_slowed_down(tmp_path: Path):
    with parts.live(tmp_path, api_keys=KEY) as locked, locked.client() as client:
        tries = [client.post("/login", data={"key": str(n)}).status_code for n in range(11)]
        assert tries == [401] * 10 + [429]


def test_the_form_escapes_what_it_is_given(tmp_path: Path):
    with parts.live(tmp_path, api_keys=KEY) as locked, locked.client() as client:
        path = '/"><script>alert(1)</script>'
        assert "<script>" not in client.get(path, headers={"accept": "text/html"}).text
