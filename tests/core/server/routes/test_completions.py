"""OpenAI's shape, judged by OpenAI's own client."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from tests import parts

ASK = [{"role": "user", "content": "one two three"}]


@pytest.fixture(scope="module")
def ai(live: parts.Live) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key="-", max_retries=0) as client:
        yield client


def test_a_whole_completion(ai: openai.OpenAI):
    done = ai.chat.completions.create(model="echo", messages=ASK)
    assert done.object == "chat.completion"
    assert done.id.startswith("chatcmpl-")
    assert done.model == "echo"
    assert done.choices[0].message.content == "one two three "
    assert done.choices[0].finish_reason == "stop"
    usage = done.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (3, 3, 6)
    assert usage.prompt_tokens_details.cached_tokens == 0


def test_a_streamed_completion(ai: openai.OpenAI):
    chunks = list(ai.chat.completions.create(model="auto", messages=ASK, stream=True))
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "one two three "
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
    assert all(chunk.usage is None for chunk in chunks)


def test_usage_comes_last_where_it_is_asked_for(ai: openai.OpenAI):
    chunks = list(
        ai.chat.completions.create(
            model="echo", messages=ASK, stream=True, stream_options={"include_usage": True}
        )
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 6
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_the_stream_ends_with_its_mark(client: httpx.Client):
    body = {"model": "echo", "messages": ASK, "stream": True}
    text = client.post("/v1/chat/completions", json=body).text
    assert text.endswith("data: [DONE]\n\n")
    assert "event:" not in text


def test_options_of_openai_reach_the_model(live: parts.Live, ai: openai.OpenAI):
    done = ai.chat.completions.create(
        model="echo",
        messages=[
            {"role": "developer", "content": "be brief"},
            {"role": "user", "content": [{"type": "text", "text": "one two"}]},
        ],
        max_completion_tokens=1,
        temperature=0.3,
        top_p=0.8,
        seed=5,
        stop="x",
        user="somebody",
    )
    assert done.choices[0].finish_reason == "length"
    messages, params = live.echo.calls[-1]
    assert [(m.role, m.content) for m in messages] == [("system", "be brief"), ("user", "one two")]
    assert (params.max_tokens, params.temperature, params.top_p) == (1, 0.3, 0.8)
    assert (params.seed, params.stop) == (5, ("x",))


@pytest.mark.parametrize(
    ("change", "error", "code", "words"),
    [
        ({"model": "gpt-4"}, openai.NotFoundError, "model_not_found", "gpt-4"),
        ({"max_tokens": 1_000_000}, openai.BadRequestError, "bad_input", "max_tokens"),
        ({"n": 2}, openai.BadRequestError, "bad_input", "n:"),
        ({"tools": [{"type": "function"}]}, openai.BadRequestError, "bad_input", "tools"),
        ({"messages": []}, openai.BadRequestError, "bad_input", "messages"),
        (
            {"messages": [{"role": "user", "content": "overflow"}]},
            openai.BadRequestError,
            "context_overflow",
            "2,000 tokens",
        ),
        (
            {"messages": [{"role": "user", "content": "crash"}]},
            openai.InternalServerError,
            "internal",
            "not foreseen",
        ),
    ],
)
def test_errors_are_understood_by_openais_client(ai: openai.OpenAI, change, error, code, words):
    with pytest.raises(error) as raised:
        ai.chat.completions.create(**{"model": "echo", "messages": ASK, **change})
    assert raised.value.code == code
    assert words in raised.value.message
    body = raised.value.response.json()
    assert body["status"] == raised.value.status_code
    assert body["request_id"] == raised.value.request_id


def test_an_error_within_a_stream_is_raised_by_openais_client(ai: openai.OpenAI):
    messages = [{"role": "user", "content": "overloaded later"}]
    stream = ai.chat.completions.create(model="echo", messages=messages, stream=True)
    with pytest.raises(openai.APIError, match="too much to do"):
        list(stream)


def test_overload_keeps_its_retry_after(ai: openai.OpenAI):
    with pytest.raises(openai.InternalServerError) as raised:
        ai.chat.completions.create(
            model="echo", messages=[{"role": "user", "content": "overloaded"}]
        )
    assert raised.value.response.headers["retry-after"] == "7"


def test_models_are_listed(ai: openai.OpenAI, client: httpx.Client):
    assert [model.id for model in ai.models.list()] == ["echo"]
    assert ai.models.retrieve("echo").owned_by == "plumbline"
    row = client.get("/v1/models").json()["data"][0]
    assert (row["active"], row["context_length"], row["parameters"]) == (True, 1000, None)
    with pytest.raises(openai.NotFoundError):
        ai.models.retrieve("other")


def test_a_name_is_judged_once_the_model_is_loaded(tmp_path: Path):
    with parts.live(tmp_path, warm=False) as loading, loading.client() as client:
        threading.Timer(0.5, loading.services.catalog.warm).start()
        body = {"model": "echo", "messages": ASK}
        assert client.post("/v1/chat/completions", json=body).status_code == 200
