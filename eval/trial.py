"""One question put to one answerer, and a few at once where a single call answers each.

It knows how an answer becomes a sample, and that a failure becomes one too. Which model answers
and where evidence comes from is known in eval/contestant.py.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from core.assistant.draft import Draft, told_of
from core.errors import BadReply, Stopped
from core.messages import Completion, Delta, Message, ModelCard, Params, Stop, Usage
from core.models.recorded import Recorded
from core.records import Item, Sample
from core.seams import Answerer, Generator
from eval.boundary import Trouble, attempted

LONGEST_WAIT_S = 60.0
# So long a server may go on naming waits for one question, before that is taken for a failure.
PATIENCE_S = 900.0
FIRST_WAIT_S = 0.5
# What makes the answerer of an item over a generator.
Making = Callable[[Item, Generator | None], Answerer]


class Overheard(Recorded):
    """A generator that keeps what it was last asked, so that a sample can show its prompt."""

    asked: Sequence[Message] = ()

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        """Answer as the generator inside does."""
        self.asked = messages
        return super().stream(messages, params, stop)


def question(item: Item) -> str:
    """Return the question as it is asked: with what may be picked from, where that is told."""
    if not item.choices:
        return item.question
    listed = [f"{chr(65 + n)}. {choice}" for n, choice in enumerate(item.choices)]
    return "\n".join([item.question, *listed])


def asked(
    making: Making, generator: Overheard | None, item: Item, params: Params, stop: Stop
) -> Sample:
    """Put one question and return the answer as a sample without a place."""
    began = time.perf_counter()
    draft = Draft(stop)
    turn = [Message("user", question(item))]
    for part in making(item, generator).answer(turn, params, stop):
        draft.take(part)
    if stop.is_set():
        raise Stopped("The run was asked to end.")
    return _sample(item, draft, time.perf_counter() - began, generator.asked if generator else ())


def tried(
    do: Callable[[], Sample],
    item: Item,
    retries: int,
    stop: Stop,
    heard: Callable[[Trouble | None], None] = lambda _: None,
) -> Sample:
    """Return a sample, after more tries where the error passes; or one that says why not.

    A server that says how long to wait is waited for, and that is none of the tries.
    """
    wait, left, waited = FIRST_WAIT_S, retries, 0.0
    while True:
        told = attempted(do)
        heard(told if isinstance(told, Trouble) else None)
        if isinstance(told, Sample):
            return told
        named = min(LONGEST_WAIT_S, told.retry_after or 0.0)
        waits = named > 0 and waited < PATIENCE_S
        if not told.retryable or not (waits or left):
            return failed(item, told)
        if stop.wait(named or wait):
            raise Stopped("The run was asked to end.")
        if waits:
            waited += named
        else:
            left, wait = left - 1, wait * 2


def together(
    making: Making, generator: Generator, items: Sequence[Item], params: Params, size: int
) -> list[Sample]:
    """Put many questions as one batch; each must be answered by a single call."""
    card = generator.card()
    prompts = [_prompt(making, card, item, params) for item in items]
    told = attempted(lambda: generator.generate_batch(prompts, params, size))
    if isinstance(told, Trouble):
        return [failed(item, told) for item in items]
    done = zip(items, prompts, told, strict=True)
    return [_replayed(making, card, *each, params) for each in done]


def failed(item: Item, trouble: Trouble) -> Sample:
    """Return the sample of a question that could not be answered."""
    steps = ({"kind": "trace", "text": trouble.trace},) if trouble.trace else ()
    return Sample("", item.id, 0, error=trouble.kind, error_text=trouble.text, steps=steps)


class _Collected(Exception):
    """Carries the prompt out of an answerer that asked for its one call."""


class _Collecting:
    """Stands in for the model to learn what it would be asked."""

    def __init__(self, card: ModelCard) -> None:
        self._card = card

    def card(self) -> ModelCard:
        return self._card

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        raise _Collected(list(messages))

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        raise _Collected([])


class _Replaying(_Collecting):
    """Stands in for the model with the answer it gave."""

    def __init__(self, card: ModelCard, completion: Completion) -> None:
        super().__init__(card)
        self._completion = completion

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        yield Delta(self._completion.text)
        yield self._completion.usage


def _prompt(making: Making, card: ModelCard, item: Item, params: Params) -> list[Message]:
    turn = [Message("user", question(item))]
    try:
        for _ in making(item, _Collecting(card)).answer(turn, params, Stop()):
            pass
    except _Collected as collected:
        return collected.args[0]
    raise BadReply("The method made no call.", "Measure it one sample at a time.")


def _replayed(
    making: Making,
    card: ModelCard,
    item: Item,
    prompt: Sequence[Message],
    completion: Completion,
    params: Params,
) -> Sample:
    if completion.error is not None:
        return failed(item, Trouble("model", completion.error))
    told = attempted(partial(_again, making, _Replaying(card, completion), item, prompt, params))
    return failed(item, told) if isinstance(told, Trouble) else told


def _again(
    making: Making, generator: _Replaying, item: Item, prompt: Sequence[Message], params: Params
) -> Sample:
    draft = Draft(Stop())
    turn = [Message("user", question(item))]
    for part in making(item, generator).answer(turn, params, Stop()):
        draft.take(part)
    usage = draft.answer.usage[-1] if draft.answer and draft.answer.usage else None
    return _sample(item, draft, usage.total_s if usage else None, prompt)


def _sample(item: Item, draft: Draft, seconds: float | None, prompt: Sequence[Message]) -> Sample:
    answer = draft.answer
    if answer is None:
        raise BadReply("The answer ended without saying how.", "Ask again.")
    steps: list[dict[str, Any]] = [told_of(step) for step in draft.steps]
    if prompt:
        turns = [{"role": turn.role, "content": turn.content} for turn in prompt]
        steps.append({"kind": "prompt", "messages": turns})
    first = answer.usage[0].first_token_s if answer.usage else None
    return Sample(
        run_id="",
        item_id=item.id,
        position=0,
        answer=answer.text,
        reasoning=answer.reasoning,
        reason=answer.reason,
        quote=answer.quote,
        evidence=answer.evidence,
        marks=answer.marks,
        usage=answer.usage,
        steps=tuple(steps),
        prompts=answer.prompts,
        notices=answer.notices,
        seconds=seconds,
        first_token_s=first,
    )


def placed(sample: Sample, run_id: str, position: int, epoch: int, batch: int) -> Sample:
    """Return the sample in its place."""
    return replace(sample, run_id=run_id, position=position, epoch=epoch, batch=batch)
