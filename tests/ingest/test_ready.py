"""Ready chunks: kept to the letter, and every bad line named."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents import Chunk
from core.errors import NotFound, Stopped, TooLarge
from ingest import ready
from ingest.found import Caps, Skipped, Watch
from ingest.ready import Ready


def lines(folder: Path, *rows: object, caps: Caps | None = None) -> list[Chunk | Skipped]:
    file = folder / "chunks.jsonl"
    data = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    file.write_bytes(b"\n".join(data) + b"\n")
    return list(Ready(file, caps or Caps(), Watch()).chunks())


def test_chunks_are_kept_as_they_are(tmp_path: Path):
    row = {"id": "a/1", "path": "any where\\x", "text": " é\r\n\tx\n", "other": 1}
    (chunk,) = lines(tmp_path, row)
    assert chunk == Chunk(
        path="any where\\x", start=1, end=2, text=" é\r\n\tx\n", id="a/1", span=(0, 8)
    )


def test_a_path_may_be_missing_and_an_id_a_number(tmp_path: Path):
    (chunk,) = lines(tmp_path, {"id": 7, "text": "seven"})
    assert isinstance(chunk, Chunk)
    assert (chunk.id, chunk.path) == ("7", "7")


def test_every_bad_line_is_named_with_its_number_and_reason(tmp_path: Path):
    good = {"id": "1", "path": "p", "text": "t"}
    rows = [
        b"not json",
        b"\xff\xfe",
        b"[" * 100_000,
        [1],
        {**good, "id": ""},
        {**good, "id": True},
        {"path": "p", "text": "t"},
        {**good, "text": " \n"},
        {**good, "text": None},
        {**good, "path": 3},
        {**good, "text": "\ud800"},
        good,
        b"   ",
        good,
    ]
    found = lines(tmp_path, *rows)
    assert [each for each in found if isinstance(each, Chunk)] == [
        Chunk(path="p", start=1, end=1, text="t", id="1", span=(0, 1))
    ]
    assert [each for each in found if isinstance(each, Skipped)] == [
        Skipped("line 1", ready.NOT_JSON),
        Skipped("line 2", ready.NOT_JSON),
        Skipped("line 3", ready.NOT_JSON),
        Skipped("line 4", ready.NOT_OBJECT),
        Skipped("line 5", ready.NO_ID),
        Skipped("line 6", ready.NO_ID),
        Skipped("line 7", ready.NO_ID),
        Skipped("line 8", ready.NO_TEXT),
        Skipped("line 9", ready.NO_TEXT),
        Skipped("line 10", ready.NO_PATH),
        Skipped("line 11", ready.NOT_UNICODE),
        Skipped("line 14", ready.REPEATED),
    ]


def test_long_lines_are_passed_over_without_being_held(tmp_path: Path):
    row = {"id": "1", "path": "p", "text": "t" * 50}
    long = {**row, "id": "2", "text": "t" * 1000}
    last = {**row, "id": "3"}
    found = lines(tmp_path, row, long, last, caps=Caps(file_bytes=100))
    assert [getattr(each, "reason", "") for each in found] == ["", ready.TOO_LONG, ""]
    assert found[1] == Skipped("line 2", ready.TOO_LONG)


@pytest.mark.parametrize("size", [98, 99, 100, 101, 102])
def test_lines_around_the_cap_keep_their_numbers(tmp_path: Path, size: int):
    row = {"id": "1", "path": "p", "text": ""}
    row["text"] = "t" * (size - len(json.dumps(row)))
    found = lines(tmp_path, row, b"bad", caps=Caps(file_bytes=100))
    assert isinstance(found[0], Chunk) == (size <= 100)
    assert found[1] == Skipped("line 2", ready.NOT_JSON)


def test_a_whole_file_has_a_cap_too(tmp_path: Path):
    row = {"id": "1", "path": "p", "text": "t" * 200}
    with pytest.raises(TooLarge, match=r"chunks\.jsonl"):
        lines(tmp_path, row, caps=Caps(total_bytes=100))
    with pytest.raises(TooLarge):
        lines(tmp_path, row, caps=Caps(file_bytes=20, total_bytes=100))


def test_a_file_that_is_not_there_and_a_stop(tmp_path: Path):
    with pytest.raises(NotFound, match=r"none\.jsonl"):
        list(Ready(tmp_path / "none.jsonl", Caps(), Watch()).chunks())
    (tmp_path / "a.jsonl").write_text("{}\n")
    with pytest.raises(Stopped):
        list(Ready(tmp_path / "a.jsonl", Caps(), Watch(stop=lambda: True)).chunks())


def test_chunks_can_be_read_again(tmp_path: Path):
    file = tmp_path / "a.jsonl"
    file.write_text('{"id": "1", "path": "p", "text": "t"}\n')
    reader = Ready(file, Caps(), Watch())
    assert list(reader.chunks()) == list(reader.chunks())


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_comes_back_unchanged(tmp_path_factory: pytest.TempPathFactory, text: str):
    (found,) = lines(tmp_path_factory.mktemp("any"), {"id": "1", "path": "p", "text": text})
    if isinstance(found, Chunk):
        assert found.text == text
        assert found.span == (0, len(text.encode()))
    else:
        assert not text.strip()
