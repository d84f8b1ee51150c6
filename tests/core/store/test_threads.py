"""Steps of threads come back as they were kept, in order; the oldest threads make room."""

import pytest

from core.store import threads as module
from core.store.chats import Chats
from core.store.threads import Threads, ThreadStep, Written


@pytest.fixture
def threads(store) -> Threads:
    return Threads(store)


def step(id: str, parent: str | None = None) -> ThreadStep:
    return ThreadStep(id, parent, ("msgpack", b"\x00body " + id.encode()), ("json", b"{}"))


def test_steps_come_back_the_newest_first(threads):
    kept = [step("1"), step("2", "1"), step("3", "2")]
    for each in kept:
        threads.keep("t", "", each)
    assert threads.steps("t") == kept[::-1]
    assert threads.steps("t", limit=1) == [kept[2]]
    assert threads.steps("t", id="2") == [kept[1]]
    assert threads.steps("t", before="3") == [kept[1], kept[0]]
    assert threads.steps("t", "other") == threads.steps("u") == []
    threads.keep("t", "", step("3", "1"))
    assert threads.steps("t", id="3")[0].parent == "1"


def test_what_tasks_wrote_stays_unless_its_place_says_otherwise(threads):
    first = Written("a", 0, "text", ("json", b"1"))
    threads.write("t", "", "1", [first, Written("a", -1, "error", ("json", b"1"))])
    again = Written("a", -1, "error", ("json", b"2"))
    threads.write("t", "", "1", [Written("a", 0, "text", ("json", b"2")), again])
    assert threads.writes("t", "", "1") == [again, first]


def test_a_thread_is_deleted_whole(threads):
    threads.keep("t", "", step("1"))
    threads.write("t", "", "1", [Written("a", 0, "text", ("json", b"1"))])
    threads.delete("t")
    threads.delete("unknown")
    assert threads.steps("t") == threads.ids() == threads.writes("t", "", "1") == []


def test_the_oldest_threads_make_room(threads, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 3)
    for n in range(5):
        threads.keep(f"t{n}", "", step("1"))
    threads.keep("t2", "", step("2"))
    assert set(threads.ids()) == {"t2", "t3", "t4"} and threads.ids()[0] == "t2"
    assert threads.steps("t0") == []


def test_a_chat_takes_the_runs_of_its_agents_along(store, threads):
    chats = Chats(store)
    mine, other = chats.create("me", "one"), chats.create("me", "two")
    threads.own("t", "me", mine.id)
    threads.keep("t", "", step("1"))
    threads.write("t", "", "1", [Written("a", 0, "text", ("json", b"1"))])
    threads.keep("u", "", step("1"))
    threads.own("u", "me", other.id)
    threads.keep("alone", "", step("1"))
    chats.delete("me", mine.id)
    assert threads.steps("t") == [] and threads.writes("t", "", "1") == []
    assert set(threads.ids()) == {"u", "alone"}
    assert threads.steps("u") and threads.steps("alone")


def test_owned_runs_make_room_too(store, threads, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    for name in ("a", "b", "c"):
        threads.own(name, "me", "chat")
        threads.keep(name, "", step("1"))
    assert len(threads.ids()) == 2 and not threads.steps("a")
