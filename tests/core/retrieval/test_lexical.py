"""Texts are ranked by shared words; an index sees its files, its folder and every edit."""

import json
from pathlib import Path

import bm25s
import numpy as np
import pytest

from core.errors import Corrupt
from core.retrieval import lexical as module
from core.retrieval.lexical import MANIFEST, Lexical, LexicalIndex, best, matching
from core.retrieval.words import tokens

TEXTS = {
    "net/socket.py": ["def open(timeout): open the socket", "def close(): close it"],
    "net/pool.py": ["keep sockets open in a pool", "count what the pool holds"],
    "files.py": ["open the file and read its lines", "close the file"],
    "words.py": ["split a text at white space"] * 2,
}


def rows(texts: dict[str, list[str]] = TEXTS, **more: list[str]) -> dict[str, list[str]]:
    pairs = [(path, n, text) for path, found in texts.items() for n, text in enumerate(found)]
    made = {
        "id": [f"{path}:{n}" for path, n, _ in pairs],
        "path": [path for path, _, _ in pairs],
        "text": [text for _, _, text in pairs],
        "symbol": [""] * len(pairs),
        "context": [""] * len(pairs),
    }
    return {**made, **more}


def test_the_text_that_shares_the_rare_word_wins():
    texts = ["open the file", "open the socket with a timeout", "open the door"]
    assert Lexical(texts).rank("socket timeout", 2)[0][0] == 1


def test_texts_sharing_no_word_are_left_out():
    assert [i for i, _ in Lexical(["red fox", "blue whale"]).rank("whales", 5)] == [1]


def test_an_empty_corpus_and_an_empty_query_find_nothing():
    assert Lexical([]).rank("anything") == []
    assert Lexical(["a text"]).rank("??") == []
    assert Lexical(["", ""]).rank("word") == []
    assert LexicalIndex.build(rows({})).rank("anything", 5) == []
    assert LexicalIndex.build(rows()).rank("?? of the", 5) == []


def test_scores_are_those_of_bm25s(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "FILE_SHARE", 0.0)
    made = rows()
    plain = bm25s.BM25()
    plain.index(
        [tokens(f"{p} {t}") for p, t in zip(made["path"], made["text"], strict=True)],
        show_progress=False,
    )
    query = "open sockets"
    assert np.allclose(LexicalIndex.build(made).scores(query), plain.get_scores(tokens(query)))


def test_a_chunk_in_a_file_about_the_query_comes_before_its_twin():
    texts = {"a.py": ["return the value", "apples"], "b.py": ["return the value", "whales swim"]}
    found = LexicalIndex.build(rows(texts)).rank("return value of whales", 4)
    assert [name for name, _ in found if name.endswith(":0")] == ["b.py:0", "a.py:0"]


def test_a_name_counts_more_than_a_mention():
    texts = {
        "a.py": ["the connect call comes later in here"],
        "b.py": ["it does connect all of it"],
    }
    found = LexicalIndex.build(rows(texts, symbol=["", "connect"])).rank("connect", 2)
    assert found[0][0] == "b.py:0"


def test_only_allowed_chunks_are_ranked():
    index = LexicalIndex.build(rows())
    allowed = np.array([name.startswith("files.py") for name in index.ids])
    assert {name for name, _ in index.rank("open close", 10, allowed)} == {
        "files.py:0",
        "files.py:1",
    }


def test_a_saved_index_opens_as_it_was(tmp_path: Path):
    index = LexicalIndex.build(rows())
    index.save(tmp_path / "lexical")
    opened = LexicalIndex.open(tmp_path / "lexical")
    assert opened.rank("open socket", 10) == index.rank("open socket", 10)
    assert isinstance(opened._chunks.base.scores["data"], np.memmap)
    index.save(tmp_path / "lexical")
    assert [path.name for path in tmp_path.iterdir()] == ["lexical"]


@pytest.mark.parametrize("lost", [MANIFEST, "chunks/data.csc.index.npy", "files/params.index.json"])
def test_half_a_folder_is_refused(tmp_path: Path, lost: str):
    LexicalIndex.build(rows()).save(tmp_path / "lexical")
    (tmp_path / "lexical" / lost).unlink()
    with pytest.raises(Corrupt, match="lexical cannot be read"):
        LexicalIndex.open(tmp_path / "lexical")


def test_another_version_is_refused(tmp_path: Path):
    LexicalIndex.build(rows()).save(tmp_path / "lexical")
    file = tmp_path / "lexical" / MANIFEST
    file.write_text(json.dumps({**json.loads(file.read_text()), "version": 0}))
    with pytest.raises(Corrupt):
        LexicalIndex.open(tmp_path / "lexical")


def many() -> dict[str, list[str]]:
    """Return enough texts that one edited file is a small share of them."""
    return {f"f{n}.py": [f"value {n} is open", f"close number {n % 7}"] for n in range(40)}


def edited() -> dict[str, list[str]]:
    texts = many()
    texts["f3.py"] = ["a zebra is open", *texts["f3.py"][1:]]
    del texts["f9.py"]
    return {**texts, "new.py": ["a new zebra value"]}


def ids(texts: dict[str, list[str]]) -> list[str]:
    return [f"{path}{hash(text)}" for path, found in texts.items() for text in found]


def test_an_edit_is_visible_without_building_anew(monkeypatch: pytest.MonkeyPatch):
    index = LexicalIndex.build(rows(many(), id=ids(many())))
    whole = LexicalIndex.build(rows(edited(), id=ids(edited())))
    monkeypatch.setattr(LexicalIndex, "build", None)
    found = index.updated(rows(edited(), id=ids(edited())))
    assert found.delta == 2
    assert found.ids == whole.ids
    for query in ("zebra", "open value 3", "close number", "value 9"):
        assert np.allclose(found.scores(query), whole.scores(query), rtol=0.02), query
    assert index.rank("zebra", 5) == []


def test_an_opened_index_is_brought_up_to_date(tmp_path: Path):
    LexicalIndex.build(rows(many(), id=ids(many()))).save(tmp_path / "lexical")
    found = LexicalIndex.open(tmp_path / "lexical").updated(rows(edited(), id=ids(edited())))
    assert len(found.rank("zebra", 5)) == 2
    again = found.updated(rows(many(), id=ids(many())))
    assert again.delta == 0
    assert again.rank("zebra", 5) == []


def test_a_large_change_builds_anew():
    texts = {path: [f"{text} changed" for text in found] for path, found in many().items()}
    found = LexicalIndex.build(rows(many(), id=ids(many()))).updated(rows(texts, id=ids(texts)))
    assert found.delta == 0
    assert len(found.rank("changed", 100)) == 80


def test_the_best_are_in_order_and_above_zero():
    scores = np.array([0.0, 2.0, 1.0, 2.0, -1.0], np.float32)
    assert best(scores, 2) == [1, 3]
    assert best(scores, 10) == [1, 3, 2]
    assert best(np.zeros(3, np.float32), 2) == []


def test_matching_words_are_shown_as_written():
    text = "class FileReader: def read_lines(self): reads the Files"
    assert matching("reading a file", text) == ("FileReader", "read_lines", "reads", "Files")
