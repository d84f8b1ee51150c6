"""Records as the store hands them out, made for the tests of the pages."""

from datetime import UTC, datetime
from typing import Any

from core.messages import Role
from core.records import Chat, ChatMessage

WHEN = datetime(2026, 11, 21, 3, 4, tzinfo=UTC)


def chat(id: str = "c1", title: str = "A chat") -> Chat:
    return Chat(id, "owner", title, WHEN, WHEN)


def message(
    position: int, role: Role, content: str, details: dict[str, Any] | None = None
) -> ChatMessage:
    return ChatMessage(f"m{position}", "c1", position, role, content, WHEN, details or {})
