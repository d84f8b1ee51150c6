"""One question answered in several ways, one after the other, kept as a chat of its own.

It knows the order and what is kept of each answer. How a way answers is the matter of
`Sessions.complete`; what the answers look like side by side is the page's.
"""

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from core.assistant.draft import Draft
from core.assistant.options import MOST_TOKENS, Options, check_text, titled
from core.assistant.sessions import Sessions, Started
from core.assistant.way import Way
from core.errors import BadInput, PlumblineError
from core.messages import Delta, Message, ModelCard, Stop
from core.present.numbers import count
from core.records import ChatMessage
from core.seams import Answer, Step
from core.store.chats import Chats

FEWEST, MOST = 2, 4
COMPARED = "compared"


@dataclass(frozen=True, slots=True)
class Began:
    """The next way begins to answer; `n` counts from 0."""

    n: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What a way answered is stored: whole, partly, or with the error it ended in."""

    n: int
    message: ChatMessage


Turn = Started | Began | Step | Delta | Kept


def compare(
    sessions: Sessions,
    chats: Chats,
    owner: str,
    text: str,
    options: Options,
    ways: Sequence[Way],
    stop: Stop,
) -> Iterator[Turn]:
    """Answer a question in each way and keep every answer; one that fails ends only itself."""
    check_text(text)
    options.params(MOST_TOKENS)
    chosen = tuple(dict.fromkeys(ways))
    _check(chosen)
    chat = chats.create(owner, titled(text))
    plan = {COMPARED: [asdict(way) for way in chosen]}
    with sessions.alone(chat.id):
        yield Started(chat, chats.append(owner, chat.id, "user", text, plan))
        for n, way in enumerate(chosen):
            if stop.is_set():
                return
            yield Began(n)
            draft, began = Draft(stop), time.perf_counter()
            card = yield from _answered(sessions, text, replace(options, way=way), draft, stop)
            for step in draft.steps:
                sessions.own(step, owner, chat.id)
            told = draft.details(card, way) | {COMPARED: n, "way": asdict(way)}
            told["seconds"] = time.perf_counter() - began
            yield Kept(n, chats.append(owner, chat.id, "assistant", draft.text, told))


def ways_of(messages: Sequence[ChatMessage]) -> tuple[Way, ...]:
    """Return the ways that a chat compares; none for a conversation."""
    told = messages[0].details.get(COMPARED) if messages else None
    return tuple(_way(each) for each in told) if isinstance(told, list) else ()


def answers_of(messages: Sequence[ChatMessage]) -> dict[int, ChatMessage]:
    """Return the answers of a comparison by the place of their way."""
    return {
        int(message.details[COMPARED]): message
        for message in messages
        if message.role == "assistant" and isinstance(message.details.get(COMPARED), int)
    }


def _check(ways: Sequence[Way]) -> None:
    if not FEWEST <= len(ways) <= MOST:
        raise BadInput(
            f"{count(len(ways), 'way')} of answering cannot be compared.",
            f"Choose {FEWEST} to {MOST} that differ.",
        )
    for way in ways:
        way.check()


def _answered(
    sessions: Sessions, text: str, options: Options, draft: Draft, stop: Stop
) -> Generator[Step | Delta, None, ModelCard | None]:
    """Yield what arrives and fill the draft; return which model answered, once that is known."""
    card = None
    try:
        card = sessions.answerer(options.way).card()
        for item in sessions.complete([Message("user", text)], options, stop):
            draft.take(item)
            if not isinstance(item, Answer):
                yield item
    except PlumblineError as error:
        draft.error = error
    return card


def _way(told: Mapping[str, Any]) -> Way:
    """Return a way as it was kept; what it had besides in another version is left out."""
    known = {field.name for field in fields(Way)}
    return Way(**{name: value for name, value in told.items() if name in known})
