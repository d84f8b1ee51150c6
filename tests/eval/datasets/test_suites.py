"""Bundled and brought suites stand side by side; what is brought is checked, kept whole, listed."""

import json
from pathlib import Path

import pytest

from core.errors import BadInput, Conflict, NotFound, StateError
from core.store.connection import Store
from eval.datasets import bundled
from eval.datasets.fields import Mapping
from eval.datasets.intake import BadRows
from eval.datasets.suites import About, Suites

ROWS = b"""{"id": "a", "question": "Q?", "answer": "x", "kind": "k"}
{"id": "b", "question": "R?", "answer": "y"}
"""


@pytest.fixture
def store(tmp_path: Path):
    opened = Store.open(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def suites(store: Store) -> Suites:
    return Suites(store)


def test_bundled_suites_are_listed_and_streamed(suites: Suites):
    names = [suite.name for suite in suites.list()]
    assert names == ["arith", "chat-basics", "codeqa", "codeqa-hop"]
    suite = suites.get("codeqa")
    assert (suite.criterion, suite.source["corpus"]) == ("contains", "codeqa")
    assert suite.count == sum(suite.kinds.values()) == len(list(suites.items("codeqa")))
    assert suite.card.startswith("# codeqa")
    (second,) = suites.items("codeqa", suite.version, first=1, most=1)
    assert second == list(suites.items("codeqa"))[1]
    with pytest.raises(NotFound, match="is bundled in version"):
        suites.get("codeqa", "0" * 64)


def test_a_bundled_file_that_was_changed_is_refused(tmp_path: Path):
    for suffix in (".md", ".jsonl"):
        (tmp_path / f"arith{suffix}").write_bytes((bundled.SUITES / f"arith{suffix}").read_bytes())
    file = tmp_path / "arith.jsonl"
    assert bundled.suites(tmp_path)["arith"].count == 300
    file.write_text(file.read_text().replace("books", "hooks"))
    with pytest.raises(StateError, match="'arith' is not what its card says"):
        bundled.suites(tmp_path)


def test_what_is_added_is_there(suites: Suites, tmp_path: Path):
    file = tmp_path / "own.csv"
    file.write_text("question,answer\nHow many?,12\n")
    found = suites.keep(
        "own", suites.examine(file, Mapping()), About("Own questions", license="MIT"), "ann"
    )
    assert (found.title, found.criterion, found.owner) == ("Own questions", "numeric", "ann")
    assert found.source == {"file": "own.csv", "form": "csv"}
    assert [item.references for item in suites.items("own")] == [("12",)]
    assert suites.list()[-1] == found


def test_the_same_content_is_the_same_version(suites: Suites):
    first = suites.add("own", ROWS, form="jsonl")
    again = suites.add("own", ROWS.replace(b'"a", "q', b'"a",  "q'), form="jsonl")
    assert first.version == again.version
    assert len(suites.versions("own")) == 1
    other = suites.add("own", ROWS.replace(b"Q?", b"P?"), criterion="exact_match", form="jsonl")
    assert [suite.version for suite in suites.versions("own")] == [other.version, first.version]
    assert [item.question for item in suites.items("own", first.version)] == ["Q?", "R?"]


def test_a_bad_file_leaves_nothing(suites: Suites, store: Store):
    with pytest.raises(BadRows):
        suites.add("own", ROWS + b"{}\n", form="jsonl")
    with pytest.raises(BadInput, match="no scorer 'contain'"):
        suites.add("own", ROWS, criterion="contain", form="jsonl")
    with pytest.raises(BadInput, match="do not say their format"):
        suites.add("own", ROWS)
    assert len(suites.list()) == 4
    assert store.rows("SELECT count(*) FROM suite_items") == [(0,)]


def test_names_that_cannot_be_used(suites: Suites):
    suites.add("own", ROWS, form="jsonl")
    with pytest.raises(BadInput, match="cannot be the name of a suite"):
        suites.add("../own", ROWS, form="jsonl")
    with pytest.raises(Conflict, match="is bundled"):
        suites.add("codeqa", ROWS, form="jsonl")
    with pytest.raises(Conflict, match="by case alone"):
        suites.add("OWN", ROWS, form="jsonl")


def test_what_is_brought_can_be_deleted_and_what_is_bundled_cannot(suites: Suites):
    suites.add("own", ROWS, form="jsonl")
    suites.delete("own")
    with pytest.raises(NotFound):
        suites.get("own")
    with pytest.raises(Conflict, match="cannot be deleted"):
        suites.delete("arith")


def test_a_suite_written_out_and_brought_again_is_the_same(suites: Suites):
    from eval.datasets.rows import line_of

    text = "".join(f"{line_of(item)}\n" for item in suites.items("codeqa"))
    again = suites.add("copy", text.encode(), form="jsonl")
    assert again.version == suites.get("codeqa").version
    assert json.loads(text.splitlines()[0])["gold"]
