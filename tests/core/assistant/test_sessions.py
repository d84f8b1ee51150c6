"""A conversation is stored, answered, and survives every way of ending."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.assistant.methods.quote import Quote
from core.assistant.options import Options
from core.assistant.sessions import Finished, Sessions, Started
from core.assistant.toolbox import Kit
from core.assistant.way import Way
from core.errors import BadInput, Busy, NotFound, Unreachable
from core.messages import Completion, Delta, Message, ModelCard, PageStop, Params, Stop, Usage
from core.settings import Settings
from core.store.chats import Chats
from core.store.connection import Store
from core.store.threads import Threads

OWNER = "visitor"


class Parrot:
    """A small real generator: repeats the last message word by word, or fails where told."""

    def __init__(self) -> None:
        self.fail_after: int | None = None
        self.seen: list[list[Message]] = []

    def card(self) -> ModelCard:
        """Say what it is."""
        return ModelCard("parrot", "local", "parrot")

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        """Repeat."""
        self.seen.append(list(messages))
        words = messages[-1].content.split()[: params.max_tokens]
        for index, word in enumerate(words):
            if index == self.fail_after:
                raise Unreachable("The server went away.", "Start it again.")
            if stop.is_set():
                yield Usage(len(messages), index, "stopped", 0.2, 0.1)
                return
            yield Delta(word + " ")
        yield Usage(len(messages), len(words), "stop", 0.2, 0.1, notices=("repeated",))

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        """Not what is tested here."""
        return []


class Fixed:
    """A source that always has the same generator, or none."""

    def __init__(self, generator: Parrot | None) -> None:
        self._generator = generator

    def generator(self, wait: float = 60) -> Parrot | None:
        """Return it."""
        return self._generator


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Chats]:
    store = Store.open(tmp_path)
    yield Chats(store)
    store.close()


@pytest.fixture
def parrot() -> Parrot:
    return Parrot()


@pytest.fixture
def sessions(chats: Chats, parrot: Parrot) -> Sessions:
    return Sessions(Settings(), chats, Fixed(parrot), Quote(lambda q, k: [], lambda: "nothing"))


def send(sessions: Sessions, text: str, chat_id: str | None = None, options: Options | None = None):
    return list(sessions.send(OWNER, chat_id, text, options or Options(), Stop()))


def test_a_new_chat_is_named_after_its_question_and_keeps_both_turns(sessions, chats):
    first, *_, last = send(sessions, "one two three")
    assert isinstance(first, Started) and isinstance(last, Finished)
    assert first.chat.title == "one two three"
    kept = chats.messages(OWNER, first.chat.id)
    assert [(m.role, m.content) for m in kept] == [
        ("user", "one two three"),
        ("assistant", "one two three "),
    ]
    assert kept[1].details["model"] == "parrot"
    assert kept[1].details["tokens_out"] == 3
    assert kept[1].details["notices"] == ["repeated"]


def test_the_model_sees_the_history_and_the_system_prompt(sessions, parrot):
    chat = send(sessions, "first")[0].chat
    send(sessions, "second", chat.id, Options(system="Be brief."))
    assert [(m.role, m.content) for m in parrot.seen[-1]] == [
        ("system", "Be brief."),
        ("user", "first"),
        ("assistant", "first "),
        ("user", "second"),
    ]


def test_a_failure_keeps_what_came_and_why_it_ended(sessions, chats, parrot):
    parrot.fail_after = 2
    run = sessions.send(OWNER, None, "a b c d", Options(), Stop())
    chat = next(run).chat
    with pytest.raises(Unreachable):
        list(run)
    answer = chats.messages(OWNER, chat.id)[-1]
    assert answer.content == "a b "
    assert answer.details["finish"] == "error"
    assert answer.details["error"]["message"] == "The server went away."
    assert answer.details["error"]["retryable"] is True


def test_a_question_without_an_answer_is_not_shown_to_the_model(sessions, parrot):
    parrot.fail_after = 0
    run = sessions.send(OWNER, None, "lost words", Options(), Stop())
    chat = next(run).chat
    with pytest.raises(Unreachable):
        list(run)
    parrot.fail_after = None
    send(sessions, "again", chat.id)
    assert [m.content for m in parrot.seen[-1]] == ["again"]


def test_a_closed_page_stops_the_model_and_keeps_what_came(sessions, chats):
    stop = Stop()
    run = sessions.send(OWNER, None, "a b c d", Options(), stop)
    chat = next(run).chat
    next(run)
    run.close()
    assert stop.is_set()
    assert chats.messages(OWNER, chat.id)[-1].content == "a "
    assert chats.messages(OWNER, chat.id)[-1].details["finish"] == "stopped"


def test_stop_ends_the_answer_and_keeps_it(sessions, chats):
    stop = Stop()
    run = sessions.send(OWNER, None, "a b c d", Options(), stop)
    chat = next(run).chat
    next(run)
    stop.set()
    *_, last = run
    assert last.answer.usage[0].finish == "stopped"
    assert chats.messages(OWNER, chat.id)[-1].content == "a "


def test_a_page_that_was_left_is_told_from_one_that_pressed_stop(sessions, chats):
    stop = PageStop()
    run = sessions.send(OWNER, None, "a b c d", Options(), stop)
    chat = next(run).chat
    next(run)
    stop.leave()
    list(run)
    assert chats.messages(OWNER, chat.id)[-1].details["finish"] == "left"


def test_retry_replaces_the_answer_only_when_a_new_one_is_there(sessions, chats, parrot):
    chat = send(sessions, "a b c")[0].chat
    parrot.fail_after = 0
    with pytest.raises(Unreachable):
        list(sessions.retry(OWNER, chat.id, Options(), Stop()))
    assert chats.messages(OWNER, chat.id)[-1].content == "a b c "
    parrot.fail_after = None
    list(sessions.retry(OWNER, chat.id, Options(max_tokens=1), Stop()))
    assert [m.content for m in chats.messages(OWNER, chat.id)] == ["a b c", "a "]


def test_edit_replaces_the_question_and_what_followed(sessions, chats):
    chat = send(sessions, "first")[0].chat
    send(sessions, "second", chat.id)
    list(sessions.edit(OWNER, chat.id, 0, "other", Options(), Stop()))
    assert [m.content for m in chats.messages(OWNER, chat.id)] == ["other", "other "]


def test_only_a_question_can_be_edited(sessions):
    chat = send(sessions, "first")[0].chat
    with pytest.raises(BadInput, match="not a question"):
        list(sessions.edit(OWNER, chat.id, 1, "other", Options(), Stop()))


def test_another_visitor_finds_no_such_chat(sessions):
    chat = send(sessions, "mine")[0].chat
    for run in (
        sessions.send("stranger", chat.id, "x", Options(), Stop()),
        sessions.retry("stranger", chat.id, Options(), Stop()),
        sessions.edit("stranger", chat.id, 0, "x", Options(), Stop()),
    ):
        with pytest.raises(NotFound):
            list(run)


def test_one_chat_answers_one_question_at_a_time(sessions):
    run = sessions.send(OWNER, None, "a b c", Options(), Stop())
    chat = next(run).chat
    with pytest.raises(Busy):
        send(sessions, "too soon", chat.id)
    list(run)
    send(sessions, "now it works", chat.id)


def test_two_chats_answer_at_once(sessions):
    runs = [sessions.send(OWNER, None, f"chat{i} says words", Options(), Stop()) for i in range(2)]
    results: dict[int, list] = {}
    threads = [
        threading.Thread(target=lambda i=i: results.update({i: list(runs[i])})) for i in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [results[i][-1].answer.text for i in range(2)] == [
        "chat0 says words ",
        "chat1 says words ",
    ]


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_question_leaves_no_chat_behind(sessions, chats, text):
    with pytest.raises(BadInput):
        send(sessions, text)
    assert chats.list(OWNER) == []


def test_wrong_options_leave_no_chat_behind(sessions, chats):
    with pytest.raises(BadInput):
        send(sessions, "hello", options=Options(temperature=5))
    assert chats.list(OWNER) == []


def test_without_a_model_quotes_answer(chats):
    sessions = Sessions(
        Settings(), chats, Fixed(None), Quote(lambda q, k: [], lambda: "the manual")
    )
    *_, last = send(sessions, "anything")
    assert isinstance(last, Finished)
    assert "nothing about that in the manual" in last.message.content
    assert last.message.details["kind"] == "quote"


def test_complete_answers_and_stores_nothing(sessions, chats):
    *_, answer = sessions.complete([Message("user", "x y")], Options(), Stop())
    assert answer.text == "x y "
    assert chats.list(OWNER) == []


def test_complete_refuses_an_empty_conversation(sessions):
    with pytest.raises(BadInput):
        list(sessions.complete([], Options(), Stop()))


def test_jobs_give_way_while_an_answer_runs(chats, parrot):
    held: list[str] = []

    class Yielding:
        def __enter__(self) -> None:
            held.append("in")

        def __exit__(self, *_: object) -> None:
            held.append("out")

    sessions = Sessions(
        Settings(), chats, Fixed(parrot), Quote(lambda q, k: [], lambda: "x"), lambda: Yielding()
    )
    run = sessions.send(OWNER, None, "a b", Options(), Stop())
    next(run), next(run)
    assert held == ["in"]
    run.close()
    assert held == ["in", "out"]


def test_an_agents_run_goes_with_its_chat(chats, parrot, tmp_path):
    threads = Threads(chats._store)
    quote = Quote(lambda q, k: [], lambda: "nothing")
    sessions = Sessions(Settings(), chats, Fixed(parrot), quote, kit=Kit(threads=threads))
    list(sessions.send(OWNER, None, "so?", Options(way=Way("agent")), Stop()))
    (chat,) = chats.list(OWNER)
    assert len(threads.ids()) == 1
    chats.delete(OWNER, chat.id)
    assert threads.ids() == []


def test_deleting_a_chat_forgets_what_the_model_kept_of_it(chats: Chats, parrot):
    forgotten: list[str] = []
    quote = Quote(lambda q, k: [], lambda: "nothing")
    sessions = Sessions(Settings(), chats, Fixed(parrot), quote, forget=forgotten.append)
    mine, other = chats.create(OWNER), chats.create(OWNER)
    with pytest.raises(NotFound):
        sessions.delete("somebody else", mine.id)
    assert forgotten == []
    sessions.delete(OWNER, mine.id)
    assert forgotten == [mine.id]
    assert [chat.id for chat in chats.list(OWNER)] == [other.id]
