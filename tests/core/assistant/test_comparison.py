"""One question in several ways: each answer is kept, a failure ends only itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.assistant.comparison import COMPARED, Began, Kept, answers_of, compare, ways_of
from core.assistant.methods.quote import Quote
from core.assistant.options import Options
from core.assistant.sessions import Sessions, Started
from core.assistant.way import Way
from core.errors import BadInput, Busy, Unreachable
from core.messages import Delta, PageStop
from core.settings import Settings
from core.store.chats import Chats
from core.store.connection import Store
from tests.core.assistant.scripted import Scripted

OWNER = "visitor"
NAIVE, COT, AGENT = Way("naive"), Way("cot"), Way("agent")


class Fixed:
    """A source that always has the same generator."""

    def __init__(self, generator: Scripted) -> None:
        self._generator = generator

    def generator(self, wait: float = 60) -> Scripted:
        """Return it."""
        return self._generator


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Chats]:
    store = Store.open(tmp_path)
    yield Chats(store)
    store.close()


def sessions(chats: Chats, generator: Scripted) -> Sessions:
    return Sessions(Settings(), chats, Fixed(generator), Quote(lambda q, k: [], lambda: "none"))


def test_each_way_answers_in_turn_and_all_are_kept_in_one_chat(chats: Chats) -> None:
    asked = sessions(chats, Scripted("one", "Answer: two", kind="local"))
    run = list(compare(asked, chats, OWNER, "  How  many?", Options(), [NAIVE, COT], PageStop()))
    first = run[0]
    assert isinstance(first, Started) and first.chat.title == "How many?"
    begun = [event.n for event in run if isinstance(event, Began)]
    assert begun == [0, 1]
    assert [type(event) for event in run[1:3]] == [Began, Delta]
    kept = chats.messages(OWNER, first.chat.id)
    assert ways_of(kept) == (NAIVE, COT)
    found = answers_of(kept)
    assert {n: message.details["method"] for n, message in found.items()} == {0: "naive", 1: "cot"}
    assert found[0].content == "one" and "two" in found[1].content
    assert found[0].details["tokens_out"] == 5 and found[0].details["model"] == "scripted"
    assert [event.message.id for event in run if isinstance(event, Kept)] == [
        found[0].id,
        found[1].id,
    ]
    assert not asked.is_answering(first.chat.id)


def test_a_way_that_fails_keeps_why_and_the_next_goes_on(chats: Chats) -> None:
    asked = sessions(chats, Scripted(Unreachable("Gone.", "Start it."), "fine", kind="local"))
    run = list(compare(asked, chats, OWNER, "q", Options(), [COT, NAIVE], PageStop()))
    found = answers_of(chats.messages(OWNER, run[0].chat.id))  # type: ignore[union-attr]
    assert found[0].details["error"]["message"] == "Gone." and not found[0].content
    assert found[1].content == "fine" and "error" not in found[1].details


def test_a_stop_ends_the_way_that_answers_and_those_after_it(chats: Chats) -> None:
    generator = Scripted("a long answer of many words", kind="local")
    asked, stop = sessions(chats, generator), PageStop()
    run = compare(asked, chats, OWNER, "q", Options(), [NAIVE, COT], stop)
    chat = next(run).chat  # type: ignore[union-attr]
    assert asked.is_answering(chat.id)
    with pytest.raises(Busy):
        list(asked.send(OWNER, chat.id, "and now?", Options(), PageStop()))
    next(event for event in run if isinstance(event, Delta))
    stop.leave()
    list(run)
    kept = chats.messages(OWNER, chat.id)
    assert len(kept) == 2 and len(generator.asked) == 1
    assert kept[1].details["finish"] == "left" and kept[1].content


@pytest.mark.parametrize(
    "ways", [[], [NAIVE], [NAIVE, NAIVE], [NAIVE] + [Way("rag", top_k=n) for n in range(1, 5)]]
)
def test_only_two_to_four_different_ways_are_compared(chats: Chats, ways: list[Way]) -> None:
    with pytest.raises(BadInput):
        list(
            compare(sessions(chats, Scripted("x")), chats, OWNER, "q", Options(), ways, PageStop())
        )
    assert chats.list(OWNER) == []


def test_a_conversation_compares_nothing(chats: Chats) -> None:
    chat = chats.create(OWNER, "talk")
    chats.append(OWNER, chat.id, "user", "q")
    chats.append(OWNER, chat.id, "assistant", "a", {"method": "rag"})
    assert ways_of(chats.messages(OWNER, chat.id)) == ()
    assert answers_of(chats.messages(OWNER, chat.id)) == {}
    assert ways_of([]) == ()


def test_ways_of_a_later_version_are_still_read(chats: Chats) -> None:
    chat = chats.create(OWNER, "old")
    told = {COMPARED: [{"method": "cot", "temper": "good"}, {"method": "naive"}]}
    chats.append(OWNER, chat.id, "user", "q", told)
    assert ways_of(chats.messages(OWNER, chat.id)) == (COT, NAIVE)


def test_a_follow_up_reads_the_first_of_answers_that_stand_side_by_side(chats: Chats) -> None:
    generator = Scripted("one", "two", "three", kind="local")
    asked = sessions(chats, generator)
    run = list(compare(asked, chats, OWNER, "q", Options(), [NAIVE, COT], PageStop()))
    way = Options(way=Way("rag"))
    list(asked.send(OWNER, run[0].chat.id, "and now?", way, PageStop()))  # type: ignore[union-attr]
    assert [message.role for message in generator.asked[-1]] == ["user", "assistant", "user"]
    assert generator.asked[-1][1].content == "one"
