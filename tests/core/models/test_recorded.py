"""One record per call, however it ends, and no text in any of them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from core.errors import ModelError
from core.messages import Completion, Delta, Message, ModelCard, Params, Stop, Usage
from core.models.recorded import Recorded, prompt_hash
from core.records import Generation
from tests.core.models.asking import ask


class Kept(list[Generation]):
    def add(self, generation: Generation) -> None:
        self.append(generation)


class Fails:
    """Writes a word and fails."""

    def card(self) -> ModelCard:
        return ModelCard("fails", "local", "fails")

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        yield Delta("secret")
        raise ModelError("it broke")

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        return [Completion("", Usage(None, None, "error", 0.1), "it broke") for _ in prompts]


def test_keeps_what_a_call_cost(local) -> None:
    kept = Kept()
    before = datetime.now(UTC)
    usage = ask(
        Recorded(local, kept),
        "private words",
        max_tokens=7,
        seed=3,
        stop=("zz",),
        session="private",
    )[1]
    (row,) = kept
    assert row.model == "tiny-llama" and before <= row.created <= datetime.now(UTC)
    assert row.params["max_tokens"] == 7 and row.params["stop"] == ["zz"]
    assert (row.tokens_in, row.tokens_out) == (usage.tokens_in, 7)
    assert (row.first_token_s, row.total_s) == (usage.first_token_s, usage.total_s)
    assert (row.finish, row.error, row.gpu_bytes_before, row.gpu_bytes_after) == (
        "length",
        None,
        None,
        None,
    )
    assert "private" not in repr(row)


def test_a_failed_call_is_kept_with_its_error() -> None:
    kept = Kept()
    with pytest.raises(ModelError):
        ask(Recorded(Fails(), kept), "hi")
    (row,) = kept
    assert (row.finish, row.error, row.tokens_out) == ("error", "it broke", None)
    assert row.total_s is not None and "secret" not in repr(row)


def test_a_call_whose_reader_left_is_kept_as_stopped(local) -> None:
    kept = Kept()
    stream = Recorded(local, kept).stream([Message("user", "hi")], Params(), Stop())
    next(stream)
    stream.close()  # pyright: ignore
    assert [(row.finish, row.error, row.tokens_out) for row in kept] == [("stopped", None, None)]
    assert ask(local, "hi", max_tokens=2)[1].tokens_out == 2, "the place is free again"


def test_every_prompt_of_a_batch_is_a_call(local) -> None:
    kept = Kept()
    prompts = [[Message("user", "hi")], [Message("user", "")]]
    Recorded(local, kept).generate_batch(prompts, Params(max_tokens=3), 4)
    assert [row.finish for row in kept] == ["length", "error"]
    assert [row.params["batch"] for row in kept] == [4, 4]
    assert len({row.id for row in kept}) == 2 and kept[1].error


def test_the_hash_tells_conversations_apart() -> None:
    one = [Message("user", "a"), Message("assistant", "b")]
    assert prompt_hash(one) == prompt_hash(list(one))
    others = [[Message("user", "ab")], [Message("user", "a"), Message("user", "b")], []]
    assert len({prompt_hash(chat) for chat in (one, *others)}) == 4
    assert prompt_hash([Message("user", "\ud800")])
