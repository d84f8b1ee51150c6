"""The latest thumb counts, and what is deleted leaves nothing behind."""

from pathlib import Path

import pytest

from core.errors import BadInput, NotFound
from core.store.chats import Chats
from core.store.connection import Store
from core.store.feedback import Feedbacks


@pytest.fixture
def store(tmp_path: Path):
    opened = Store.open(tmp_path)
    yield opened
    opened.close()


def asked(chats: Chats, owner: str) -> str:
    chat = chats.create(owner)
    chats.append(owner, chat.id, "user", "2 + 2?")
    chats.append(owner, chat.id, "assistant", "Four.", {"model": "m", "method": "rag"})
    return chat.id


def test_each_visitor_has_one_thumb_for_an_answer(store: Store) -> None:
    chats = Chats(store)
    feedback = Feedbacks(store, chats)
    mine, other = asked(chats, "ann"), asked(chats, "bob")
    feedback.add("ann", mine, 1, "up")
    feedback.add("ann", mine, 1, "down", "so")
    feedback.add("bob", other, 1, "up")
    feedback.add("ann", mine, 1, "edited", "It is\x00 4.")
    assert feedback.counts() == {"down": 1, "up": 1, "edited": 1}
    down, edited = feedback.of_chat("ann", mine)
    assert (down.kind, down.comment) == ("down", "so")
    assert (down.question, down.answer) == ("2 + 2?", "Four.")
    assert (edited.kind, edited.model, edited.method) == ("edited", "m", "rag")
    assert edited.comment == "It is 4."
    feedback.take_back("ann", mine, 1)
    assert feedback.counts() == {"up": 1, "edited": 1}
    chats.delete("ann", mine)
    assert feedback.counts() == {"up": 1}


def test_only_ones_own_answers_are_judged(store: Store) -> None:
    chats = Chats(store)
    feedback = Feedbacks(store, chats)
    mine = asked(chats, "ann")
    for owner, position, error in (
        ("bob", 1, NotFound),
        ("ann", 7, NotFound),
        ("ann", 0, BadInput),
    ):
        with pytest.raises(error):
            feedback.add(owner, mine, position, "up")
        with pytest.raises(error):
            feedback.take_back(owner, mine, position)
    assert feedback.counts() == {}
