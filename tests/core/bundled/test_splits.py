"""Held-out text is found again, and the training data is free of it."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from core.bundled.config import Config
from core.bundled.corpus import python_files, units_of
from core.bundled.overlap import report
from core.bundled.prepare import Preparation
from core.bundled.questions import ask, phrasings
from core.bundled.shards import ANSWER, Example, write_shard
from core.bundled.splits import all_ngrams, load_splits, ngrams, shares
from core.bundled.tokenizer import encode_all, load_tokenizer


def test_a_shared_run_of_words_is_found_and_a_shorter_one_is_not() -> None:
    known = all_ngrams(["one two three four five six"], 4)
    assert shares(ngrams("zero TWO three, four five", 4), known)
    assert not shares(ngrams("two three four seven", 4), known)
    assert not shares(ngrams("short", 4), known)


def test_the_prepared_data_shares_nothing_with_held_out_code(work: Path, smoke: Config) -> None:
    found = report(work, smoke.compare_with)
    assert found["examples"] >= 10
    assert found["shared"] == 0, found["first"]


def test_a_leak_is_reported(work: Path, smoke: Config, tmp_path: Path) -> None:
    text = max((text for _, text in python_files("httpx")), key=len)[:4000]
    ids = encode_all(load_tokenizer(work / "tokenizer"), [text])[0]
    write_shard(tmp_path / "shards", "leak", [Example().add(ids, ANSWER)])
    (tmp_path / "tokenizer").symlink_to(work / "tokenizer")
    assert report(tmp_path, smoke.compare_with)["shared"] == 1


def test_copies_of_held_out_code_are_dropped_before_training(smoke: Config, tmp_path: Path) -> None:
    config = replace(smoke, packages=("httpx2",))
    kept = Preparation(config, tmp_path).units
    everything = list(units_of("httpx2"))
    assert sum(map(len, kept.values())) < 0.7 * len(everything)


@pytest.mark.parametrize("kind", sorted(phrasings()))
def test_held_out_phrasings_are_never_used_in_training(kind: str) -> None:
    rng = random.Random(0)
    words = {"f": "F", "p": "P", "d": "D"}
    seen = {ask(kind, rng, False, **words).replace("`", "") for _ in range(400)}
    held = {ask(kind, rng, True, **words).replace("`", "") for _ in range(400)}
    assert len(held) == load_splits().phrasings_held_out
    assert not seen & held
