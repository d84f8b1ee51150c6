"""Stored figures as tables: what was measured beside what was aimed at, missed or met."""

import json
from pathlib import Path
from typing import Any

import pytest

from docs import measured

EVALS = {
    "again times_faster": 61.2,
    "held samples": 10_000,
    "held growth_mb": 250.4,
    "shown samples": 100_000,
    "shown run_page_ms": 212.0,
    "shown sample_page_ms": 20.0,
    "shown compare_ms": 700.0,
    "shown compare_page_ms": 900.0,
}
PEERS = {
    "model samples": 216,
    "model answered_alike": 215,
    "model scored_alike": 216,
    "ours samples_per_s": 11.0,
    "lm_eval samples_per_s": 10.0,
    "ours against lm_eval": 1.1,
    "ours cpu_ms_per_sample": 3.0,
    "inspect_ai cpu_ms_per_sample": 10.0,
    "overhead against inspect_ai": 0.3,
}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    machine = {"cpu": "a processor", "cores": 2, "load_1m": 0.1}
    for name, figures in (("evals", EVALS), ("peers", PEERS)):
        found: dict[str, Any] = {"figures": figures, "machine": machine, "notes": "As told."}
        text = json.dumps({**found, "date": "2026-11-21T20:00:00+00:00"})
        (tmp_path / f"{name}.json").write_text(text)
    return tmp_path


def test_large_runs_are_told_with_what_was_missed(results: Path):
    table = measured.large(results)
    assert "| memory that a run of 10,000 samples adds | 250 MB | at most 200 MB: missed |" in table
    assert "| the page of a run of 100,000 samples | 212 ms | at most 300 ms: met |" in table
    assert "61.2 × | at least 50 ×: met |" in table
    assert "on a processor, 2 cores, load 0.1. As told." in table


def test_peers_are_told_with_what_was_missed(results: Path):
    table = measured.peers(results)
    assert "215 of 216" in table
    assert "| 11 | 10 | 1.1 | at least 1: met |" in table
    assert "| 3 | 10 | 0.3 | at most 0.2: missed |" in table


def test_nothing_is_told_of_what_was_not_measured(tmp_path: Path):
    assert measured.large(tmp_path).startswith("Not measured yet: `make bench-evals`")
    assert measured.peers(tmp_path).startswith("Not measured yet: `make bench-peers`")
