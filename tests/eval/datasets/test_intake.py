"""A file is looked at whole: all that is wrong is told at once, and what is right has a version."""

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BadInput, StateError, TooLarge
from eval.datasets import intake
from eval.datasets.fields import Mapping
from eval.datasets.files import form_of
from eval.datasets.intake import BadRows, Examined, Sheet, examine
from eval.datasets.rows import item_of_line


def sheet(tmp_path: Path, text: str, name: str = "f.jsonl", most: int | None = None) -> Sheet:
    path = tmp_path / name
    path.write_text(text)
    return Sheet(path, form_of(name), Mapping(), "", most)


def lined(*rows: dict[str, object]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def examined(tmp_path: Path, *rows: dict[str, object]) -> Examined:
    return examine(sheet(tmp_path, lined(*rows)))


def test_every_bad_row_is_listed_with_line_and_reason(tmp_path: Path):
    text = lined(
        {"id": "a", "question": "Q?", "answer": "x"},
        {"id": "b", "question": "Q?"},
        {"id": "a", "question": "R?", "answer": "x"},
        {"id": "c", "question": "", "answer": "x"},
    )
    with pytest.raises(BadRows) as told:
        examine(sheet(tmp_path, text + "{\n" + lined({"id": "a", "question": "S?", "answer": 1})))
    lines = told.value.problems.text().splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"Line {n}" for n in (2, 3, 4, 5, 6)]
    assert "has no accepted answer" in lines[0]
    assert lines[1] == lines[4].replace("6", "3")
    assert lines[1] == "Line 3: its id 'a' was given in line 1 already."
    assert lines[3] == "Line 5: it is not JSON."
    assert told.value.message.startswith("5 of 6 rows cannot be used, so nothing was kept. Line 2")


def test_a_flood_of_bad_rows_is_counted_and_shown_in_part(tmp_path: Path):
    with pytest.raises(BadRows) as told:
        examine(sheet(tmp_path, '{"question": "Q?"}\n' * 5_000))
    problems = told.value.problems
    assert (problems.count, len(problems.listed)) == (5_000, intake.LISTED)
    assert problems.text().endswith("And 4,000 more.")
    assert len(told.value.message) < 5_000


def test_the_version_is_of_the_content_not_of_the_file(tmp_path: Path):
    rows: list[dict[str, object]] = [{"id": "1", "question": "Q, R?", "answer": "x"}]
    found = examined(tmp_path, *rows)
    csv = examine(sheet(tmp_path, 'id;question;answer\n1;"Q, R?";x\n', "f.csv"))
    array = examine(sheet(tmp_path, json.dumps({"data": rows}, indent=1), "f.json"))
    assert found.version == csv.version == array.version
    assert examined(tmp_path, rows[0] | {"answer": "y"}).version != found.version
    (line,) = found.lines() if found.count == 2 else csv.lines()
    assert item_of_line(line).references == ("x",)


@pytest.mark.parametrize(
    ("row", "criterion"),
    [
        ({"answer": "Paris"}, "contains"),
        ({"answer": "1,024.5"}, "numeric"),
        ({"answer": "b", "choices": ["a", "b"]}, "multiple_choice"),
        ({"answerable": False}, "faithfulness"),
    ],
)
def test_what_judges_it_is_chosen_by_its_answers(
    tmp_path: Path, row: dict[str, object], criterion: str
):
    assert examined(tmp_path, {"question": "Q?"} | row).criterion == criterion


def test_kinds_are_counted_and_too_many_are_refused(tmp_path: Path):
    row: dict[str, object] = {"question": "Q?", "answer": "x"}
    found = examined(tmp_path, row | {"kind": "b"}, row | {"kind": "a"}, row | {"kind": "b"})
    assert found.kinds == {"a": 1, "b": 2}
    with pytest.raises(BadInput, match="more than 1,000 kinds"):
        examined(tmp_path, *(row | {"kind": str(n)} for n in range(1_001)))


def test_files_without_rows_and_with_too_many(tmp_path: Path):
    with pytest.raises(BadInput, match="holds no row"):
        examine(sheet(tmp_path, "\n"))
    text = lined({"question": "Q?", "answer": "x"}) * 4
    with pytest.raises(TooLarge, match="more than 3 rows"):
        examine(sheet(tmp_path, text, most=3))


def test_a_file_that_changes_in_between_is_refused(tmp_path: Path):
    found = examined(tmp_path, {"question": "Q?", "answer": "x"})
    found.sheet.path.write_text(lined({"question": "Q?", "answer": "y"}))
    with pytest.raises(StateError, match="changed while it was read"):
        list(found.lines())
    found.sheet.path.write_text(lined({"question": "Q?"}))
    with pytest.raises(StateError, match="changed while it was read"):
        list(found.lines())


def test_what_is_said_while_reading(tmp_path: Path):
    heard: list[int] = []
    text = lined({"question": "Q?", "answer": "x"}) * (2 * intake.SAY_EVERY)
    examine(sheet(tmp_path, text), heard.append)
    assert heard == [intake.SAY_EVERY, 2 * intake.SAY_EVERY]


def test_many_rows_are_not_held(tmp_path: Path):
    def rows() -> Iterator[str]:
        for n in range(6_000):
            yield f'{{"id": "{n}", "question": "{"x" * 3_000}", "answer": "y"}}\n'

    path = tmp_path / "many.jsonl"
    with path.open("w") as file:
        file.writelines(rows())
    tracemalloc.start()
    found = examine(Sheet(path, "jsonl"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.count == 6_000
    assert peak < path.stat().st_size / 4
