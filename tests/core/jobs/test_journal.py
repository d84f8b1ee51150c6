"""The worker's file: whole lines only, each once, whatever happened to the last."""

import pytest

from core.errors import TooLarge
from core.jobs import journal
from core.jobs.journal import NAME, Journal, read


def kinds(folder, offset=0):
    return [record.kind for record in read("job", folder, offset).records]


def test_what_was_written_is_read_in_order_with_growing_places(tmp_path):
    writer = Journal(tmp_path, attempt=3)
    for number in range(5):
        writer.append("result", {"number": number, "text": "ä\ud800\x00\n"})
    batch = read("job", tmp_path, 0)
    assert [record.data["number"] for record in batch.records] == list(range(5))
    assert {record.attempt for record in batch.records} == {3}
    assert batch.records[0].data["text"] == "ä\ufffd\n"
    assert batch.upto == (tmp_path / NAME).stat().st_size
    assert read("job", tmp_path, batch.records[3].n).records == batch.records[3:]
    assert read("job", tmp_path, batch.upto).records == []


def test_a_line_cut_off_by_a_kill_is_not_read_and_the_next_attempt_replaces_it(tmp_path):
    Journal(tmp_path, 1).append("result", {})
    whole = (tmp_path / NAME).stat().st_size
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"at": "2026-01-01T00:00:00+00:00", "attempt": 1, "kind": "res')
    assert kinds(tmp_path) == ["result"]
    assert read("job", tmp_path, 0).upto == whole
    Journal(tmp_path, 2).append("log", {"text": "again"})
    assert kinds(tmp_path) == ["result", "log"]
    assert kinds(tmp_path, whole) == ["log"]


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 200_000])
def test_a_long_cut_off_line_is_removed_whole(tmp_path, size):
    Journal(tmp_path, 1).append("result", {})
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole + b"x" * size)
    Journal(tmp_path, 2)
    assert (tmp_path / NAME).read_bytes() == whole


def test_a_file_without_one_whole_line_is_emptied(tmp_path):
    (tmp_path / NAME).write_bytes(b"half")
    Journal(tmp_path, 1)
    assert (tmp_path / NAME).read_bytes() == b""


NO_DATA = b'{"at": "2026-01-01T00:00:00+00:00", "attempt": 1, "kind": "result", "data": 3}'
DAMAGED = [b"\xff\xfe", b"[]", b"{}", b"nonsense", b"null", b'{"at": 1}', b"", NO_DATA]


@pytest.mark.parametrize("line", DAMAGED)
def test_a_damaged_line_is_said_and_the_rest_is_read(tmp_path, line):
    writer = Journal(tmp_path, 1)
    writer.append("result", {"a": 1})
    with (tmp_path / NAME).open("ab") as file:
        file.write(line + b"\n")
    writer.append("result", {"a": 2})
    assert kinds(tmp_path) == ["result", "log", "result"]
    assert "could not be read" in read("job", tmp_path, 0).records[1].data["text"]


def test_a_record_too_large_for_a_line_is_refused_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "LINE_LIMIT", 500)
    writer = Journal(tmp_path, 1)
    with pytest.raises(TooLarge, match="500"):
        writer.append("result", {"text": "x" * 600})
    assert (tmp_path / NAME).read_bytes() == b""


def test_a_long_file_is_read_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "BATCH_BYTES", 1000)
    writer = Journal(tmp_path, 1)
    for number in range(100):
        writer.append("result", {"number": number})
    seen, offset = [], 0
    while (batch := read("job", tmp_path, offset)).upto > offset:
        seen += [record.data["number"] for record in batch.records]
        offset = batch.upto
        assert len(batch.records) < 20
    assert seen == list(range(100))


def test_no_file_is_nothing_written(tmp_path):
    assert read("job", tmp_path, 0).records == []
