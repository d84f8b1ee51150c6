"""The routes of suites: what they tell, take, refuse and keep from others."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.errors import Unwritable
from core.server.handover import TOKEN_HEADER
from eval.datasets.routes import lay
from tests import parts

CSV = "id,question,answer,kind\na,How many?,12,sum\nb,=1+1?,2,sum\n"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[parts.Live]:
    with parts.live(tmp_path_factory.mktemp("datasets"), upload_limit=3_000_000) as running:
        yield running


@pytest.fixture
def client(live: parts.Live) -> Iterator[httpx.Client]:
    with live.client() as visitor:
        yield visitor


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[parts.Live]:
    with parts.live(tmp_path_factory.mktemp("public"), public=1, allow_open=1) as running:
        yield running


def bring(
    client: httpx.Client, name: str, text: str | bytes = CSV, file: str = "q.csv", **more: Any
) -> httpx.Response:
    return client.post("/v1/datasets", data={"name": name, **more}, files={"file": (file, text)})


def names(client: httpx.Client) -> list[str]:
    return [row["name"] for row in client.get("/v1/datasets").json()["datasets"]]


def test_bundled_suites_are_told_with_their_cards(client: httpx.Client):
    assert names(client)[:4] == ["arith", "chat-basics", "codeqa", "codeqa-hop"]
    told = client.get("/v1/datasets/codeqa").json()
    assert (told["bundled"], told["corpus"], told["criterion"]) == (True, "codeqa", "contains")
    assert told["card"].startswith("# codeqa")
    assert told["versions"] == [told["version"]]
    assert "owner" not in told


def test_items_by_page(client: httpx.Client):
    first = client.get("/v1/datasets/arith/items", params={"size": 2}).json()
    second = client.get("/v1/datasets/arith/items", params={"size": 1, "page": 2}).json()
    assert (first["total"], first["page"], first["size"]) == (300, 1, 2)
    assert second["items"] == first["items"][1:]
    assert client.get("/v1/datasets/arith/items", params={"page": 1000}).json()["items"] == []
    assert client.get("/v1/datasets/arith/items", params={"size": 501}).status_code == 422


def test_a_file_becomes_a_suite_once(client: httpx.Client):
    first = bring(client, "mine", title="My questions", license="MIT")
    assert first.status_code == 201
    told = first.json()
    assert (told["count"], told["criterion"], told["kinds"]) == (2, "numeric", {"sum": 2})
    assert (told["title"], told["source"]) == ("My questions", {"file": "q.csv", "form": "csv"})
    again = bring(client, "mine", title="My questions", license="MIT")
    assert (again.status_code, again.json()["version"]) == (200, told["version"])
    other = bring(client, "mine", CSV.replace("12", "13"))
    assert (other.status_code, other.json()["version"] != told["version"]) == (201, True)
    versions = client.get("/v1/datasets/mine").json()["versions"]
    assert versions == [other.json()["version"], told["version"]]
    old = client.get("/v1/datasets/mine/items", params={"version": told["version"]}).json()
    assert old["items"][0]["references"] == ["12"]


def test_every_bad_row_is_told_and_nothing_is_kept(client: httpx.Client):
    broken = CSV + "a,Again?,1,sum\nc,,1,sum\nd,Q\n"
    response = bring(client, "broken", broken)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    detail = response.json()["detail"]
    for told in (
        "3 of 5 rows",
        "Line 4: its id 'a'",
        "Line 5: it has no question",
        "Line 6: it has",
    ):
        assert told in detail
    assert "broken" not in names(client)


def test_a_check_keeps_nothing(client: httpx.Client):
    told = bring(client, "checked", CSV + "d,Q\n", check="true")
    assert told.status_code == 200
    reason = "it has 2 cells, and there are 4 columns"
    assert told.json() == {
        "usable": False,
        "rows": 3,
        "bad": 1,
        "problems": [{"line": 4, "reason": reason}],
    }
    good = bring(client, "checked", check="true").json()
    assert (good["usable"], good["rows"], good["kinds"]) == (True, 2, {"sum": 2})
    assert "checked" not in names(client)


def test_columns_are_named(client: httpx.Client):
    text = "frage;antwort\nWie viele?;zwölf|12\n".encode("cp1252")
    more = {"question": "frage", "references": "antwort", "separator": "|", "encoding": "cp1252"}
    assert bring(client, "german", text, **more).status_code == 201
    (item,) = client.get("/v1/datasets/german/items").json()["items"]
    assert item["references"] == ["zwölf", "12"]


@pytest.mark.parametrize(
    ("name", "file", "more", "status"),
    [
        ("arith", "q.csv", {}, 409),
        ("../x", "q.csv", {}, 422),
        ("fine", "q.txt", {}, 422),
        ("fine", "q.csv", {"criterion": "vibes"}, 422),
        ("fine", "q.csv", {"format": "xml"}, 422),
        ("fine", "q.csv", {"colour": "red"}, 422),
        ("fine", "q.parquet", {}, 422),
        ("fine", "q.csv", {"question": "qestion"}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(
    client: httpx.Client, name: str, file: str, more: dict[str, str], status: int
):
    response = bring(client, name, file=file, **more)
    assert response.status_code == status
    assert response.json()["detail"]
    assert "fine" not in names(client)


def test_a_file_may_be_larger_than_other_bodies_up_to_its_own_cap(
    client: httpx.Client, strangers: parts.Live
):
    assert client.post("/v1/datasets", json={"name": "x"}).status_code == 422
    large = "question,answer\n" + f"{'Q' * 900_000}?,1\n" * 3
    assert bring(client, "large", large).json()["count"] == 3
    refused = bring(client, "larger", large + large)
    assert refused.status_code == 413
    assert "at most 3,000,000 are read" in refused.json()["detail"]
    assert "UPLOAD_LIMIT" in refused.json()["hint"]
    unlike = client.post("/v1/datasets", json={"name": "x" * 2_100_000})
    assert (unlike.status_code, "BODY_LIMIT" in unlike.json()["hint"]) == (413, True)
    with strangers.client() as eve:
        assert bring(eve, "large", large).status_code == 413


def test_a_full_disk_is_said():
    with pytest.raises(Unwritable, match="No space left"):
        lay(io.BytesIO(b"x" * 100_000), Path("/dev/full"))


def test_a_suite_is_written_out(client: httpx.Client):
    bring(client, "out")
    lines = client.get("/v1/datasets/out/export")
    assert lines.headers["content-disposition"] == 'attachment; filename="out.jsonl"'
    rows = [json.loads(line) for line in lines.text.splitlines()]
    assert [row["question"] for row in rows] == ["How many?", "=1+1?"]
    sheet = client.get("/v1/datasets/out/export", params={"format": "csv"}).content.decode()
    assert sheet.startswith("\ufeffid,question,")
    assert ",'=1+1?," in sheet
    again = bring(client, "again", lines.text, "a.jsonl").json()
    assert again["version"] == client.get("/v1/datasets/out").json()["version"]


def test_deleting(client: httpx.Client):
    bring(client, "gone")
    assert client.delete("/v1/datasets/gone").status_code == 204
    assert client.get("/v1/datasets/gone").status_code == 404
    assert client.delete("/v1/datasets/gone").status_code == 404
    assert client.delete("/v1/datasets/arith").status_code == 409


def test_strangers_see_and_delete_their_own_alone(strangers: parts.Live):
    with strangers.client() as ann, strangers.client() as bob:
        ann.get("/v1/datasets")
        bob.get("/v1/datasets")
        assert bring(ann, "ann").status_code == 201
        assert "ann" in names(ann)
        assert "ann" not in names(bob)
        for path in ("ann", "ann/items", "ann/export"):
            assert bob.get(f"/v1/datasets/{path}").status_code == 404
        assert bob.delete("/v1/datasets/ann").status_code == 404
        assert bring(bob, "ann").status_code == 409
        for n in range(4):
            assert bring(ann, f"ann-{n}").status_code == 201
        assert bring(ann, "ann-5").status_code == 403
        assert bring(ann, "ann-3", CSV.replace("12", "13")).status_code == 201
        rows = "question,answer\n" + "Q?,1\n" * 2_001
        assert bring(bob, "long", rows).status_code == 413
        assert ann.delete("/v1/datasets/ann").status_code == 204


def test_the_command_line_s_own_routes_need_its_token(live: parts.Live):
    with live.client() as anybody:
        assert anybody.get("/v1/internal/datasets").status_code == 401
        headers = {TOKEN_HEADER: parts.TOKEN}
        assert anybody.get("/v1/internal/datasets", headers=headers).status_code == 200
