"""The routes of evaluations: what they take, give and refuse."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.store.lock import Lock, owner_of
from eval.asking import asking
from eval.service import Runs
from tests import parts
from tests.eval.answering import Sums, questions, sums


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[parts.Live]:
    folder = tmp_path_factory.mktemp("evals")
    with parts.live(folder) as running:
        lock = Lock.acquire(folder, running.url)
        parts.let_in(running, lock.owner.token)
        yield running
        lock.release()


@pytest.fixture
def client(live: parts.Live) -> Iterator[httpx.Client]:
    with live.client() as visitor:
        yield visitor


@pytest.fixture(scope="module")
def server() -> Iterator[Sums]:
    with sums() as running:
        yield running


def test_an_answer_that_comes_along_is_graded_and_kept(client: httpx.Client):
    body = {"question": "What is 2 + 3?", "answer": "It is 5 [1].", "reference": "5",
            "contexts": ["2 + 3 is 5."]}  # fmt: skip
    told = client.post("/v1/evaluate", json=body).json()
    assert told["correctness"]["value"] == 1
    assert told["correctness"]["by"].startswith("contains@")
    assert told["faithfulness"]["value"] is not None
    assert told["outcome"] == "correct"
    (mark,) = told["marks"]
    assert (mark["text"], mark["mark"], mark["chunks"]) == ("It is 5 [1].", "supported", [1])
    again = client.post("/v1/evaluate", json={**body, "answer": "It is 6."}).json()
    assert (again["run_id"], again["position"]) == (told["run_id"], told["position"] + 1)
    kept = client.get(f"/v1/evals/{told['run_id']}/samples").json()
    assert [each["answer"] for each in kept["samples"]] == ["It is 5 [1].", "It is 6."]
    assert kept["samples"][0]["marks"] == [mark]
    assert kept["total"] == 2


def test_a_question_is_answered_here_and_what_is_not_scored_says_why(client: httpx.Client):
    told = client.post("/v1/evaluate", json={"question": "Say this", "method": "chat"}).json()
    assert told["answer"].strip() == "Say this"
    assert told["correctness"]["value"] is None
    assert told["correctness"]["why"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"question": " "},
        {"question": "x", "method": "magic"},
        {"question": "x", "contexts": "text"},
        {"question": "x", "anser": "y"},
        {"question": "x" * 200_000, "answer": "y"},
    ],
)
def test_an_evaluation_that_makes_no_sense_is_refused(client: httpx.Client, body: dict):
    response = client.post("/v1/evaluate", json=body)
    assert response.status_code in (413, 422)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"suite": "arith", "metod": "naive"}, "Did you mean method?"),
        ({"suite": "arit"}, "arith"),
        ({"suite": "arith", "scorers": ["numerc"]}, "numeric"),
        ({"suite": "arith", "matrix": {"method": []}}, "matrix"),
        ({}, "suite is missing"),
    ],
)
def test_a_run_that_cannot_be_is_refused_with_what_was_meant(
    client: httpx.Client, body: dict, said: str
):
    response = client.post("/v1/batch-evals", json=body)
    assert response.status_code in (404, 422)
    assert said in response.text


def test_a_run_from_the_request_to_the_comparison(
    live: parts.Live, client: httpx.Client, server: Sums, tmp_path_factory: pytest.TempPathFactory
):
    runs = live.services.evals
    assert isinstance(runs, Runs)
    live.services.jobs.start()
    runs.start()
    file = str(questions(tmp_path_factory.mktemp("suite"), 12))
    body = {"suite": file, "model": {"url": server.url("sums"), "name": "m"}}
    response = client.post("/v1/batch-evals", json=body, headers={"Idempotency-Key": "one"})
    assert response.status_code == 202
    id = response.json()["id"]
    again = client.post("/v1/batch-evals", json=body, headers={"Idempotency-Key": "one"})
    assert again.json()["id"] == id
    for _ in range(600):
        told = client.get(f"/v1/batch-evals/{id}").json()
        if told["is_over"]:
            break
        time.sleep(0.1)
    assert (told["state"], told["done"], told["fraction"]) == ("completed", 12, 1.0)
    assert told["aggregates"]["passed"]["hits"] == 11
    one = client.get(f"/v1/evals/{id}").json()
    assert one["config"]["model"]["url"] == "set"
    assert server.url("sums") not in client.get(f"/v1/evals/{id}").text
    assert "settings" not in one["provenance"]
    listed = client.get("/v1/evals", params={"suite": "sums.jsonl"}).json()
    assert [run["id"] for run in listed["runs"]] == [id]
    wrong = client.get(f"/v1/evals/{id}/samples", params={"outcome": "wrong"}).json()
    assert [each["item"]["id"] for each in wrong["samples"]] == ["s007"]
    same = client.get("/v1/evals/compare", params={"a": id, "b": id}).json()
    assert same["samples"] == 12
    where = f"/v1/evals/{id}/samples/6/label"
    said = {"passed": True, "name": "Ann", "reason": "Near enough."}
    assert client.post(where, json=said).json()["outcome"] == "correct"
    assert client.post(where, json={"passed": None}).json()["outcome"] == "wrong"
    assert client.post(f"/v1/batch-evals/{id}/resume").status_code == 422
    assert client.delete(f"/v1/evals/{id}").json()["deleted"]
    assert client.get("/v1/evals").json()["runs"] == []
    assert client.post(f"/v1/evals/{id}/restore").json()["deleted"] is None


def test_nobody_sees_the_runs_of_another(live: parts.Live, client: httpx.Client):
    id = client.post("/v1/evaluate", json={"question": "x?", "answer": "y"}).json()["run_id"]
    with live.client() as other:
        assert other.get(f"/v1/evals/{id}").status_code == 404
        assert other.get(f"/v1/evals/{id}/samples").status_code == 404
        assert other.delete(f"/v1/batch-evals/{id}").status_code == 404
    assert client.get(f"/v1/evals/{id}").status_code == 200


def test_commands_need_the_token(live: parts.Live, client: httpx.Client):
    owner = owner_of(live.services.settings.data_dir)
    assert owner
    assert client.post("/v1/internal/evals/list", json={}).status_code == 401
    mine = {"X-Plumbline-Token": owner.token}
    assert client.post("/v1/internal/evals/list", json={}, headers=mine).status_code == 200
    assert client.post("/v1/internal/evals/magic", json={}, headers=mine).status_code == 404


@pytest.mark.slow
def test_what_a_stop_broke_off_goes_on_at_the_next_start(tmp_path: Path, server: Sums):
    given = {"suite": str(questions(tmp_path, 12)), "batch": 2, "concurrency": 1}
    model = {"url": server.url("sums"), "name": "m"}
    data = tmp_path / "data"
    server.pause = 0.5
    with asking(parts.settings(data)) as runs:
        run = runs.submit({**given, "model": model})
        for _ in range(600):
            if runs.get(run.id).done:
                break
            time.sleep(0.05)
    server.pause = 0.0
    with parts.live(data, warm=False) as running:
        lock = Lock.acquire(data, running.url)
        parts.let_in(running, lock.owner.token)
        evals = running.services.evals
        assert isinstance(evals, Runs)
        assert 0 < evals.get(run.id).done < 12
        running.services.jobs.start()
        evals.start()
        for _ in range(600):
            if evals.get(run.id).state not in ("queued", "running"):
                break
            time.sleep(0.1)
        assert (evals.get(run.id).state, evals.get(run.id).done) == ("completed", 12)
        lock.release()
