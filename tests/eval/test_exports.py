"""Exports: every row, no formulas, no lost run because of one odd character."""

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from core.documents import Mark
from core.errors import BadInput, Unwritable
from eval import exports
from tests.eval import _runs

LONE = "half \ud83d of a pair, NUL \x00, bell \x07"


def written(form: str, tmp_path: Path, rows=None) -> Path:
    found = rows if rows is not None else _runs.samples()
    return exports.write(form, _runs.run(), lambda: iter(found), tmp_path / f"x{form}")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_cell_of_text_starts_a_formula(start: str, tmp_path: Path):
    evil = f'{start}HYPERLINK("http://x","y")'
    odd = _runs.labelled(_runs.answered(0, evil, error_text=evil, error=evil), evil)
    (found,) = table(written("csv", tmp_path, [odd]))
    assert found["answer"] == f"'{evil}"
    numbers = {"seconds", "first_token_s", "contains@1", "faithfulness@2"}
    assert not any(
        text[:1] in set("=+-@\t\r\n＝") for name, text in found.items() if name not in numbers
    )


def test_numbers_stay_numbers_in_csv_and_unmeasured_is_empty(tmp_path: Path):
    assert exports.cell(-0.5) == "-0.5"
    rows = table(written("csv", tmp_path, [*_runs.samples(), _runs.answered(9, seconds=None)]))
    assert [row["contains@1"] for row in rows] == ["1.0", "0.0", "0.0", "", "1.0"]
    assert rows[-1]["seconds"] == "" and rows[0]["seconds"] == "0.5"
    assert rows[0]["tokens_in"] == "100" and rows[0]["run"] == "codeqa rag"


def test_jsonl_holds_every_sample_with_evidence_and_scores(tmp_path: Path):
    marks = (Mark("line", 0, 4, "supported", 0.9, (1,), (10, 10)),)
    one = _runs.answered(0, "line\nbreak", marks=marks)
    path = written("jsonl", tmp_path, [_runs.labelled(one)])
    (told,) = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    assert told["answer"] == "line\nbreak" and told["outcome"] == "correct"
    assert told["evidence"][0]["path"] == "pkg/mod.py" and told["evidence"][0]["n"] == 1
    told_mark = {"text": "line", "mark": "supported", "score": 0.9, "chunks": [1]}
    assert told["marks"] == [told_mark]
    assert [score["scorer"] for score in told["scores"]] == ["contains", "faithfulness"]
    assert told["labels"] == [{"passed": True, "name": "Ann", "reason": "by hand"}]


@pytest.mark.parametrize("form", exports.FORMS)
def test_a_place_that_cannot_be_written_is_said(form: str, tmp_path: Path):
    with pytest.raises(Unwritable, match="cannot be written"):
        exports.write(form, _runs.run(), lambda: iter(_runs.samples()), tmp_path)


@pytest.mark.parametrize("form", exports.FORMS)
def test_half_a_surrogate_pair_loses_no_form(form: str, tmp_path: Path):
    path = written(form, tmp_path, [_runs.answered(0, LONE, "wrong"), _runs.answered(1)])
    assert path.stat().st_size > 0
    if form == "jsonl":
        told = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
        assert told[0]["answer"] == LONE and len(told) == 2
    if form == "junit":
        assert len(ElementTree.parse(path).findall(".//testcase")) == 2
    if form == "parquet":
        assert pq.read_table(path)["answer"].to_pylist()[0].startswith("half \ufffd of")


def test_parquet_is_the_same_bytes_again_and_nests_what_is_nested(tmp_path: Path):
    first, second = written("parquet", tmp_path / "a"), written("parquet", tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    found = pq.read_table(first).to_pylist()
    assert [row["outcome"] for row in found] == ["correct", "wrong", "refused", "error"]
    assert found[0]["scores"][1] == {
        "scorer": "faithfulness",
        "version": "2",
        "value": 0.75,
        "passed": True,
        "why": "",
    }
    assert found[3]["scores"][0]["value"] is None


def test_parquet_of_more_rows_than_a_group_and_of_none(tmp_path: Path):
    many = [_runs.answered(n) for n in range(exports.GROUP + 1)]
    assert pq.read_metadata(written("parquet", tmp_path, many)).num_row_groups == 2
    assert pq.read_table(written("parquet", tmp_path / "none", [])).num_rows == 0


def test_junit_counts_failures_errors_and_skips(tmp_path: Path):
    outcomes = ("correct", "wrong", "unsupported", "error", "unscored")
    path = written("junit", tmp_path, _runs.samples(outcomes))
    suite = ElementTree.parse(path).getroot()[0]
    counted = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counted == {"tests": "5", "failures": "2", "errors": "1", "skipped": "1"}
    cases = suite.findall("testcase")
    assert cases[0].find("failure") is None and cases[0].get("classname") == "codeqa.default"
    failure = cases[1].find("failure")
    assert failure is not None and "got: Answer 1" in (failure.text or "")


def test_an_unknown_form_is_refused_with_the_near_one(tmp_path: Path):
    with pytest.raises(BadInput, match="Did you mean jsonl"):
        written("json1", tmp_path)
    assert exports.suffix("junit") == ".xml" and exports.suffix("csv") == ".csv"
