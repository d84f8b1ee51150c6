"""POST /v1/chat: whole, streamed, wrong, and left."""

import json
import time

import httpx
import pytest

from tests import parts


def events(text: str) -> list[tuple[str, dict]]:
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def problem(response: httpx.Response, status: int, code: str) -> dict:
    told = response.json()
    assert (response.status_code, told["code"]) == (status, code), told
    assert response.headers["content-type"] == "application/problem+json"
    assert told["status"] == status
    assert told["request_id"] == response.headers["x-request-id"]
    return told


@pytest.mark.parametrize("path", ["/v1/chat", "/api/chat"])
def test_a_prompt_is_answered(client: httpx.Client, path: str):
    told = client.post(path, json={"prompt": "one two three"}).json()
    assert told["text"] == "one two three "
    assert told["usage"] == {
        "tokens_in": 3,
        "tokens_out": 3,
        "tokens_reused": 0,
        "finish": "stop",
        "model_calls": 1,
    }
    assert told["model"] == "echo"
    assert told["evidence"] == []
    assert 0 <= told["latency"]["engine_s"] <= told["latency"]["total_s"]


def test_messages_and_options_reach_the_model(live: parts.Live, client: httpx.Client):
    body = {
        "messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b"},
            {"role": "user", "content": "one two three"},
        ],
        "system": "be brief",
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 2,
        "seed": 7,
        "stop": ["x"],
    }
    told = client.post("/v1/chat", json=body).json()
    assert (told["text"], told["usage"]["finish"]) == ("one two ", "length")
    messages, params = live.echo.calls[-1]
    assert [(m.role, m.content) for m in messages] == [
        ("system", "be brief"),
        ("user", "a"),
        ("assistant", "b"),
        ("user", "one two three"),
    ]
    assert (params.temperature, params.top_p, params.seed, params.stop) == (0.5, 0.9, 7, ("x",))


def test_a_stream_tells_every_word_and_then_everything(client: httpx.Client):
    response = client.post("/v1/chat", json={"prompt": "one two", "stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    told = events(response.text)
    assert [name for name, _ in told] == ["delta", "delta", "usage", "done"]
    assert "".join(data["text"] for name, data in told if name == "delta") == "one two "
    assert told[-1][1]["text"] == "one two "
    assert told[-1][1]["request_id"] == response.headers["x-request-id"]


def test_a_stream_arrives_while_it_is_written(client: httpx.Client):
    with client.stream("POST", "/v1/chat", json={"prompt": "count 25", "stream": True}) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: delta"
        first = time.perf_counter()
        assert "done" in "".join(lines)
    assert time.perf_counter() - first > 0.2


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({}, 422, "bad_input", "messages or prompt"),
        (
            {"prompt": "a", "messages": [{"role": "user", "content": "b"}]},
            422,
            "bad_input",
            "either",
        ),
        ({"prompt": ""}, 422, "bad_input", "empty"),
        ({"prompt": " \n\t"}, 422, "bad_input", "empty"),
        ({"prompt": "\x00\x01"}, 422, "bad_input", "empty"),
        ({"messages": []}, 422, "bad_input", "messages"),
        ({"prompt": 7}, 422, "bad_input", "prompt"),
        ({"prompt": "a", "max_tokens": 1_000_000}, 422, "bad_input", "max_tokens"),
        ({"prompt": "a", "max_tokens": 0}, 422, "bad_input", "max_tokens"),
        ({"prompt": "a", "temperature": "hot"}, 422, "bad_input", "temperature"),
        ({"prompt": "a", "temperatur": 1}, 422, "bad_input", "temperatur"),
        ({"prompt": "a", "seed": -1}, 422, "bad_input", "seed"),
        ({"prompt": "x" * 500_000}, 413, "too_large", "500,000"),
        ({"prompt": "a", "overflow": "shrink"}, 422, "bad_input", "overflow"),
        ({"prompt": "overflow"}, 422, "context_overflow", "2,000 tokens"),
        ([], 422, "bad_input", "object"),
        ("text", 422, "bad_input", "object"),
    ],
)
def test_wrong_values_are_told(client: httpx.Client, body, status, code, words):
    told = problem(client.post("/v1/chat", json=body), status, code)
    assert words in f"{told['detail']} {told['hint']}"


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b'{"prompt":' * 5000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"prompt": "a", "temperature": NaN}',
        b'{"prompt": "a", "temperature": 1e999}',
        b'{"prompt": "a", "max_tokens": ' + b"9" * 5000 + b"}",
        b'{"prompt": "a", "\\ud800": 1}',
    ],
)
def test_what_is_no_json_for_us_is_refused(client: httpx.Client, body: bytes):
    response = client.post("/v1/chat", content=body, headers=JSON)
    assert response.status_code in (400, 422), response.text
    assert response.json()["code"] in ("malformed", "bad_input")


def test_a_body_without_its_type_is_explained(client: httpx.Client):
    response = client.post("/v1/chat", content=b'{"prompt": "a"}')
    assert "Content-Type: application/json" in problem(response, 422, "bad_input")["hint"]


@pytest.mark.parametrize("lone", [b"\\ud800", b"\xed\xa0\x80"])
def test_lone_surrogates_and_control_characters_are_answered_safely(
    client: httpx.Client, lone: bytes
):
    body = b'{"prompt": "a ' + lone + b' b\\u0000\\u0007 c"}'
    told = client.post("/v1/chat", content=body, headers=JSON).json()
    assert told["text"].split() == ["a", "\N{REPLACEMENT CHARACTER}", "b", "c"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_says_no_text_does_no_harm(client: httpx.Client, stream: bool):
    response = client.post("/v1/chat", json={"prompt": "surrogate", "stream": stream})
    assert response.status_code == 200
    assert "\N{REPLACEMENT CHARACTER}" in response.content.decode()


@pytest.mark.parametrize("stream", [False, True])
def test_an_error_before_the_first_word_has_its_status(client: httpx.Client, stream: bool):
    response = client.post("/v1/chat", json={"prompt": "overloaded", "stream": stream})
    told = problem(response, 503, "overloaded")
    assert response.headers["retry-after"] == "7"
    assert told["retryable"] is True


def test_an_error_after_the_first_word_ends_the_stream(client: httpx.Client):
    response = client.post("/v1/chat", json={"prompt": "overloaded later", "stream": True})
    told = events(response.text)
    assert [name for name, _ in told] == ["delta", "error"]
    assert told[-1][1]["code"] == "overloaded"
    assert told[-1][1]["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize("prompt", ["crash", "crash later"])
@pytest.mark.parametrize("stream", [False, True])
def test_what_nobody_foresaw_is_told_without_paths(client: httpx.Client, prompt: str, stream: bool):
    response = client.post("/v1/chat", json={"prompt": prompt, "stream": stream})
    assert "internal" in response.text
    assert "weights" not in response.text
    assert "Traceback" not in response.text
    if not (stream and prompt == "crash later"):
        problem(response, 500, "internal")


def test_every_model_call_is_recorded(live: parts.Live, client: httpx.Client):
    before = live.services.generations.totals()["calls"]
    client.post("/v1/chat", json={"prompt": "one"})
    assert live.services.generations.totals()["calls"] == before + 1
