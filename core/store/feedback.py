"""What visitors thought of answers, kept with the words so that it can be learned from later.

It knows rows and owners. It does not know what is learned. A thumb that is given again replaces
the earlier one; what was copied or edited is added, the new words being the comment.
"""

from collections import Counter

from core.errors import BadInput, NotFound
from core.records import ChatMessage, Feedback, FeedbackKind
from core.store.chats import Chats
from core.store.connection import Row, Store
from core.store.transaction import Cursor
from core.store.values import aware, body, line, new_id, now, stored

THUMBS = ("up", "down")
_ROW = (
    "SELECT id, chat_id, message_id, kind, comment, question, answer, model, method, created "
    "FROM feedback"
)


class Feedbacks:
    """The feedback of every visitor."""

    def __init__(self, store: Store, chats: Chats) -> None:
        self._store = store
        self._chats = chats

    def add(
        self, owner: str, chat_id: str, position: int, kind: FeedbackKind, comment: str = ""
    ) -> Feedback:
        """Keep what a visitor did with an answer, with the words as they are now."""
        question, answer = self._answer(owner, chat_id, position)
        details, moment = answer.details, now()
        comment = body(comment, "The comment")
        row = Feedback(
            id=new_id(),
            chat_id=answer.chat_id,
            message_id=answer.id,
            kind=kind,
            comment=comment,
            question=question,
            answer=answer.content,
            model=str(details.get("model") or ""),
            method=str(details.get("method") or ""),
            created=moment,
        )
        with self._store.writing() as cursor:
            if kind in THUMBS:
                _drop_thumb(cursor, owner, answer.id)
            values = [row.id, line(owner), row.chat_id, row.message_id, kind, comment, question]
            values += [row.answer, row.model, row.method, stored(moment)]
            cursor.execute(f"INSERT INTO feedback VALUES ({', '.join('?' * 11)})", values)
        return row

    def take_back(self, owner: str, chat_id: str, position: int) -> None:
        """Forget the thumb of a visitor on an answer."""
        _, answer = self._answer(owner, chat_id, position)
        with self._store.writing() as cursor:
            _drop_thumb(cursor, owner, answer.id)

    def of_chat(self, owner: str, chat_id: str) -> list[Feedback]:
        """Return what a visitor did with the answers of a chat, in order."""
        rows = self._store.rows(
            f"{_ROW} WHERE owner = ? AND chat_id = ? ORDER BY created", [line(owner), line(chat_id)]
        )
        return [_feedback(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return how often each kind was given, by everybody."""
        return dict(Counter(str(row[0]) for row in self._store.rows("SELECT kind FROM feedback")))

    def _answer(self, owner: str, chat_id: str, position: int) -> tuple[str, ChatMessage]:
        """Return an answer of a chat with the question it is to."""
        messages = self._chats.messages(owner, chat_id)
        found = next((m for m in messages if m.position == position), None)
        if found is None:
            raise NotFound(f"This chat has no message {position}.", "Reload it.")
        if found.role != "assistant":
            raise BadInput(f"Message {position} is a question.", "Only answers can be judged.")
        asked = [m.content for m in messages if m.position < position and m.role == "user"]
        return (asked[-1] if asked else ""), found


def _drop_thumb(cursor: Cursor, owner: str, message_id: str) -> None:
    cursor.execute(
        "DELETE FROM feedback WHERE owner = ? AND message_id = ? AND kind IN (?, ?)",
        [line(owner), message_id, *THUMBS],
    )


def _feedback(row: Row) -> Feedback:
    id, chat, message, kind, comment, question, answer, model, method, created = row
    return Feedback(
        id, chat, message, kind, comment, question, answer, model, method, aware(created)
    )
