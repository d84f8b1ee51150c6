"""The question is asked in the oldest form of words, and nothing is searched."""

from core.assistant.methods.naive import Naive
from core.messages import Delta, Message, Params, Stop
from core.seams import Answer
from tests.core.assistant.says import Says


def test_only_the_last_question_is_put_into_the_form() -> None:
    says = Says("Blue.")
    turns = [Message("user", "Hi"), Message("assistant", "Hello"), Message("user", "Which?")]
    delta, answer = Naive(says).answer(turns, Params(), Stop())
    assert isinstance(delta, Delta) and isinstance(answer, Answer)
    assert [m.content for m in says.asked] == ["Hi", "Hello", "Question: Which?\nAnswer:"]
    assert (answer.text, answer.evidence) == ("Blue.", ())
    assert answer.prompts[0].startswith("naive@")
