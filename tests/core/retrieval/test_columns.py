"""Columns give what the table holds, whole columns and single rows alike."""

import pyarrow as pa

from core.retrieval.columns import Columns

TABLE = pa.concat_tables(
    pa.table(
        {
            "id": [f"{n}a", f"{n}b"],
            "path": ["one.py", "two.py"],
            "text": [f"text {n}", ""],
            "names": [["x", "y"], []],
            "span_start": [n, 2 * n],
            "span_end": [n + 5, 2 * n + 7],
        }
    )
    for n in range(3)
)


def test_every_column_is_there_and_spans_are_one():
    columns = Columns(TABLE)
    assert list(columns) == ["id", "path", "text", "names", "span"]
    assert len(columns) == 5
    assert "span" in columns
    assert "span_start" not in columns


def test_rows_read_one_by_one_are_those_of_the_table():
    columns = Columns(TABLE)
    for name in ("id", "path", "text", "names"):
        assert list(columns[name]) == TABLE[name].to_pylist()
        assert columns[name][3] == TABLE[name][3].as_py()
    assert list(columns["span"]) == [(0, 5), (0, 7), (1, 6), (2, 9), (2, 7), (4, 11)]
    assert columns["text"][1:4] == ["", "text 1", ""]


def test_a_value_that_repeats_is_kept_once():
    paths = Columns(pa.table({"path": ["a/long/path.py", "b.py"] * 50}))["path"]
    assert paths == ["a/long/path.py", "b.py"] * 50
    assert len({id(path) for path in paths}) == 2
