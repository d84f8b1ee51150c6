"""The suite is about the files that are installed, its spans are definitions, and it is large."""

import json
from collections import Counter

import pytest

from core.bundled.splits import load_splits
from core.errors import NotFound
from eval.suites import codeqa
from eval.suites.definitions import File, blanked


@pytest.fixture(scope="module")
def texts() -> dict[str, dict[str, bytes]]:
    return {split: codeqa.texts(split) for split in codeqa.SPLITS}


def test_it_is_large_enough_and_partly_by_hand():
    kinds = Counter(question.kind for question in codeqa.load("test"))
    assert sum(kinds.values()) - kinds["unanswerable"] >= 500
    assert kinds["natural"] >= 100
    assert kinds["unanswerable"] >= 50
    assert len({question.text for question in codeqa.load("test")}) >= 660


def test_only_held_out_packages_are_asked_about():
    kept = json.loads((codeqa.SUITES / f"{codeqa.NAME}.files.json").read_text())
    packages = {
        split: {facts["package"] for facts in files.values()} for split, files in kept.items()
    }
    assert packages["test"] == set(load_splits().test)
    assert packages["tune"] == set(load_splits().dev)


def test_every_gold_span_is_the_definition_it_names(texts: dict[str, dict[str, bytes]]):
    for split in codeqa.SPLITS:
        for question in codeqa.load(split):
            for gold in question.gold:
                first, last = gold.span
                text = texts[split][gold.path][first:last].decode()
                name = gold.symbol.rpartition(".")[2]
                assert any(f"{word} {name}" in text for word in ("def", "class")), question


def test_a_docstring_that_is_asked_for_cannot_be_read(texts: dict[str, dict[str, bytes]]):
    kept = json.loads((codeqa.SUITES / f"{codeqa.NAME}.files.json").read_text())
    for split in codeqa.SPLITS:
        docs = {
            (path, one.span): one.doc
            for path in {path for path, facts in kept[split].items() if facts["blank"]}
            for one in File("", path, texts[split][path]).definitions
        }
        for question in codeqa.load(split):
            if question.kind == "docstring":
                (gold,) = question.gold
                blanks = kept[split][gold.path]["blank"]
                inside = [(a, b) for a, b in blanks if gold.span[0] <= a and b <= gold.span[1]]
                assert len(inside) == 1, question
                first, last = inside[0]
                assert texts[split][gold.path][first:last].split() == []
                assert docs[gold.path, gold.span] == ""


def test_a_question_without_gold_is_unanswerable():
    for split in codeqa.SPLITS:
        for question in codeqa.load(split):
            assert (question.kind == "unanswerable") == (not question.gold)


def test_blanking_keeps_every_byte_in_place():
    raw = 'a = 1\n"""döc\r\nstring"""\nb = 2\n'.encode()
    made = blanked(raw, [(6, raw.index(b"\nb"))])
    assert len(made) == len(raw)
    assert made.splitlines() == [b"a = 1", b" " * 7, b" " * 9, b"b = 2"]


def test_another_version_of_a_package_is_refused(tmp_path):
    with pytest.raises(NotFound, match=r"is not the file of \w+ [\d.]+ that the suite"):
        codeqa.texts("tune", root=tmp_path)


@pytest.mark.slow
def test_the_same_packages_give_the_same_suite(tmp_path):
    made = codeqa.write(tmp_path)
    for name in (made.name, f"{codeqa.NAME}.files.json"):
        assert (tmp_path / name).read_bytes() == (codeqa.SUITES / name).read_bytes()
