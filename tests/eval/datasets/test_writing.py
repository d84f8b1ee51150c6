"""Files that are written out: whole or not there, and nothing in them runs in a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.records import Item
from eval.datasets.fields import Mapping
from eval.datasets.intake import Sheet, examine
from eval.datasets.rows import item_of_line
from eval.datasets.writing import pieces, write

ITEMS = [
    Item("1", 'Say "x",\nplease', ("a", "b"), kind="k", choices=("a", "c"), contexts=("p", "q")),
    Item("2", "Q?", ("=1+1",), details={"n": 1}),
    Item("3", "R?", answerable=False),
]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_no_cell_begins_as_a_formula(start: str):
    text = "".join(pieces([Item("1", f"{start}cmd|' /C calc'!A0", (f"{start}1",))], "csv"))
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert row["question"].startswith(f"'{start}")
    assert not row["references"].startswith(start)


def test_json_lines_and_csv_are_read_again(tmp_path: Path):
    for form in ("jsonl", "csv"):
        file = tmp_path / f"out.{form}"
        assert write(ITEMS, form, file) == 3
        found = examine(Sheet(file, form, Mapping()))
        assert [item_of_line(line) for line in found.lines()] == ITEMS


def test_a_file_that_breaks_off_is_not_there(tmp_path: Path):
    def broken() -> Iterator[Item]:
        yield ITEMS[0]
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        write(broken(), "jsonl", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
