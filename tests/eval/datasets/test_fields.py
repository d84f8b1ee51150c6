"""Columns are found by their usual names, answers in their usual shapes, and faults are told."""

import math
from typing import Any

import pytest

from core.errors import BadInput
from core.records import Gold, Item
from eval.datasets.fields import Mapping
from eval.datasets.rows import row_of


def item(row: dict[str, Any], **names: str) -> Item:
    found = Mapping(**names).item(row, 7)
    assert isinstance(found, Item), found
    return found


def wrong(row: dict[str, Any], **names: str) -> str:
    found = Mapping(**names).item(row, 7)
    assert isinstance(found, str), found
    return found


def test_the_usual_names():
    found = item({"prompt": "Q?", "answer": 42.0, "qid": 3, "subject": "s", "context": "c"})
    assert (found.question, found.references, found.id) == ("Q?", ("42",), "3")
    assert (found.kind, found.contexts) == ("s", ("c",))
    assert item({"question": "Q?", "answer": "a"}).id == "7"


def test_named_columns_go_first_and_a_dash_means_none():
    row = {"question": "Q?", "answer": "a", "frage": "F?", "id": "x"}
    assert item(row, question="frage").question == "F?"
    assert item(row, id="-").id == "7"
    assert item({"question": "Q?"}, references="-").references == ()


@pytest.mark.parametrize(
    ("cell", "references"),
    [
        ("a", ("a",)),
        (["a", "b", "a", ""], ("a", "b")),
        ('["a", "b"]', ("a", "b")),
        ("[not json", ("[not json",)),
        ({"text": ["a", "b"], "answer_start": [1, 2]}, ("a", "b")),
        ({"value": "a", "aliases": ["b", "c"], "type": "x"}, ("a", "b", "c")),
        ([{"text": "a"}, {"text": "b"}], ("a", "b")),
        (True, ("True",)),
        (0.25, ("0.25",)),
    ],
)
def test_answers_in_their_shapes(cell: object, references: tuple[str, ...]):
    assert item({"question": "Q?", "answers": cell}).references == references


def test_a_separator_parts_cells():
    found = item({"question": "Q?", "answer": "a | b", "choices": "a|b|c"}, separator="|")
    assert (found.references, found.choices) == (("a", "b"), ("a", "b", "c"))


@pytest.mark.parametrize("answer", [1, "1", "B", "b"])
def test_a_place_among_choices_becomes_the_choice(answer: object):
    row = {"question": "Q?", "choices": ["x", "y", "z"], "answer": answer}
    assert item(row).references == ("y", "B")


def test_choices_with_labels_of_their_own():
    choices = {"text": ["x", "y", "z"], "label": ["1", "2", "3"]}
    assert item({"question": "Q?", "choices": choices, "answer": "3"}).references == ("z", "C")
    told = wrong({"question": "Q?", "choices": ["x"], "answer": "D"})
    assert told == "the answer 'D' is none of the 1 choices"


def test_what_a_suite_wrote_is_read_again():
    whole = Item(
        id="a",
        question="Q?",
        references=("r", "s"),
        kind="k",
        choices=("r", "t"),
        contexts=("c",),
        gold=(Gold("p.py", (1, 9), "f"), Gold("q.py")),
        cluster="p.py",
        details={"n": 1},
    )
    assert item(row_of(whole)) == whole
    refused = Item("a", "Q?", answerable=False)
    assert item(row_of(refused)) == refused


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": " ", "answer": "a"}, "it has no question"),
        ({"question": "Q?"}, "it has no accepted answer"),
        ({"question": "Q?", "answer": None}, "it has no accepted answer"),
        ({"question": "Q?", "answer": "a", "id": ""}, "it has no id"),
        ({"question": "Q?", "answer": math.nan}, "references is nan"),
        ({"question": math.inf, "answer": 1}, "question is inf"),
        ({"question": {"a": 1}, "answer": "a"}, "question is a dict, not a text"),
        ({"question": "Q?", "answer": [["a"]]}, "references is a list, not a text"),
        ({"question": "x" * 1_000_001, "answer": "a"}, "question has 1,000,001 characters"),
        ({"question": "Q?", "answer": [str(n) for n in range(2000)]}, "2,000 entries"),
        ({"question": "Q?", "answer": "a", "gold": [{"span": [1, 2]}]}, "gold names no path"),
        ({"question": "Q?", "answer": "a", "details": {"x": math.nan}}, "details holds what JSON"),
    ],
)
def test_faults_are_told(row: dict[str, Any], reason: str):
    assert reason in wrong(row)


def test_what_has_no_answer_may_say_so():
    assert not item({"question": "Q?", "answerable": "False"}).answerable
    assert item({"question": "Q?", "answer": "a", "answerable": "yes"}).answerable


def test_other_things_called_gold_or_details_are_left_alone():
    found = item({"question": "Q?", "answer": "a", "gold": 2, "details": "long story"})
    assert (found.gold, found.details) == ((), {})


def test_text_that_cannot_be_kept_is_mended():
    assert item({"question": "a\x00b\ud800", "answer": "x"}).question == "ab\ufffd"


def test_a_file_without_questions_says_what_it_has():
    with pytest.raises(BadInput, match=r"no column of questions.*'a', 'b'"):
        Mapping().check({"a": 1, "b": 2})
    with pytest.raises(BadInput, match=r"no column 'answr' for references.*'answer'"):
        Mapping(references="answr").check({"question": "Q?", "answer": "a"})
