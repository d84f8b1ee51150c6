"""How answers are judged, with an answerer that says what the test wants."""

import re
from collections.abc import Callable, Sequence

import pytest

from core.bundled import evaluate
from core.bundled.answers import loops
from core.bundled.chat import intents
from core.bundled.evaluate import grounded, needles, normal, small_talk, sums
from core.bundled.questions import DONT_KNOW


class Says:
    """An answerer that computes its reply from the opening."""

    parameters = 1

    def __init__(self, say: Callable[[str], str]) -> None:
        self.say = say

    def answer(self, openings: Sequence[str], longest: int) -> list[str]:
        return [self.say(opening) for opening in openings]

    def surprise(self, texts: Sequence[str]) -> tuple[float, int]:
        return 1.0, 1


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    asked = evaluate._questions(("h11",), "short", 4)
    return {opening: turn.answer for opening, turn in asked}


def test_right_answers_score_full_marks(answers: dict[str, str]) -> None:
    found = grounded(Says(lambda opening: answers[opening]), ("h11",), "short", 4)  # type: ignore[arg-type]
    assert {cell["share"] for cell in found["text_match"].values()} == {1.0}
    assert {cell["share"] for cell in found["citation_match"].values()} == {1.0}
    assert found["false_refusals"]["all answerable"]["share"] == 0
    assert found["repetition"]["all"]["share"] == 0
    assert len(found["text_match"]) >= 8


def test_wrong_citations_do_not_count_as_right(answers: dict[str, str]) -> None:
    wrong = Says(lambda opening: re.sub(r"\[(\d)\]", r"[9\1]", answers[opening]))
    found = grounded(wrong, ("h11",), "short", 4)
    assert found["text_match"]["all answerable"]["share"] == 1.0
    assert found["citation_match"]["all answerable"]["share"] == 0.0


def test_refusing_everything_is_seen(answers: dict[str, str]) -> None:
    found = grounded(Says(lambda _: DONT_KNOW), ("h11",), "short", 4)  # type: ignore[arg-type]
    assert found["text_match"]["unanswerable"]["share"] == 1.0
    assert found["text_match"]["all answerable"]["share"] == 0.0
    assert found["false_refusals"]["all answerable"]["share"] == 1.0
    assert found["citation_match"]["all answerable"]["n"] == 0


def test_a_calculator_that_is_called_right_beats_guessing() -> None:
    def say(opening: str) -> str:
        if "Observation: " in opening:
            return f"The answer is {opening.rsplit('Observation: ', 1)[1].split('<')[0]}."
        return 'Action: calculator("1 + 1")' if "tools" in opening else "It is 7 or 8."

    found = sums(Says(say), 20)  # type: ignore[arg-type]
    assert set(found["share"]) == {"direct", "steps", "calculator"}
    assert found["share"]["direct"]["share"] == 0
    assert found["paired"]["steps - direct"] == (0.0, 0.0, 0.0)


def test_small_talk_is_judged_by_the_nearest_intent() -> None:
    said = {ask: intent.say for intent in intents() for ask in intent.ask}

    def knows(opening: str) -> str:
        asked = opening.rsplit("<|user|>", 1)[1].removesuffix("<|end|><|assistant|>")
        return said[asked.rsplit("Question: ", 1)[-1]]

    right = small_talk(Says(knows), ("h11",))["chat"]  # type: ignore[arg-type]
    wrong = small_talk(Says(lambda opening: "Hello."), ("h11",))["chat"]  # type: ignore[arg-type]
    assert right["word for word"]["share"] == right["right intent"]["share"] == 1.0
    assert right["right intent over evidence"]["share"] == 1.0
    assert wrong["word for word"]["share"] == 0.0
    assert wrong["right intent"]["share"] < 0.05


def test_comparison_ignores_spaces_case_and_backticks() -> None:
    assert normal("The `Timeout`\n is  30.") == normal("the timeout is 30")


@pytest.mark.parametrize(
    ("text", "expected"), [("a b a b a b", True), ("a b c a b c", False), ("", False)]
)
def test_loops_are_found(text: str, expected: bool) -> None:
    assert loops(text) is expected


def test_needles_are_counted_by_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "DISTANCES", (60, 600))
    told = Says(lambda opening: opening.split("<|end|>")[0])
    near = Says(lambda opening: opening[-1200:])
    every = needles(told, ("h11",), 6)["recall"]  # type: ignore[arg-type]
    some = needles(near, ("h11",), 6)["recall"]  # type: ignore[arg-type]
    assert [cell["share"] for cell in every.values()] == [1.0, 1.0]
    assert every["60"]["n"] == 6
    assert some["600"]["share"] < 0.5
