"""When a chat outgrows its model, the person's choice is what happens, and it is told."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.assistant.methods.quote import Quote
from core.assistant.options import Options
from core.assistant.overflow import LEAD
from core.assistant.sessions import Finished, Sessions
from core.errors import BadInput, ContextOverflow
from core.messages import Completion, Delta, Message, ModelCard, Overflow, Params, Stop, Usage
from core.models.prompt import CHOOSE, left_out, oldest_turn
from core.seams import Step
from core.settings import Settings
from core.store.chats import Chats
from core.store.connection import Store

ROOM = 30


class Narrow:
    """A model whose context holds so many words; it answers with how many it read."""

    def __init__(self, kind: str = "local") -> None:
        self.kind = kind
        self.seen: list[list[Message]] = []

    def card(self) -> ModelCard:
        """Say what it is."""
        return ModelCard("narrow", self.kind, "narrow", context_length=ROOM)  # type: ignore[arg-type]

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        """Answer, summarise, drop or refuse."""
        turns, dropped = list(messages), 0
        if "Summarise" in turns[0].content:
            self.seen.append(turns)
            yield Delta("They spoke of the port.")
            yield Usage(9, 5, "stop", 0.1)
            return
        while sum(len(turn.content.split()) for turn in turns) > ROOM:
            oldest = oldest_turn(turns)
            if oldest is None or params.overflow != "drop":
                raise ContextOverflow("Too long.", CHOOSE)
            dropped += len(turns[oldest])
            del turns[oldest]
        self.seen.append(turns)
        yield Delta(f"read {len(turns)} turns of seven words each")
        yield Usage(3, 2, "stop", 0.1, notices=(left_out(dropped),) if dropped else ())

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        """Not what is tested here."""
        return []


class Fixed:
    """A source of one model."""

    def __init__(self, generator: Narrow) -> None:
        self._generator = generator

    def generator(self, wait: float = 60) -> Narrow:
        """Return it."""
        return self._generator


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Chats]:
    store = Store.open(tmp_path)
    yield Chats(store)
    store.close()


def opened(chats: Chats, model: Narrow, overflow: Overflow = "refuse") -> Sessions:
    settings = Settings(_env_file=None, overflow=overflow)  # type: ignore[call-arg]
    return Sessions(settings, chats, Fixed(model), Quote(lambda q, k: [], lambda: "none"))


def ask(sessions: Sessions, n: int, chat: str | None, overflow: Overflow = "") -> list:
    text = f"Question {n} is about the port."
    return list(sessions.send("me", chat, text, Options(overflow=overflow), Stop()))


def outgrown(sessions: Sessions) -> str:
    """Return a chat whose next question does not fit."""
    chat = ask(sessions, 0, None)[0].chat.id
    ask(sessions, 1, chat)
    return chat


def test_the_model_refuses_unless_the_person_chose_otherwise(chats: Chats) -> None:
    sessions = opened(chats, Narrow())
    chat = outgrown(sessions)
    with pytest.raises(ContextOverflow) as told:
        ask(sessions, 2, chat)
    assert told.value.hint == CHOOSE
    last = chats.messages("me", chat)[-1]
    assert last.details["error"]["code"] == "context_overflow"
    again = list(sessions.retry("me", chat, Options(overflow="drop"), Stop()))
    assert isinstance(again[-1], Finished)
    assert again[-1].answer.notices == (left_out(2),)
    assert len(chats.messages("me", chat)) == 6


def test_a_summary_stands_for_the_oldest_turns_and_is_seen(chats: Chats) -> None:
    model = Narrow()
    sessions = opened(chats, model)
    chat = outgrown(sessions)
    *_, done = events = ask(sessions, 2, chat, "summarise")
    (step,) = [each for each in events if isinstance(each, Step)]
    assert (step.kind, step.text) == ("summary", "They spoke of the port.")
    assert isinstance(done, Finished)
    assert "summary of the 4 oldest messages" in done.answer.notices[0]
    lead, *rest = model.seen[-1]
    assert lead.role == "system" and lead.content == f"{LEAD}\nThey spoke of the port."
    assert [turn.content for turn in rest] == ["Question 2 is about the port."]
    assert len(chats.messages("me", chat)) == 6
    kept = chats.messages("me", chat)[-1].details["steps"]
    assert (kept[0]["kind"], kept[0]["given"]) == ("summary", "4")
    assert [usage.tokens_in for usage in done.answer.usage] == [9, 3]


def test_the_next_turn_goes_on_from_the_summary(chats: Chats) -> None:
    model = Narrow()
    sessions = opened(chats, model, "summarise")
    chat = outgrown(sessions)
    ask(sessions, 2, chat)
    calls = len(model.seen)
    *_, done = ask(sessions, 3, chat)
    assert len(model.seen) == calls + 1, "nothing was summarised again"
    assert model.seen[-1][0].content.startswith(LEAD)
    assert [m.role for m in model.seen[-1]] == ["system", "user", "assistant", "user"]
    assert "4 oldest messages" in done.answer.notices[0]


def test_the_bundled_model_is_shown_first_sentences(chats: Chats) -> None:
    model = Narrow("bundled")
    sessions = opened(chats, model)
    chat = outgrown(sessions)
    events = ask(sessions, 2, chat, "summarise")
    (step,) = [each for each in events if isinstance(each, Step)]
    assert step.usage is None
    assert "Answered: read 3 turns" in step.text and len(step.text) <= ROOM + 60


def test_a_question_that_is_too_long_by_itself_is_refused(chats: Chats) -> None:
    sessions = opened(chats, Narrow())
    with pytest.raises(ContextOverflow):
        list(sessions.send("me", None, "word " * 50, Options(overflow="summarise"), Stop()))


def test_another_word_is_no_choice(chats: Chats) -> None:
    with pytest.raises(BadInput, match="refuse, drop or summarise"):
        ask(opened(chats, Narrow()), 0, None, "shrink")  # type: ignore[arg-type]
