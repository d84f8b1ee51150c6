"""What became of a sample, in one word."""

from datetime import UTC, datetime

import pytest

from core.records import Item, Label, Sample, Score
from eval.outcomes import outcome, overruled

ITEM = Item("q", "Which?", ("that",))


def score(passed: bool | None, **details: object) -> Score:
    return Score("r", "q", "contains", "1", passed=passed, details=details)


@pytest.mark.parametrize(
    ("sample", "scores", "said"),
    [
        (Sample("r", "q", 0, error="overloaded"), [score(None)], "error"),
        (Sample("r", "q", 0, answer="that"), [score(True)], "correct"),
        (Sample("r", "q", 0, answer="this"), [score(False)], "wrong"),
        (Sample("r", "q", 0, answer=""), [score(False)], "refused"),
        (Sample("r", "q", 0, answer="this", quote="that [1]"), [score(False)], "unsupported"),
        (Sample("r", "q", 0, answer="this"), [score(None, outcome="unparsed")], "unparsed"),
        (Sample("r", "q", 0, answer="this"), [score(None)], "unscored"),
        (Sample("r", "q", 0, answer="this"), [], "unscored"),
        (Sample("r", "q", 0, answer="that"), [score(False), score(True)], "correct"),
    ],
)
def test_each_way_has_its_word(sample: Sample, scores: list[Score], said: str):
    assert outcome(ITEM, sample, scores, "contains") == said


def test_a_refusal_where_there_is_no_answer_is_judged_by_the_criterion():
    item = Item("q", "Which?", answerable=False)
    assert outcome(item, Sample("r", "q", 0, answer=""), [score(False)], "contains") == "wrong"


def test_the_last_standing_word_of_a_person_counts():
    now = datetime.now(UTC)
    undone = Label("1", "r", 0, 0, True, "Ann", "so", now, undone=now)
    standing = Label("2", "r", 0, 0, False, "Ben", "no", now)
    assert overruled("correct", [undone]) == "correct"
    assert overruled("correct", [undone, standing]) == "wrong"
