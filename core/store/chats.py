"""Chats and their messages, each visible to its owner alone.

It knows order and ownership. It does not know who an owner is, nor what an answer means.
"""

from typing import Any, get_args

from core.errors import BadInput, NotFound
from core.messages import Role
from core.records import Chat, ChatMessage
from core.store.connection import Row, Store
from core.store.threads import Threads
from core.store.transaction import Cursor
from core.store.values import aware, body, from_json, line, new_id, now, stored, to_json

UNTITLED = "New chat"
_CHAT = "SELECT id, owner, title, created, updated FROM chats"
_MESSAGE = "SELECT id, chat_id, position, role, content, created, details FROM messages"
_CUT = "DELETE FROM messages WHERE chat_id = ? AND position >= ?"


class Chats:
    """What visitors said and what they were answered."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, owner: str, title: str = UNTITLED) -> Chat:
        """Start a chat."""
        moment = now()
        chat = Chat(new_id(), _owner(owner), line(title) or UNTITLED, moment, moment)
        values = [chat.id, chat.owner, chat.title, stored(moment), stored(moment)]
        self._store.write("INSERT INTO chats VALUES (?, ?, ?, ?, ?)", values)
        return chat

    def get(self, owner: str, id: str) -> Chat:
        """Return one chat of this owner."""
        rows = self._store.rows(f"{_CHAT} WHERE id = ? AND owner = ?", _key(owner, id))
        if not rows:
            raise _absent()
        return _chat(rows[0])

    def rename(self, owner: str, id: str, title: str) -> Chat:
        """Give a chat another title."""
        name = line(title)
        if not name:
            raise BadInput("A chat needs a title.", "Type at least one character.")
        sql = "UPDATE chats SET title = ? WHERE id = ? AND owner = ? RETURNING id"
        with self._store.writing() as cursor:
            if not cursor.execute(sql, [name, *_key(owner, id)]).fetchall():
                raise _absent()
        return self.get(owner, id)

    def delete(self, owner: str, id: str) -> None:
        """Delete a chat with its messages, what was thought of them, and agents' runs in it."""
        with self._store.writing() as cursor:
            _check(cursor, owner, id)
            cursor.execute("DELETE FROM messages WHERE chat_id = ?", [line(id)])
            cursor.execute("DELETE FROM feedback WHERE chat_id = ?", [line(id)])
            Threads.forget(cursor, id)
            cursor.execute("DELETE FROM chats WHERE id = ?", [line(id)])

    def messages(self, owner: str, id: str) -> list[ChatMessage]:
        """Return a chat's messages in order."""
        self.get(owner, id)
        rows = self._store.rows(f"{_MESSAGE} WHERE chat_id = ? ORDER BY position", [line(id)])
        return [_message(row) for row in rows]

    def append(
        self,
        owner: str,
        id: str,
        role: Role,
        content: str,
        details: dict[str, Any] | None = None,
    ) -> ChatMessage:
        """Add a message at the end; once this returns it survives a kill."""
        return self.replace(owner, id, None, role, content, details)

    def replace(
        self,
        owner: str,
        id: str,
        position: int | None,
        role: Role,
        content: str,
        details: dict[str, Any] | None = None,
    ) -> ChatMessage:
        """Put a message in the place of everything from a position on, all or nothing."""
        if role not in get_args(Role):
            raise BadInput(f"A message cannot have the role {line(str(role), 40)!r}.")
        text, kept, moment = body(content, "The message"), to_json(details or {}), now()
        with self._store.writing() as cursor:
            _check(cursor, owner, id)
            if position is not None:
                cursor.execute(_CUT, [line(id), position])
            values = [
                new_id(),
                line(id),
                _next_position(cursor, id),
                role,
                text,
                stored(moment),
                kept,
            ]
            cursor.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            cursor.execute("UPDATE chats SET updated = ? WHERE id = ?", [stored(moment), line(id)])
        return _message(tuple(values))

    def cut(self, owner: str, id: str, position: int) -> None:
        """Delete the messages from this position on, for an edit or a retry."""
        with self._store.writing() as cursor:
            _check(cursor, owner, id)
            cursor.execute(_CUT, [line(id), position])

    def list(self, owner: str, limit: int = 100) -> list[Chat]:
        """Return the owner's chats, the latest used first."""
        sql = f"{_CHAT} WHERE owner = ? ORDER BY updated DESC, created DESC, id LIMIT ?"
        return [_chat(row) for row in self._store.rows(sql, [_owner(owner), max(0, limit)])]


def _owner(owner: str) -> str:
    return line(owner)


def _key(owner: str, id: str) -> list[object]:
    return [line(id), _owner(owner)]


def _absent() -> NotFound:
    return NotFound("There is no such chat.", "It may have been deleted, or belong to another.")


def _check(cursor: Cursor, owner: str, id: str) -> None:
    if not cursor.execute(f"{_CHAT} WHERE id = ? AND owner = ?", _key(owner, id)).fetchall():
        raise _absent()


def _next_position(cursor: Cursor, id: str) -> int:
    sql = "SELECT coalesce(max(position) + 1, 0) FROM messages WHERE chat_id = ?"
    return int(cursor.execute(sql, [line(id)]).fetchall()[0][0])


def _chat(row: Row) -> Chat:
    id, owner, title, created, updated = row
    return Chat(id, owner, title, aware(created), aware(updated))


def _message(row: Row) -> ChatMessage:
    id, chat_id, position, role, content, created, details = row
    return ChatMessage(id, chat_id, position, role, content, aware(created), from_json(details))
