"""One question to one answerer; and a batch, answered as one by one."""

from collections.abc import Iterator, Sequence

import pytest

from core.assistant.answering import build
from core.assistant.way import Way
from core.errors import Overloaded, Stopped
from core.messages import Completion, Delta, Message, Params, Stop, Usage
from core.records import Item, Sample
from core.seams import Answerer, Generator
from eval import trial
from eval.boundary import Trouble
from eval.contestant import Unkept
from eval.trial import Overheard
from tests.parts import Echo

ITEM = Item("q1", "Who wrote it?", choices=("Ann", "Ben"))


def making(method: str):
    def made(item: Item, generator: Generator | None) -> Answerer:
        assert generator is not None
        return build(Way(method=method), generator, None)  # type: ignore[arg-type]

    return made


@pytest.mark.parametrize("method", ["naive", "cot", "chat"])
def test_a_batch_says_what_one_by_one_says(method: str):
    echo, params = Echo(), Params(max_tokens=50)
    items = [ITEM, Item("q2", "How many? The answer is 7.")]
    single = [
        trial.asked(making(method), Overheard(echo, Unkept()), item, params, Stop())
        for item in items
    ]
    several = trial.together(making(method), echo, items, params, 8)
    for one, other in zip(single, several, strict=True):
        assert (one.answer, one.reasoning, one.prompts) == (
            other.answer,
            other.reasoning,
            other.prompts,
        )
        assert one.steps == other.steps
    assert "A. Ann" in single[0].steps[-1]["messages"][-1]["content"]


def test_a_batch_that_fails_leaves_a_sample_for_each():
    class Broken(Echo):
        def generate_batch(
            self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
        ) -> list[Completion]:
            raise Overloaded("Too much.", retry_after=1)

    found = trial.together(making("naive"), Broken(), [ITEM, ITEM], Params(), 8)
    assert [sample.error for sample in found] == ["overloaded", "overloaded"]


def test_what_passes_is_tried_again_and_what_does_not_is_not(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trial, "FIRST_WAIT_S", 0.01)
    tries: list[int] = []

    def twice() -> Sample:
        tries.append(1)
        if len(tries) < 3:
            raise Overloaded("Too much.")
        return Sample("", "q1", 0, answer="yes")

    heard: list[Trouble | None] = []
    assert trial.tried(twice, ITEM, 2, Stop(), heard.append).answer == "yes"
    assert [each.kind if each else "" for each in heard] == ["overloaded", "overloaded", ""]
    tries.clear()
    assert trial.tried(twice, ITEM, 1, Stop()).error == "overloaded"

    def wrong() -> Sample:
        tries.append(1)
        raise ValueError("no")

    tries.clear()
    found = trial.tried(wrong, ITEM, 5, Stop())
    assert (found.error, len(tries)) == ("ValueError", 1)
    assert "wrong" in found.steps[0]["text"]


def test_a_wait_that_a_server_names_is_none_of_the_tries(monkeypatch: pytest.MonkeyPatch):
    tries: list[int] = []

    def later() -> Sample:
        tries.append(1)
        if len(tries) < 6:
            raise Overloaded("Too much.", retry_after=0.01)
        return Sample("", "q1", 0, answer="yes")

    assert trial.tried(later, ITEM, 0, Stop()).answer == "yes"
    assert len(tries) == 6
    tries.clear()
    monkeypatch.setattr(trial, "PATIENCE_S", 0.025)
    assert trial.tried(later, ITEM, 0, Stop()).error == "overloaded"
    assert len(tries) == 4


def test_a_stop_is_no_sample():
    stop = Stop()

    class Stopping(Echo):
        def stream(
            self, messages: Sequence[Message], params: Params, stop: Stop
        ) -> Iterator[Delta | Usage]:
            stop.set()
            yield Usage(1, 0, "stopped", 0.1)

    with pytest.raises(Stopped):
        trial.asked(making("naive"), Overheard(Stopping(), Unkept()), ITEM, Params(), stop)
