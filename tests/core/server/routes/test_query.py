"""/v1/rag/query: one question over a corpus, told with its contexts and how it came about."""

from collections.abc import Iterator

import httpx
import pytest

from tests import parts
from tests.core.server.routes.test_chat import events
from tests.ingest.test_main import fill


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[parts.Live]:
    with parts.live(tmp_path_factory.mktemp("query")) as running:
        fill(running.services.store)
        yield running


@pytest.fixture
def client(live: parts.Live) -> Iterator[httpx.Client]:
    with live.client() as visitor:
        yield visitor


@pytest.mark.parametrize(
    ("path", "field"), [("/v1/rag/query", "question"), ("/api/ask", "message")]
)
def test_an_answer_comes_with_contexts_and_diagnostics(
    client: httpx.Client, path: str, field: str
) -> None:
    body = {field: "what does weigh_parcel do", "corpus": "lib", "mode": "lexical", "top_k": 1}
    told = client.post(path, json=body).json()
    (context,) = told["contexts"]
    assert (context["path"], context["symbol"]) == ("a.py", "weigh_parcel")
    assert context["text"].startswith("def weigh_parcel")
    # The echo repeats what it was shown, the number of the passage among it.
    (cited,) = told["citations"]
    assert "[1]" in told["answer"] and cited.items() >= context.items()
    (mark,) = [mark for mark in told["marks"] if mark["mark"] != "plain"]
    assert (mark["chunks"], mark["lines"]) == ([1], [1, 1]) and 0 < mark["score"] <= 1
    assert (cited["support"], cited["lines"]) == (pytest.approx(mark["score"], abs=1e-4), [1, 1])
    assert cited["sentences"] == [[mark["start"], mark["end"]]]
    diagnostics = told["diagnostics"]
    assert (diagnostics["method"], diagnostics["mode"]) == ("rag", "lexical")
    (step,) = diagnostics["steps"]
    assert (step["kind"], step["text"]) == ("retrieve", "Searched A library: 1 passage")
    assert step["seconds"] > 0
    assert diagnostics["prompts"][0].startswith("rag@")
    assert diagnostics["usage"]["model_calls"] == 1


def test_how_to_search_goes_by_two_names(client: httpx.Client) -> None:
    body = {"question": "weigh_parcel", "retrieval": "lexical"}
    told = client.post("/v1/rag/query", json=body).json()
    assert told["diagnostics"]["mode"] == "lexical"


def test_a_stream_tells_the_evidence_before_the_first_word(client: httpx.Client) -> None:
    body = {"question": "weigh_parcel", "mode": "lexical", "stream": True}
    told = events(client.post("/v1/rag/query", json=body).text)
    names = list(dict.fromkeys(name for name, _ in told))
    assert names == ["step", "evidence", "delta", "usage", "done"]
    assert dict(told)["evidence"]["evidence"][0]["symbol"] == "weigh_parcel"


@pytest.mark.parametrize(
    ("method", "said"), [("naive", "Question: weigh"), ("cot", "step by step")]
)
def test_other_methods_search_nothing(client: httpx.Client, method: str, said: str) -> None:
    told = client.post("/v1/rag/query", json={"question": "weigh", "method": method}).json()
    assert told["contexts"] == told["citations"] == []
    assert said in f"{told['diagnostics']['reasoning']} {told['answer']}"


def test_a_question_can_be_kept_in_a_session(client: httpx.Client) -> None:
    chat = client.post("/v1/chats").json()["id"]
    body = {"question": "weigh_parcel", "session_id": chat, "mode": "lexical"}
    told = client.post("/v1/rag/query", json=body).json()
    assert told["message"]["details"]["method"] == "rag"
    assert client.get(f"/v1/sessions/{chat}").json()["message_count"] == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"question": ""}, 422),
        ({"question": "x", "method": "magic"}, 422),
        ({"question": "x", "mode": "magic"}, 422),
        ({"question": "x", "top_k": 0}, 422),
        ({"question": "x", "top_k": 21}, 422),
        ({"question": "x", "corpus": "gone"}, 404),
        ({"question": "x", "session_id": "gone"}, 404),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    client: httpx.Client, body: dict, status: int
) -> None:
    response = client.post("/v1/rag/query", json=body)
    assert response.status_code == status
    assert response.json()["detail"]
