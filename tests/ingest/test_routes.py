"""The routes of search and indexes: what they take, give and refuse."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.store.embeddings import hash_of
from tests import parts
from tests.ingest.test_main import fill


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[parts.Live]:
    with parts.live(tmp_path_factory.mktemp("routes")) as running:
        fill(running.services.store)
        yield running


@pytest.fixture
def client(live: parts.Live) -> Iterator[httpx.Client]:
    with live.client() as visitor:
        yield visitor


@pytest.mark.parametrize("path", ["/v1/retrieve", "/api/retrieve"])
def test_a_search_tells_chunks_with_every_place(client: httpx.Client, path: str):
    asked = {"query": "weigh parcel", "index": "lib", "mode": "lexical", "top_k": 1}
    told = client.post(path, json=asked).json()
    (hit,) = told["hits"] or told["misses"]
    assert (hit["path"], hit["start"], hit["end"], hit["symbol"]) == ("a.py", 1, 1, "weigh_parcel")
    assert hit["text"].startswith("def weigh_parcel")
    assert hit["places"][0]["stage"] == "lexical"
    assert hit["places"][0]["rank"] == 1
    assert (told["used"], told["corpus"], told["generation"]) == ("lexical", "lib", 1)
    assert set(told["seconds"]) >= {"lexical", "total"}


def test_a_mode_that_is_not_ready_falls_back_and_says_so(client: httpx.Client):
    told = client.post("/v1/retrieve", json={"query": "weigh parcel"}).json()
    assert (told["mode"], told["used"]) == ("reranked", "lexical")
    assert told["notice"]


def test_filters_that_match_nothing_find_nothing(client: httpx.Client):
    asked = {"query": "weigh parcel", "filters": {"paths": ["*.rs"]}, "mode": "lexical"}
    told = client.post("/v1/retrieve", json=asked).json()
    assert told["hits"] == told["misses"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": ""},
        {"query": "  "},
        {"query": "x" * 100_000},
        {"query": "x", "top_k": 0},
        {"query": "x", "top_k": 10**6},
        {"query": "x", "mode": "telepathy"},
        {"query": "x", "filters": {"owner": "me"}},
        {"query": "x", "unknown": 1},
    ],
)
def test_a_search_that_makes_no_sense_is_refused(client: httpx.Client, body: dict):
    response = client.post("/v1/retrieve", json=body)
    assert response.status_code in (413, 422)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]


def test_an_unknown_index_is_a_404_everywhere(client: httpx.Client):
    asked = {"query": "x", "corpus": "none"}
    assert client.post("/v1/retrieve", json=asked).status_code == 404
    assert client.get("/v1/rag/indexes/none").status_code == 404
    assert client.delete("/v1/rag/indexes/none").status_code == 404


def test_indexes_are_listed_and_told_with_their_report(client: httpx.Client):
    listed = client.get("/v1/rag/indexes").json()
    assert listed["default"] == "lib"
    (row,) = [row for row in listed["indexes"] if row["id"] == "lib"]
    assert (row["state"], row["modes"], row["chunks"], row["files"]) == (
        "lexical",
        ["lexical"],
        2,
        1,
    )
    one = client.get("/v1/rag/indexes/lib").json()
    assert one["report"]["skipped"] == {"empty": 1}
    assert one["title"] == "A library"


def test_an_ingest_is_queued_once_and_its_index_can_be_deleted(
    live: parts.Live, client: httpx.Client, project: Path
):
    body = {"source": str(project), "name": "mine", "embed": False}
    response = client.post("/v1/rag/indexes", json=body)
    assert response.status_code == 202
    told = response.json()
    assert (told["index"]["id"], told["index"]["state"]) == ("mine", "building")
    assert told["job"]["kind"] == "ingest"
    assert str(project) not in response.text
    again = client.post("/v1/rag/indexes", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert client.delete("/v1/rag/indexes/mine").status_code == 409
    assert client.post("/v1/retrieve", json={"query": "x", "corpus": "mine"}).status_code == 500
    (job,) = client.get("/v1/jobs").json()["jobs"]
    client.post(f"/v1/jobs/{job['id']}/cancel")
    assert client.delete("/v1/rag/indexes/mine").status_code == 204
    assert client.get("/v1/rag/indexes/mine").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"source": ""},
        {"source": "limits", "name": "../up"},
        {"source": "limits", "cutting": "x"},
        {"source": "x" * 3000},
        {"source": "limits", "trusted": True},
        {"source": "--upload-pack=x"},
    ],
)
def test_a_source_that_makes_no_sense_is_refused(client: httpx.Client, body: dict):
    response = client.post("/v1/rag/indexes", json=body)
    assert response.status_code in (404, 422), response.text
    assert response.json()["hint"] or response.json()["detail"]


def test_on_a_public_server_strangers_start_packages_alone(tmp_path: Path, project: Path):
    with parts.live(tmp_path, public=1) as public, public.client() as visitor:
        for source in (str(project), "https://github.com/a/b", "git@github.com:a/b.git"):
            response = visitor.post("/v1/rag/indexes", json={"source": source})
            assert (response.status_code, response.json()["code"]) == (403, "forbidden"), source
        fill(public.services.store)
        assert visitor.delete("/v1/rag/indexes/lib").status_code == 403
        assert public.services.jobs.list() == []


def test_the_command_lines_routes_need_its_token(client: httpx.Client):
    for method, path in (("POST", "ingests"), ("GET", "indexes"), ("DELETE", "indexes/lib")):
        assert client.request(method, f"/v1/internal/{path}", json={}).status_code == 401


def test_texts_become_vectors_of_length_one(live: parts.Live, client: httpx.Client):
    live.services.library.embed(["the first text loads the model"])
    texts = ["def add(a, b): return a + b", "a recipe for soup"]
    told = client.post("/v1/embeddings", json={"input": texts, "store": True}).json()
    assert [row["index"] for row in told["data"]] == [0, 1]
    for row in told["data"]:
        assert sum(value * value for value in row["embedding"]) == pytest.approx(1, abs=1e-3)
    kept = live.services.library.embeddings
    assert kept.missing(told["model"], [hash_of(text) for text in texts]) == []
    single = client.post("/v1/embeddings", json={"input": texts[0], "model": told["model"]}).json()
    assert single["data"][0]["embedding"] == pytest.approx(told["data"][0]["embedding"], abs=0.02)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"input": []}, 422),
        ({"input": ["x"] * 300}, 422),
        ({"input": "x" * 200_000}, 413),
        ({"input": "x", "model": "another"}, 404),
    ],
)
def test_what_cannot_be_embedded_is_refused(client: httpx.Client, body: dict, status: int):
    assert client.post("/v1/embeddings", json=body).status_code == status
