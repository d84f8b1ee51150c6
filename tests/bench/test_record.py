"""A result file says on what it was measured, and not on whose machine."""

import json
import socket

import pytest

from bench import _record


@pytest.fixture
def written(tmp_path, monkeypatch) -> dict:
    monkeypatch.setattr(_record, "ROOT", tmp_path)
    monkeypatch.setattr(_record, "RESULTS", tmp_path / "bench" / "results")
    path = _record.record("speed", {"tokens_per_s": 61.5}, "Two runs.")
    assert path == tmp_path / "bench" / "results" / "speed.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_it_holds_figures_date_machine_and_versions(written: dict):
    assert written["figures"] == {"tokens_per_s": 61.5}
    assert written["notes"] == "Two runs."
    assert written["date"].endswith("+00:00")
    assert written["machine"]["cores"] >= 1
    assert written["machine"]["memory_gb"] > 0
    assert written["versions"]["gradio"]


def test_outside_a_repository_the_commit_is_unknown(written: dict):
    assert written["commit"] == "unknown"


def test_inside_one_it_is_the_commit():
    head = _record._git("rev-parse", "--short=12", "HEAD")
    assert _record.commit() in {head, f"{head}+changes"}


def test_no_host_name_is_written(written: dict):
    assert socket.gethostname() not in json.dumps(written["machine"])


def test_the_table_is_aligned():
    assert _record.table({"a": 1, "long": "x"}) == "a     1\nlong  x"
    assert _record.table({}) == ""
