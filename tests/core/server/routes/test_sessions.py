"""/v1/sessions: what a kept chat weighs, its export, and what was thought of its answers."""

import httpx
import pytest


@pytest.fixture
def chat(client: httpx.Client) -> str:
    made = client.post("/v1/chats", json={"title": "Words"}).json()["id"]
    for text in ("one two", "three"):
        assert client.post(f"/v1/chats/{made}/messages", json={"text": text}).status_code == 200
    return made


@pytest.mark.parametrize("path", ["/v1/sessions/{}", "/api/session/{}"])
def test_a_session_tells_its_messages_and_what_it_weighs(
    client: httpx.Client, chat: str, path: str
) -> None:
    told = client.get(path.format(chat)).json()
    assert told["message_count"] == 4
    assert [m["content"].strip() for m in told["messages"]] == ["one two"] * 2 + ["three"] * 2
    metrics = told["metrics"]
    assert metrics["context_chars"] == sum(len(m["content"]) for m in told["messages"])
    assert metrics["tokens"] > 0 and metrics["context_use"] == metrics["tokens"] / 1000
    assert metrics["process_rss_mb"] > 10
    assert metrics["tokens_reused"] == told["messages"][-1]["details"]["tokens_reused"]


def test_an_answer_carries_what_the_session_weighs_after_it(
    client: httpx.Client, chat: str
) -> None:
    told = client.post("/v1/chat", json={"prompt": "four", "session_id": chat}).json()
    assert told["chat"]["id"] == chat
    whole = client.get(f"/v1/sessions/{chat}").json()
    assert whole["message_count"] == 6
    assert told["metrics"]["context_chars"] == whole["metrics"]["context_chars"]
    bare = client.post("/v1/chat", json={"prompt": "four"}).json()
    assert bare["metrics"]["context_chars"] == len("four") + len(bare["text"])


def test_it_is_exported_as_json_and_as_markdown(client: httpx.Client, chat: str) -> None:
    as_json = client.get(f"/v1/sessions/{chat}/export")
    assert as_json.json()["message_count"] == 4
    assert as_json.headers["content-disposition"] == f'attachment; filename="chat-{chat}.json"'
    text = client.get(f"/v1/sessions/{chat}/export", params={"format": "markdown"}).text
    assert text.startswith("# Words\n\n## Question\n\none two\n\n## Answer (echo · rag)\n\none two")
    wrong = client.get(f"/v1/sessions/{chat}/export", params={"format": "pdf"})
    assert wrong.status_code == 422


def test_thumbs_replace_each_other_and_the_rest_is_added(client: httpx.Client, chat: str) -> None:
    path = f"/v1/sessions/{chat}/messages/1/feedback"
    for kind, comment in (("up", ""), ("copied", ""), ("down", "not two")):
        made = client.post(path, json={"kind": kind, "comment": comment})
        assert (made.status_code, made.json()["kind"]) == (201, kind)
    kept = client.get(f"/v1/sessions/{chat}").json()["feedback"]
    assert [(f["kind"], f["comment"]) for f in kept] == [("copied", ""), ("down", "not two")]
    assert client.delete(path).status_code == 204
    assert [f["kind"] for f in client.get(f"/v1/sessions/{chat}").json()["feedback"]] == ["copied"]


@pytest.mark.parametrize(
    ("position", "body", "status"),
    [
        (0, {"kind": "up"}, 422),
        (9, {"kind": "up"}, 404),
        (1, {"kind": "meh"}, 422),
        (1, {}, 422),
        (1, {"kind": "edited"}, 422),
        (1, {"kind": "up", "text": "better"}, 422),
        (1, {"kind": "edited", "text": "better", "comment": "so"}, 422),
    ],
)
def test_only_answers_can_be_judged(
    client: httpx.Client, chat: str, position: int, body: dict, status: int
) -> None:
    path = f"/v1/sessions/{chat}/messages/{position}/feedback"
    assert client.post(path, json=body).status_code == status


def test_an_edited_answer_is_kept_with_its_new_words(client: httpx.Client, chat: str) -> None:
    path = f"/v1/sessions/{chat}/messages/1/feedback"
    told = client.post(path, json={"kind": "edited", "text": "One, two. " * 900})
    assert told.status_code == 201 and told.json()["comment"] == "One, two. " * 900
    kept = client.get(f"/v1/sessions/{chat}").json()
    assert kept["feedback"][-1]["kind"] == "edited"
    assert kept["messages"][1]["content"].strip() == "one two", "the answer itself stays"


def test_a_session_is_its_owners_alone_and_leaves_nothing(
    client: httpx.Client, chat: str, live
) -> None:
    client.post(f"/v1/sessions/{chat}/messages/1/feedback", json={"kind": "up"})
    with live.client() as stranger:
        assert stranger.get(f"/v1/sessions/{chat}").status_code == 404
        assert stranger.get(f"/v1/sessions/{chat}/export").status_code == 404
        assert stranger.delete(f"/v1/sessions/{chat}").status_code == 404
        wrong = stranger.post("/v1/chat", json={"prompt": "mine", "session_id": chat})
        assert wrong.status_code == 404
    before = live.services.feedback.counts().get("up", 0)
    assert client.delete(f"/v1/sessions/{chat}").status_code == 204
    assert client.get(f"/v1/sessions/{chat}").status_code == 404
    assert live.services.feedback.counts().get("up", 0) == before - 1
