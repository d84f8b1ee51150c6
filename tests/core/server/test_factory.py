"""What has no route, what is documented, and what any body at all does."""

import json
import re
import tomllib

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.server.factory import VERSION
from tests import parts, source

DOCS = (source.ROOT / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/nope", "/v1/chats/a/b/c", "/api/nope", "/healthz/x", "/docs/x"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "TRACE"])
def test_what_has_no_route_is_a_problem(client: httpx.Client, method: str, path: str):
    response = client.request(method, path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/chat", "POST"),
        ("POST", "/healthz", "GET"),
        ("PUT", "/v1/chats", "GET, POST"),
        ("POST", "/v1/chats/x", "DELETE, GET, PATCH"),
        ("DELETE", "/metrics", "GET"),
        ("TRACE", "/v1/models", "GET"),
    ],
)
def test_a_wrong_method_names_the_right_ones(
    client: httpx.Client, method: str, path: str, allow: str
):
    response = client.request(method, path)
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"] == allow


def routes(client: httpx.Client) -> list[tuple[str, str]]:
    paths = client.get("/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def test_every_route_is_documented_with_an_example(client: httpx.Client):
    examples = re.findall(r"```bash\n(.*?)```", DOCS, re.DOTALL)
    for method, path in routes(client):
        assert f"`{method} {path}`" in DOCS, f"{method} {path} is not in docs/api.md"
        pattern = re.sub(r"\\{\w+(:path)?\\}", r"[^ /'\"?]+", re.escape(path))
        called = re.compile(rf"localhost:7860{pattern}(?=[\s'\"?]|$)")
        assert any(called.search(example) for example in examples), f"no curl of {method} {path}"


def test_no_route_is_documented_that_is_not_there(client: httpx.Client):
    named = set(re.findall(r"`(GET|POST|PATCH|PUT|DELETE) (/[^`]*)`", DOCS))
    hidden = {("GET", "/docs"), ("GET", "/openapi.json"), ("GET", "/login"), ("POST", "/login")}
    assert named - hidden == set(routes(client))


def test_problems_are_part_of_the_schema(client: httpx.Client):
    for methods in client.get("/openapi.json").json()["paths"].values():
        for route in methods.values():
            told = route["responses"]["4XX"]["content"]
            assert list(told) == ["application/problem+json"]
            assert "422" not in route["responses"]


def test_the_version_is_the_projects():
    project = tomllib.loads((source.ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


TEXTS = st.text(st.characters(), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
NAMES = ("messages", "prompt", "system", "temperature", "top_p", "max_tokens", "seed", "stop")
TURNS = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "system", "tool"]), "content": TEXTS})
    | VALUES,
    max_size=3,
)
BODIES = st.dictionaries(st.sampled_from([*NAMES, "stream", "model"]), VALUES, max_size=5) | (
    st.fixed_dictionaries({"messages": TURNS})
)


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/completions"])
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=BODIES | VALUES)
def test_no_body_whatsoever_makes_it_fail(live: parts.Live, path: str, body: object):
    with live.client() as client:
        text = json.dumps(body)
        response = client.post(path, content=text, headers={"content-type": "application/json"})
    assert response.status_code in (200, 400, 404, 413, 422), response.text
    if response.status_code != 200:
        assert response.json()["code"]
        assert response.json()["detail"]


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(raw=st.binary(max_size=60))
def test_no_bytes_whatsoever_make_it_fail(live: parts.Live, raw: bytes):
    with live.client() as client:
        response = client.post(
            "/v1/chat", content=raw, headers={"content-type": "application/json"}
        )
    assert response.status_code in (400, 422), response.text
