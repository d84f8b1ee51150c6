"""Rows are read in every format with their places; what cannot be read is told in its place."""

import codecs
import json
from pathlib import Path

import pytest

from core.errors import BadInput, NotFound
from eval.datasets.files import FIELD_LIMIT, LINE_LIMIT, Form, Row, form_of, rows


def written(tmp_path: Path, data: str | bytes, name: str = "file") -> Path:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read(tmp_path: Path, data: str | bytes, form: Form, encoding: str = "") -> list[Row]:
    return list(rows(written(tmp_path, data), form, encoding))


def test_the_name_tells_the_format():
    assert form_of("a.CSV") == form_of("x/b.tsv") == "csv"
    assert form_of("a.ndjson") == "jsonl"
    with pytest.raises(BadInput, match="does not say its format"):
        form_of("questions.txt")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_by_any_delimiter(tmp_path: Path, delimiter: str):
    text = f'a{delimiter}"b c"\r\n1{delimiter}"x{delimiter}""y"""\r\n'
    assert read(tmp_path, text, "csv") == [(2, {"a": "1", "b c": f'x{delimiter}"y"'})]


def test_a_cell_over_several_lines_stands_where_it_begins(tmp_path: Path):
    found = read(tmp_path, 'a,b\n"1\n2\n3",x\n\n4,y\n5\n6,z,7\n', "csv")
    assert found == [
        (2, {"a": "1\n2\n3", "b": "x"}),
        (6, {"a": "4", "b": "y"}),
        (7, "it has 1 cells, and there are 2 columns"),
        (8, "it has 3 cells, and there are 2 columns"),
    ]


def test_csv_quotes_that_do_not_match(tmp_path: Path):
    assert "quotes do not match" in str(read(tmp_path, 'a,b\n"1"x,2\n3,4\n', "csv")[0])
    assert read(tmp_path, 'a,b\n"1"x,2\n3,4\n', "csv")[1] == (3, {"a": "3", "b": "4"})
    assert read(tmp_path, 'a,b\n1,"2\n3,4\n', "csv") == [
        (2, "a quoted cell that begins here does not end")
    ]


def test_csv_without_names_or_with_one_twice(tmp_path: Path):
    with pytest.raises(BadInput, match="the column 'a' twice"):
        read(tmp_path, "a,b,a\n1,2,3\n", "csv")
    with pytest.raises(BadInput, match="names no columns"):
        read(tmp_path, ",\n1,2\n", "csv")
    assert read(tmp_path, "", "csv") == []


def test_encodings(tmp_path: Path):
    wanted = [(2, {"a": "größe", "b": "x"})]
    text = "a,b\ngröße,x\n"
    assert read(tmp_path, text, "csv") == wanted
    assert read(tmp_path, codecs.BOM_UTF8 + text.encode(), "csv") == wanted
    assert read(tmp_path, text.encode("utf-16"), "csv") == wanted
    assert read(tmp_path, text.encode("cp1252"), "csv", "cp1252") == wanted
    assert read(tmp_path, text.encode("cp1252"), "csv") == [(2, "a is not UTF-8")]
    with pytest.raises(BadInput, match="'klingon' is no encoding"):
        read(tmp_path, text, "csv", "klingon")


def test_mixed_encodings_name_the_lines(tmp_path: Path):
    lines = [json.dumps({"q": "größe"}, ensure_ascii=False) for _ in range(3)]
    mixed = lines[0].encode() + b"\n" + lines[1].encode("latin-1") + b"\n" + lines[2].encode()
    found = read(tmp_path, mixed, "jsonl")
    assert [each[0] for each in found] == [1, 2, 3]
    assert found[1] == (2, "it is not UTF-8 (byte 10)")
    assert found[2] == (3, {"q": "größe"})


def test_json_lines_that_are_none(tmp_path: Path):
    text = '\ufeff{"q": 1}\n\n[1]\n{"q": \n' + "[" * 100_000 + "\n"
    assert read(tmp_path, text, "jsonl") == [
        (1, {"q": 1}),
        (3, "it is not a JSON object"),
        (4, "it is not JSON"),
        (5, "it is not JSON"),
    ]


def test_fields_of_a_megabyte_are_read_and_endless_ones_are_told(tmp_path: Path):
    long = "x" * FIELD_LIMIT
    assert read(tmp_path, f"a,b\n{long},1\n", "csv") == [(2, {"a": long, "b": "1"})]
    found = read(tmp_path, f"a,b\n{long}x,1\n2,3\n", "csv")
    assert found == [(2, "a cell has more than 1,000,000 characters"), (3, {"a": "2", "b": "3"})]
    endless = b'{"q": "' + b"x" * LINE_LIMIT + b'"}\n{"q": 1}\n'
    told = "it has more than 8,000,000 bytes"
    assert read(tmp_path, endless, "jsonl") == [(1, told), (2, {"q": 1})]


def test_json_as_an_array_or_in_an_object(tmp_path: Path):
    wanted = [(1, {"q": "a"}), (2, "it is not a JSON object"), (3, {"q": "b"})]
    assert read(tmp_path, '[{"q": "a"}, 7, {"q": "b"}]', "json") == wanted
    text = '{"version": {"n": [1]}, "data": [{"q": "a"}, 7, {"q": "b"}], "x": 1}'
    assert read(tmp_path, text, "json") == wanted


def test_parquet(tmp_path: Path):
    import pyarrow
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    table = {"q": ["a", "b"], "answers": [["x"], ["y", "z"]], "n": [1.0, None]}
    parquet.write_table(pyarrow.table(table), path)
    found = list(rows(path, "parquet"))
    assert found[1] == (2, {"q": "b", "answers": ["y", "z"], "n": None})
    with pytest.raises(BadInput, match="not a whole Parquet file"):
        read(tmp_path, path.read_bytes()[:-20], "parquet")


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(NotFound, match=r"no file none\.csv"):
        list(rows(tmp_path / "none.csv", "csv"))
    with pytest.raises(BadInput, match="cannot be read"):
        list(rows(tmp_path, "jsonl"))
