"""A follow-up is searched together with what it is about."""

import pytest

from core.assistant.condense import names_code, standalone
from core.messages import Message


def talk(*turns: str) -> list[Message]:
    roles = ("user", "assistant")
    return [Message(roles[n % 2], text) for n, text in enumerate(turns)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (("How does caching work?",), "How does caching work?"),
        (
            ("What does from_pretrained do?", "It loads [1].", "And its default?"),
            "from_pretrained: And its default?",
        ),
        (
            (
                "What is a trainer?",
                "`Trainer` [1]: trains. `fit` starts it.",
                "Where is it defined?",
            ),
            "Trainer: Where is it defined?",
        ),
        (
            ("What is padding for?", "Rows of one length.", "Why is that?"),
            "What is padding for?: Why is that?",
        ),
        (
            ("What does `get` do?", "It reads.", "What are the base classes of LlamaModel?"),
            "What are the base classes of LlamaModel?",
        ),
        (
            ("What does `get` do?", "It reads.", "How are tokenizers saved to the disk in full?"),
            "How are tokenizers saved to the disk in full?",
        ),
    ],
)
def test_what_leans_on_the_question_before_is_searched_with_its_names(turns, expected) -> None:
    assert standalone(talk(*turns)) == expected


def test_instructions_are_not_what_a_question_is_about() -> None:
    turns = [Message("system", "Use `short` words."), Message("user", "And that?")]
    assert standalone(turns) == "And that?"


@pytest.mark.parametrize("question", ["What is from_pretrained?", "LlamaModel", "`a`", "run(1)"])
def test_names_of_code_are_seen(question: str) -> None:
    assert names_code(question) and not names_code("How do I start?")
