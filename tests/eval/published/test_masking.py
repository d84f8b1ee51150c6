"""Masking: nothing of the machine gets out, and nothing else is changed."""

import json
from pathlib import Path

import pytest

from eval.published.masking import ROOT, Mask
from tests.eval import _runs

MASK = Mask([Path("/srv/private/machine/place")])


def test_provenance_keeps_what_shapes_an_answer_and_no_place():
    told = MASK.provenance(_runs.run().provenance)
    assert told["settings"] == {"MAX_TOKENS": "512"}
    assert told["model"] == {"name": "bundled-13m", "folder": "…/models", "parameters": 13}
    assert "/srv" not in json.dumps(told)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/somewhere/else/model", "…/model"),
        ("C:\\Users\\ann\\model", "…/model"),
        ("~/model", "…/model"),
        ("http://gpu-7.internal:8000/v1", "http://…"),
        ("cannot reach http://ann:pw@gpu-7/v1 now", "cannot reach http://… now"),
        ("codeqa rag", "codeqa rag"),
        ("a/b is a hub id", "a/b is a hub id"),
    ],
)
def test_a_fact_holds_no_path_and_no_address(text: str, left: str):
    assert MASK.facts({"x": [text]}) == {"x": [left]}


def test_content_loses_the_folders_of_this_machine_alone():
    said = f"No file {ROOT}/data/x; GET /v1/chat; see /usr/bin/env and /srv/private/machine/place/y"
    told = MASK.content({"answer": said, "n": 3, "none": None})
    assert told["answer"] == "No file …/data/x; GET /v1/chat; see /usr/bin/env and …/y"
    assert told["n"] == 3 and told["none"] is None


def test_a_name_that_only_begins_like_a_folder_is_kept():
    assert MASK.content(f"{ROOT}-other") == f"{ROOT}-other"
