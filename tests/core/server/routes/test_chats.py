"""/v1/chats: a visitor's own conversations, and nobody else's."""

import httpx
import pytest

from tests import parts
from tests.core.server.routes.test_chat import events


@pytest.fixture
def chat(client: httpx.Client) -> str:
    return client.post("/v1/chats", json={"title": "Mine"}).json()["id"]


def test_a_chat_lives_from_opening_to_deleting(client: httpx.Client):
    assert client.get("/v1/chats").json() == {"chats": []}
    made = client.post("/v1/chats")
    assert (made.status_code, made.json()["title"]) == (201, "New chat")
    path = f"/v1/chats/{made.json()['id']}"
    assert client.patch(path, json={"title": "Renamed"}).json()["title"] == "Renamed"
    assert [c["title"] for c in client.get("/v1/chats").json()["chats"]] == ["Renamed"]
    assert client.get(path).json()["messages"] == []
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404


def test_a_message_is_answered_and_both_are_kept(client: httpx.Client, chat: str):
    told = client.post(f"/v1/chats/{chat}/messages", json={"text": "one two"}).json()
    assert told["text"] == "one two "
    assert told["chat"]["id"] == chat
    assert told["answer"]["details"]["model"] == "echo"
    kept = client.get(f"/v1/chats/{chat}").json()["messages"]
    assert [(m["role"], m["content"]) for m in kept] == [
        ("user", "one two"),
        ("assistant", "one two "),
    ]


def test_a_message_can_be_streamed(client: httpx.Client, chat: str):
    body = {"text": "one two", "stream": True}
    told = events(client.post(f"/v1/chats/{chat}/messages", json=body).text)
    assert [name for name, _ in told] == ["start", "delta", "delta", "usage", "done"]
    assert told[0][1]["message"]["content"] == "one two"


def test_earlier_turns_are_remembered(live: parts.Live, client: httpx.Client, chat: str):
    for text in ("one", "two"):
        client.post(f"/v1/chats/{chat}/messages", json={"text": text})
    messages, _ = live.echo.calls[-1]
    assert [m.content.strip() for m in messages] == ["one", "one", "two"]


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"title": "Taken"}),
        ("DELETE", "", None),
        ("POST", "/messages", {"text": "mine now"}),
    ],
)
def test_nobody_reaches_another_visitors_chat(
    live: parts.Live, client: httpx.Client, chat: str, method: str, tail: str, body
):
    with live.client() as other:
        response = other.request(method, f"/v1/chats/{chat}{tail}", json=body)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
        assert other.get("/v1/chats").json() == {"chats": []}
    kept = client.get(f"/v1/chats/{chat}").json()
    assert (kept["title"], kept["messages"]) == ("Mine", [])


def test_the_header_token_does_what_the_cookie_does(live: parts.Live, client: httpx.Client):
    token = client.post("/v1/chats", json={"title": "By header"}).headers["x-plumbline-owner"]
    with live.client() as framed:
        found = framed.get("/v1/chats", headers={"X-Plumbline-Owner": token}).json()["chats"]
        assert [c["title"] for c in found] == ["By header"]
        # Not the last character: some of its bits say nothing in base64.
        forged = token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:]
        assert framed.get("/v1/chats", headers={"X-Plumbline-Owner": forged}).json() == {
            "chats": []
        }


@pytest.mark.parametrize("body", [{"title": ""}, {"title": "x" * 201}, {"titel": "x"}, {}])
def test_a_title_must_be_one(client: httpx.Client, chat: str, body):
    assert client.patch(f"/v1/chats/{chat}", json=body).status_code == 422


def test_a_title_that_is_no_text_is_made_one(client: httpx.Client):
    headers = {"content-type": "application/json"}
    made = client.post("/v1/chats", content=b'{"title": "a\\ud800b\\u0000"}', headers=headers)
    assert made.status_code == 201
    assert (
        client.get("/v1/chats")
        .json()["chats"][0]["title"]
        .startswith("a\N{REPLACEMENT CHARACTER}b")
    )
