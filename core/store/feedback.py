"""What visitors thought of answers, kept with the words so that it can be learned from later.

It knows rows and owners. It does not know what is learned. A thumb that is given again replaces
the earlier one; what was copied or edited is added.
"""

from collections import Counter

from core.records import ChatMessage, Feedback, FeedbackKind
from core.store.connection import Row, Store
from core.store.values import aware, line, new_id, now, stored

THUMBS = ("up", "down")
_ROW = (
    "SELECT id, chat_id, message_id, kind, comment, question, answer, model, method, created "
    "FROM feedback"
)


class Feedbacks:
    """The feedback of every visitor."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self, owner: str, kind: FeedbackKind, question: str, answer: ChatMessage, comment: str = ""
    ) -> Feedback:
        """Keep what a visitor did with an answer."""
        details, moment = answer.details, now()
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
                cursor.execute(
                    "DELETE FROM feedback WHERE owner = ? AND message_id = ? AND kind IN (?, ?)",
                    [line(owner), answer.id, *THUMBS],
                )
            values = [row.id, line(owner), row.chat_id, row.message_id, kind, comment, question]
            values += [row.answer, row.model, row.method, stored(moment)]
            cursor.execute(f"INSERT INTO feedback VALUES ({', '.join('?' * 11)})", values)
        return row

    def take_back(self, owner: str, message_id: str) -> None:
        """Forget the thumb of a visitor on an answer."""
        with self._store.writing() as cursor:
            cursor.execute(
                "DELETE FROM feedback WHERE owner = ? AND message_id = ? AND kind IN (?, ?)",
                [line(owner), line(message_id), *THUMBS],
            )

    def of_chat(self, owner: str, chat_id: str) -> list[Feedback]:
        """Return what a visitor did with the answers of a chat, in order."""
        rows = self._store.rows(
            f"{_ROW} WHERE owner = ? AND chat_id = ? ORDER BY created", [line(owner), line(chat_id)]
        )
        return [_feedback(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return how often each kind was given, by everybody."""
        return dict(Counter(str(row[0]) for row in self._store.rows("SELECT kind FROM feedback")))


def _feedback(row: Row) -> Feedback:
    id, chat, message, kind, comment, question, answer, model, method, created = row
    return Feedback(
        id, chat, message, kind, comment, question, answer, model, method, aware(created)
    )
