"""What an answer depends on, as one hash."""

from pathlib import Path

import pytest

from core.records import Item
from core.settings import load
from eval.config import parse
from eval.identity import identity, keys

ITEMS = [Item("a", "What?"), Item("b", "Why?")]


def hashes(config: dict, items: list[Item] = ITEMS, who: str = "endpoint x", revision: str = "v"):
    return keys(parse({"suite": "s", **config}), items, 0, who, revision)


def test_what_an_answer_depends_on_changes_its_hash():
    base = hashes({})
    assert len(set(base)) == 2
    assert hashes({"name": "other", "priority": 3, "scorers": "numeric"}) == base
    for other in (
        hashes({"method": "cot"}),
        hashes({"max_tokens": 7}),
        hashes({"temperature": 0.5}),
        hashes({"seed": 1}),
        hashes({}, who="endpoint y"),
        hashes({}, revision="w"),
        keys(parse({"suite": "s"}), ITEMS, 1, "endpoint x", "v"),
        hashes({}, [Item("a", "What?", contexts=("so",)), Item("b", "Why?", choices=("c",))]),
    ):
        assert not set(other) & set(base)


def test_beside_whom_a_question_stands_counts_in_a_batch_alone():
    alone = [ITEMS[0]]
    assert hashes({}, alone)[0] == hashes({})[0]
    assert hashes({}, alone, "bundled x")[0] != hashes({}, who="bundled x")[0]
    assert hashes({"method": "rag"}, alone, "bundled x")[0] in hashes(
        {"method": "rag"}, who="bundled x"
    )


def test_a_model_that_is_not_known_keeps_nothing():
    assert hashes({}, who="") == ["", ""]


@pytest.mark.parametrize("model", ["bundled", "quote"])
def test_a_model_is_told_apart_without_loading_it(tmp_path: Path, model: str):
    found = identity(load({"data_dir": str(tmp_path), "model": model}, env_file=None))
    assert found.startswith(f"{model} ")
    assert len(found.split()[1]) == 64


def test_a_server_that_is_not_there_is_not_known(tmp_path: Path):
    flags = {"model": "endpoint", "inference_url": "http://127.0.0.1:9/v1"}
    assert identity(load({"data_dir": str(tmp_path), **flags}, env_file=None)) == ""


def test_what_is_done_about_missing_names_is_part_of_who_answers(tmp_path: Path):
    flags = {"data_dir": str(tmp_path), "model": "bundled"}
    found = {
        identity(load({**flags, "missing_names": missing}, env_file=None))
        for missing in ("refuse", "warn", "off")
    }
    assert len(found) == 3
