"""A conversation's next turn is read from where it differs, and nothing else changes."""

from collections.abc import Iterator

import pytest

from core.errors import ModelError
from core.memory.held import Held
from core.messages import Delta, Message, Params, Stop, Usage
from core.models.local import Local
from core.models.prefix import Prefix, common, fresh
from tests.core.models.asking import ask

FIRST = Message("user", "def parse(text): return json.loads(text)")
NEXT = Message("user", "and textwrap?")


@pytest.fixture(autouse=True)
def clean(local: Local) -> Iterator[None]:
    local._prefix.drop()
    yield
    local._prefix.drop()


def alone(local: Local, messages: list[Message], tokens: int = 40) -> tuple[str, Usage]:
    """Answer with nothing kept from before."""
    local._prefix.drop()
    return ask(local, messages, max_tokens=tokens)


def after(local: Local, *turns: list[Message], tokens: int = 40) -> tuple[str, Usage]:
    """Answer one conversation after the other and return the last answer."""
    local._prefix.drop()
    *before, last = turns
    for messages in before:
        ask(local, messages, max_tokens=tokens)
    return ask(local, last, max_tokens=tokens)


def read(local: Local, messages: list[Message]) -> int:
    return len(local._prompter.build(messages, 40).tokens)


def test_a_follow_up_reads_only_what_is_new_and_answers_the_same(local: Local) -> None:
    text, first = alone(local, [FIRST])
    assert first.tokens_reused == 0
    turns = [FIRST, Message("assistant", text), NEXT]
    wanted, usage = alone(local, turns)
    assert usage.tokens_reused == 0
    found, reused = after(local, [FIRST], turns)
    assert found == wanted and reused.tokens_in == usage.tokens_in
    assert reused.tokens_reused is not None and reused.tokens_reused >= read(local, [FIRST])


def test_the_same_question_again_reads_one_token(local: Local) -> None:
    wanted, _ = alone(local, [FIRST])
    found, usage = after(local, [FIRST], [FIRST])
    assert found == wanted
    assert usage.tokens_reused == usage.tokens_in - 1


def test_another_conversation_is_not_confused_with_the_last(local: Local) -> None:
    other = [Message("user", "class Wrapper: pass")]
    wanted, _ = alone(local, other)
    found, usage = after(local, [FIRST], other)
    assert found == wanted and usage.tokens_reused < 5
    wanted, _ = alone(local, [FIRST])
    assert after(local, [FIRST], other, [FIRST])[0] == wanted


def test_an_answer_that_was_stopped_leaves_what_it_read(local: Local) -> None:
    wanted, _ = alone(local, [FIRST])
    local._prefix.drop()
    stop = Stop()
    for count, _part in enumerate(local.stream([FIRST], Params(max_tokens=40), stop)):
        if count == 3:
            stop.set()
    left = local.stream([FIRST], Params(max_tokens=40), Stop())
    assert isinstance(next(left), Delta)
    left.close()  # type: ignore[attr-defined]
    found, usage = ask(local, [FIRST], max_tokens=40)
    assert found == wanted and usage.tokens_reused == usage.tokens_in - 1


def test_a_model_that_fails_leaves_nothing_half_read(local: Local) -> None:
    text, _ = alone(local, [FIRST])
    turns = [FIRST, Message("assistant", text), NEXT]
    wanted, _ = alone(local, turns)
    local._prefix.drop()
    ask(local, [FIRST], max_tokens=40)

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    hook = local._model.model.layers[-1].register_forward_hook(fail)
    with pytest.raises(ModelError):
        ask(local, turns, max_tokens=40)
    hook.remove()
    found, usage = ask(local, turns, max_tokens=40)
    assert found == wanted and usage.tokens_reused == 0


def test_a_batch_gives_the_memory_back(local: Local) -> None:
    ask(local, [FIRST], max_tokens=8)
    assert local._prefix._kept is not None
    local.generate_batch([[FIRST], [NEXT]], Params(max_tokens=4))
    assert local._prefix._kept is None


def test_short_memory_keeps_nothing(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.models.devices.memory_share", lambda _kind: 0.95)
    ask(local, [FIRST], max_tokens=8)
    assert local._prefix._kept is None


def test_what_two_texts_share_ends_where_they_differ() -> None:
    assert common([1, 2, 3], [1, 2, 4, 5]) == 2
    assert common([1, 2], [1, 2, 3]) == common([1, 2, 3], [1, 2]) == 2
    assert common([], [1]) == common([2], [1]) == 0


def test_a_sliding_window_is_not_kept() -> None:
    from transformers import MistralConfig

    config = MistralConfig(num_hidden_layers=1, sliding_window=8)
    prefix = Prefix(config)
    held = Held(fresh(config).cache, [1, 2, 3])
    prefix.close(held)
    assert prefix.open([1, 2, 3, 4]) is not held
