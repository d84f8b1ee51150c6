"""The labelled sentences are what their card says, and the scorer that ships was fitted on them."""

import json
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from bench.support import LABELS, fit, pairs, told
from core.assistant.scorer import WORDS

ROOT = Path(__file__).parents[2]
ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()
]


def test_there_are_enough_of_every_label_in_both_splits():
    found = [(row["split"], pair["label"]) for row in ROWS for pair in row["pairs"]]
    assert len(found) >= 400
    for split in ("calibrate", "test"):
        for label in ("supported", "partly", "unsupported"):
            assert found.count((split, label)) >= 35
    sentences = [(row["path"], pair["sentence"]) for row in ROWS for pair in row["pairs"]]
    assert len(set(sentences)) == len(sentences)


def test_no_package_is_on_both_sides_and_nothing_is_fitted_on_what_is_held_out():
    held = yaml.safe_load((ROOT / "assets/splits.yaml").read_text(encoding="utf-8"))["packages"]
    by = {
        split: {r["package"] for r in ROWS if r["split"] == split}
        for split in ("calibrate", "test")
    }
    assert by["test"] <= set(held["test"])
    assert by["calibrate"] <= set(held["dev"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['path']}:{row['first_line']}")
def test_an_excerpt_is_what_stands_in_the_package(row: dict[str, Any]):
    try:
        installed = version(row["package"])
    except PackageNotFoundError:
        pytest.skip(f"{row['package']} is not installed")
    if installed != row["version"]:
        pytest.skip(f"{row['package']} {installed} is installed, not {row['version']}")
    spec = find_spec(row["package"])
    assert spec is not None and spec.origin is not None
    file = Path(spec.origin).parent.parent / row["path"]
    lines = file.read_text(encoding="utf-8").splitlines()
    there = "\n".join(lines[row["first_line"] - 1 : row["last_line"]])
    assert dedent(there).strip("\n") == row["text"]


def test_the_weights_that_ship_are_the_fitted_ones():
    assert told(fit(pairs("calibrate"), None)) == told(WORDS)
