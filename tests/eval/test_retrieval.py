"""Queries are read or refused with their line, and an index is measured mode by mode."""

import json
from pathlib import Path

import pytest

from core.documents import Chunk
from core.errors import BadInput
from core.retrieval.found import Mode
from core.store.connection import Store
from core.store.corpora import Corpora, FileRow
from eval.__main__ import main
from eval.retrieval import Asked, Told, evaluate, read

TEXTS = {"a": "a pool of sockets", "b": "bread from a warm oven", "c": "reads lines of a file"}


def lines(folder: Path, *rows: object) -> Path:
    file = folder / "queries.jsonl"
    file.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows))
    return file


def test_queries_are_read(tmp_path: Path):
    file = lines(tmp_path, {"query": "q", "relevant": ["x", "y", "x"], "more": 1}, "", "  ")
    assert read(file) == [Asked("q", ("x", "y"))]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "Line 2 of queries.jsonl is not JSON"),
        ('["q"]', "Line 2 of queries.jsonl has no query"),
        ({"query": " ", "relevant": ["x"]}, "Line 2 of queries.jsonl has no query"),
        ({"query": "q"}, "Line 2 of queries.jsonl does not say what is relevant"),
        ({"query": "q", "relevant": []}, "Line 2 of queries.jsonl does not say what is relevant"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, row: object, said: str):
    with pytest.raises(BadInput, match=said):
        read(lines(tmp_path, {"query": "q", "relevant": ["x"]}, row))


def test_a_file_that_holds_nothing_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="holds no query"):
        read(lines(tmp_path, ""))
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "absent.jsonl")


def test_figures_are_those_of_the_ranks():
    order = {"first": ("x", "b", "c"), "third": ("a", "b", "x"), "none": ("a",)}

    def ask(text: str, mode: Mode) -> Told:
        return Told(order[text], mode)

    found = evaluate([Asked(text, ("x",)) for text in order], ask, ["lexical"])["lexical"]
    assert found["queries"] == 3
    assert found["recall@1"] == pytest.approx(1 / 3)
    assert found["recall@5"] == pytest.approx(2 / 3)
    assert found["mrr@10"] == pytest.approx((1 + 1 / 3) / 3)
    assert found["ndcg@10"] == pytest.approx((1 + 0.5) / 3)
    low, high = found["intervals"]["recall@5"]
    assert low <= found["recall@5"] <= high


def test_half_of_what_is_relevant_is_half_a_recall():
    def ask(text: str, mode: Mode) -> Told:
        return Told(("x", "z"), mode)

    found = evaluate([Asked("q", ("x", "y"))], ask, ["dense"])["dense"]
    assert found["recall@20"] == 0.5


def test_a_mode_that_cannot_run_has_no_figures():
    def ask(text: str, mode: Mode) -> Told:
        return Told(("x",), "lexical", "The vectors are not ready.")

    found = evaluate([Asked("q", ("x",))], ask, ["lexical", "dense"])
    assert found["lexical"]["recall@1"] == 1
    assert found["dense"] == {"queries": 0, "why": "The vectors are not ready."}


@pytest.fixture
def indexed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a DATA_DIR with a corpus that can be searched by words."""
    data = tmp_path / "data"
    data.mkdir()
    store = Store.open(data, "256MB")
    corpora = Corpora(store)
    corpora.create("small", "Small", {"kind": "corpus"}, {"cutting": "code"})
    generation = corpora.begin("small")
    files = [
        (FileRow(f"{name}.txt", "h", 9), [Chunk(f"{name}.txt", 1, 1, text, id=name, span=(0, 9))])
        for name, text in TEXTS.items()
    ]
    corpora.stage("small", generation, files)
    corpora.publish("small", generation)
    store.close()
    monkeypatch.setenv("DATA_DIR", str(data))
    return data


def test_the_command_measures_an_index(
    indexed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    asked = [{"query": "which oven bakes bread", "relevant": ["b"]},
             {"query": "lines of files", "relevant": ["c"]}]  # fmt: skip
    out = tmp_path / "out.json"
    words = ["--queries", str(lines(tmp_path, *asked)), "--index", "small", "--json", str(out)]
    assert main(["retrieval", *words]) == 0
    told = json.loads(out.read_text())
    assert (told["index"], told["queries"]) == ("small", 2)
    assert told["modes"]["lexical"]["recall@1"] == 1
    assert set(told["modes"]) == {"lexical", "dense", "hybrid", "reranked"}
    assert "recall@1" not in told["modes"]["dense"]
    assert "lexical" in capsys.readouterr().out


def test_an_index_that_is_not_there_is_said(
    indexed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = lines(tmp_path, {"query": "q", "relevant": ["x"]})
    assert main(["retrieval", "--queries", str(file), "--index", "other"]) == 1
    assert "other" in capsys.readouterr().err
