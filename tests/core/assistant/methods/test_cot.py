"""Thoughts and answer are told apart, with and without worked examples."""

import pytest

from core.assistant.methods.cot import StepByStep, examples, parted
from core.messages import Message, Params, Stop
from core.seams import Answer
from tests.core.assistant.says import Says


@pytest.mark.parametrize(
    ("text", "thoughts", "final"),
    [
        ("2 + 2 = 4.\nAnswer: 4", "2 + 2 = 4.", "4"),
        ("Think.\n**Answer:** 4", "Think.", "4"),
        ("Answer: 1\nNo, wait.\nFinal answer: 2", "Answer: 1\nNo, wait.", "2"),
        ("It is so. \\boxed{17}", "It is so.", "17"),
        ("3 + 4 = 7\nThe answer is 7.", "3 + 4 = 7", "7"),
        ("Cats purr.\nTherefore, it is a cat.", "Cats purr.", "it is a cat."),
        ("First this. Then that. It is 9.", "First this. Then that.", "It is 9."),
        ("It is 9.", "", "It is 9."),
        ("", "", ""),
    ],
)
def test_an_answer_is_found_behind_its_thoughts(text: str, thoughts: str, final: str) -> None:
    assert parted(text) == (thoughts, final)


def ask(says: Says, shots: int) -> Answer:
    turns = [Message("system", "Be short."), Message("user", "How many?")]
    *_, answer = StepByStep(says, shots).answer(turns, Params(), Stop())
    assert isinstance(answer, Answer)
    return answer


def test_examples_stand_between_the_instruction_and_the_question() -> None:
    says = Says("One and one.\nAnswer: 2", "endpoint")
    answer = ask(says, 3)
    assert (answer.text, answer.reasoning) == ("2", "One and one.")
    roles = [m.role for m in says.asked]
    assert roles == ["system", *("user", "assistant") * 3, "user"]
    assert says.asked[2].content == examples()[0][1]
    assert says.asked[-1].content.startswith("How many?")
    assert "step by step" in says.asked[-1].content
    ask(says, 0)
    assert [m.role for m in says.asked] == ["system", "user"]


def test_the_bundled_model_is_asked_in_the_words_it_was_taught() -> None:
    says = Says("The answer is 2.")
    answer = ask(says, 0)
    assert says.asked[-1].content == "How many? Think step by step."
    assert answer.text == "2" and answer.prompts[0].startswith("cot-bundled@")


def test_every_worked_example_ends_in_its_answer() -> None:
    assert 3 <= len(examples()) <= 5
    for _, worked in examples():
        thoughts, final = parted(worked)
        assert thoughts and final and "\n" not in final
