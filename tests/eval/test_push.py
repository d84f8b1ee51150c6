"""Pushing a bundle with the hub's own client to a hub on this machine."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from huggingface_hub import constants

from core.errors import BadInput, Forbidden, PlumblineError, SourceError, Unauthorized
from eval import publish
from eval.push import push
from tests import hub
from tests.eval import _runs


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = _runs.Kept(tmp_path_factory.mktemp("store"))
    kept.keep(_runs.run("rag run"), _runs.samples())
    source = publish.gather(kept, "rag run")
    made = publish.publish([source], tmp_path_factory.mktemp("bundle") / "out", "What: we measured")
    kept.store.close()
    return made


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[hub.Hub]:
    with hub.running(tmp_path) as running:
        monkeypatch.setattr(constants, "ENDPOINT", running.url)
        monkeypatch.setenv("HF_TOKEN", running.token)
        yield running


def head(readme: bytes) -> dict:
    return yaml.safe_load(readme.decode().split("---\n")[1])


def test_a_dataset_holds_every_file_in_one_commit_and_names_its_tables(
    bundle: Path, server: hub.Hub
):
    url = push(bundle, "ann/runs", private=True)
    assert url == f"{server.url}/datasets/ann/runs"
    files = server.repos["datasets/ann/runs"]
    assert len(server.commits) == 1 and server.created[0]["type"] == "dataset"
    assert server.created[0].get("private") or server.created[0].get("visibility") == "private"
    for each in publish.files(bundle):
        assert files[each.relative_to(bundle).as_posix()] == each.read_bytes()
    told = head(files["README.md"])
    assert told["configs"] == [{"config_name": "rag-run", "data_files": "data/rag-run.parquet"}]
    assert told["pretty_name"] == "What: we measured"


def test_a_space_is_static_and_opens_on_the_first_page(bundle: Path, server: hub.Hub):
    assert push(bundle, "ann/runs", "space") == f"{server.url}/spaces/ann/runs"
    assert server.created[0]["sdk"] == "static"
    told = head(server.repos["spaces/ann/runs"]["README.md"])
    assert told["sdk"] == "static" and told["app_file"] == "index.html"


def test_what_an_earlier_bundle_left_is_removed_and_the_rest_kept(bundle: Path, server: hub.Hub):
    server.repos["datasets/ann/runs"] = {"run-old.html": b"old", ".gitattributes": b"kept"}
    push(bundle, "ann/runs")
    files = server.repos["datasets/ann/runs"]
    assert "run-old.html" not in files and files[".gitattributes"] == b"kept"
    assert "index.html" in files


@pytest.mark.parametrize(
    ("to", "token", "kind", "said"),
    [
        ("ann/runs", "hf_wrong", Unauthorized, "HF_TOKEN"),
        ("stranger/runs", None, Forbidden, "may not write"),
        ("no place", None, BadInput, "owner/name"),
        ("../etc", None, BadInput, "owner/name"),
    ],
)
def test_what_the_hub_refuses_is_told(
    bundle: Path,
    server: hub.Hub,
    monkeypatch: pytest.MonkeyPatch,
    to: str,
    token: str | None,
    kind: type[PlumblineError],
    said: str,
):
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(kind, match=said) as caught:
        push(bundle, to)
    assert "hf_" not in str(caught.value).replace("HF_TOKEN", "")


def test_offline_it_says_so_and_keeps_the_bundle(bundle: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(SourceError, match="cannot be reached"):
        push(bundle, "ann/runs")
    assert (bundle / "index.html").is_file()


def test_a_folder_that_is_no_bundle_is_not_sent(tmp_path: Path, server: hub.Hub):
    (tmp_path / "secret.txt").write_text("x")
    with pytest.raises(BadInput, match="is no bundle"):
        push(tmp_path, "ann/runs")
    assert server.created == []


def test_a_bundle_that_was_changed_is_not_sent(bundle: Path, tmp_path: Path, server: hub.Hub):
    copy = tmp_path / "copy"
    copy.mkdir()
    told = json.loads((bundle / "manifest.json").read_text())
    (copy / "index.html").write_text("other")
    told["files"] = {"index.html": told["files"]["index.html"]}
    (copy / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(BadInput, match=r"1 files of copy are not those .* index\.html"):
        push(copy, "ann/runs")
    assert server.created == []
