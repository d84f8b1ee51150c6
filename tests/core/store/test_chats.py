"""Chats: order, ownership, odd text, cutting."""

import threading
import time
from datetime import UTC

import pytest

from core.errors import BadInput, NotFound, TooLarge
from core.store import values
from core.store.chats import Chats
from core.store.connection import Store


@pytest.fixture
def chats(store):
    return Chats(store)


def test_a_new_chat_is_found_as_it_was_made(chats):
    chat = chats.create("ann", "Retries")
    assert chats.get("ann", chat.id) == chat
    assert (chat.title, chat.owner) == ("Retries", "ann")
    assert chat.created == chat.updated
    assert chat.created.tzinfo == UTC


def test_the_latest_used_chat_comes_first(chats):
    first, second, third = (chats.create("ann", name) for name in ("one", "two", "three"))
    chats.append("ann", first.id, "user", "hello")
    assert [chat.id for chat in chats.list("ann")] == [first.id, third.id, second.id]
    assert [chat.id for chat in chats.list("ann", limit=1)] == [first.id]
    assert chats.list("ann")[0].updated > first.updated


def test_another_owner_sees_and_changes_nothing(chats):
    chat = chats.create("ann")
    chats.append("ann", chat.id, "user", "mine")
    for attempt in (
        lambda: chats.get("bob", chat.id),
        lambda: chats.rename("bob", chat.id, "x"),
        lambda: chats.delete("bob", chat.id),
        lambda: chats.messages("bob", chat.id),
        lambda: chats.append("bob", chat.id, "user", "x"),
        lambda: chats.cut("bob", chat.id, 0),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert chats.list("bob") == []
    assert chats.get("ann", chat.id).title == "New chat"
    assert [message.content for message in chats.messages("ann", chat.id)] == ["mine"]


def test_messages_come_back_in_order_with_their_details(chats):
    chat = chats.create("ann")
    asked = chats.append("ann", chat.id, "user", "How?")
    answered = chats.append("ann", chat.id, "assistant", "So.", {"model": "m", "tokens_in": 3})
    assert chats.messages("ann", chat.id) == [asked, answered]
    assert [asked.position, answered.position] == [0, 1]
    assert answered.details == {"model": "m", "tokens_in": 3}
    assert answered.created.tzinfo == UTC
    assert asked.details == {}


def test_cutting_removes_from_a_position_on_and_the_next_takes_its_place(chats):
    chat, other = chats.create("ann"), chats.create("ann")
    for text in "abcd":
        chats.append("ann", chat.id, "user", text)
        chats.append("ann", other.id, "user", text)
    chats.cut("ann", chat.id, 2)
    assert chats.append("ann", chat.id, "user", "e").position == 2
    assert [message.content for message in chats.messages("ann", chat.id)] == ["a", "b", "e"]
    assert len(chats.messages("ann", other.id)) == 4


def test_deleting_takes_the_messages_along(store, chats):
    chat, other = chats.create("ann"), chats.create("ann")
    for one in (chat, other):
        chats.append("ann", one.id, "user", "x")
    chats.delete("ann", chat.id)
    with pytest.raises(NotFound):
        chats.get("ann", chat.id)
    assert store.rows("SELECT DISTINCT chat_id FROM messages") == [(other.id,)]


def test_renaming_keeps_one_clean_line(chats):
    chat = chats.create("ann")
    assert chats.rename("ann", chat.id, "  two\nlines\x00 \x1b[31m ").title == "two lines [31m"
    assert len(chats.rename("ann", chat.id, "x" * 5000).title) == 200
    for blank in ("", "  ", "\x00\n\t"):
        with pytest.raises(BadInput):
            chats.rename("ann", chat.id, blank)


ODD = {
    "lone surrogate": ("a\ud800b\udfff", "a\ufffdb\ufffd"),
    "NUL": ("a\x00b", "ab"),
    "control characters": ("a\x01\x1b[2J\x7f\u2028b", "a\x01\x1b[2J\x7f\u2028b"),
    "astral and combining": ("👩‍🔬 e\u0301 \U0010ffff", "👩‍🔬 e\u0301 \U0010ffff"),
    "SQL": ("'; DROP TABLE chats; --", "'; DROP TABLE chats; --"),
    "empty": ("", ""),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_text_is_stored_safely(chats, name):
    given, kept = ODD[name]
    chat = chats.create("ann", given)
    details = {"text": given, "list": [given], given: 1.0, "nan": float("nan")}
    message = chats.append("ann", chat.id, "user", given, details)
    assert message.content == kept
    assert chats.messages("ann", chat.id) == [message]
    assert message.details["text"] == kept
    assert message.details["list"] == [kept]
    assert message.details["nan"] is None
    assert message.details[kept] == 1.0


def test_odd_identifiers_find_nothing(chats):
    for id in ("", "\ud800", "a\x00", "x" * 100_000, "' OR 1=1 --"):
        with pytest.raises(NotFound):
            chats.get("ann", id)


def test_text_beyond_the_limit_is_refused_not_cut(chats, monkeypatch):
    monkeypatch.setattr(values, "TEXT_LIMIT", 10)
    chat = chats.create("ann")
    chats.append("ann", chat.id, "user", "x" * 10)
    with pytest.raises(TooLarge, match="11"):
        chats.append("ann", chat.id, "user", "x" * 11)
    assert len(chats.messages("ann", chat.id)) == 1


def test_details_that_are_no_plain_values_are_refused(chats):
    chat = chats.create("ann")
    with pytest.raises(BadInput):
        chats.append("ann", chat.id, "user", "x", {"thing": object()})
    with pytest.raises(BadInput):
        chats.append("ann", chat.id, "wizard", "x")
    assert chats.messages("ann", chat.id) == []


def test_two_tabs_in_one_chat_do_not_share_a_position(chats):
    chat = chats.create("ann")

    def write(name):
        for number in range(15):
            chats.append("ann", chat.id, "user", f"{name}{number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    messages = chats.messages("ann", chat.id)
    assert [message.position for message in messages] == list(range(60))
    assert [m.content for m in messages if m.content[0] == "a"] == [f"a{n}" for n in range(15)]


def test_times_are_utc_wherever_the_machine_stands(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        store = Store.open(tmp_path / "far")
        chat = Chats(store).create("ann")
        kept = Chats(store).get("ann", chat.id)
        store.close()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert kept.created == chat.created
    assert abs((kept.created - values.now()).total_seconds()) < 600
