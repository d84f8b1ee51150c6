"""The latest thumb counts, and what is deleted leaves nothing behind."""

from pathlib import Path

import pytest

from core.store.chats import Chats
from core.store.connection import Store
from core.store.feedback import Feedbacks


@pytest.fixture
def store(tmp_path: Path):
    opened = Store.open(tmp_path)
    yield opened
    opened.close()


def test_each_visitor_has_one_thumb_for_an_answer(store: Store) -> None:
    chats, feedback = Chats(store), Feedbacks(store)
    chat = chats.create("ann")
    answer = chats.append("ann", chat.id, "assistant", "Four.", {"model": "m", "method": "rag"})
    for owner, kind in (("ann", "up"), ("ann", "down"), ("bob", "up"), ("ann", "edited")):
        feedback.add(owner, kind, "2 + 2?", answer, "so" if kind == "down" else "")  # type: ignore[arg-type]
    assert feedback.counts() == {"down": 1, "up": 1, "edited": 1}
    down, edited = feedback.of_chat("ann", chat.id)
    assert (down.kind, down.comment, down.question, down.answer) == (
        "down",
        "so",
        "2 + 2?",
        "Four.",
    )
    assert (edited.kind, edited.model, edited.method) == ("edited", "m", "rag")
    feedback.take_back("ann", answer.id)
    assert feedback.counts() == {"up": 1, "edited": 1}
    chats.delete("ann", chat.id)
    assert feedback.counts() == {}
