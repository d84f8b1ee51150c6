"""The list of past chats as HTML.

It knows rows. It does not read the store; it is handed what to show.
"""

from collections.abc import Sequence
from itertools import groupby

from core.present.times import day
from core.records import Chat
from pages._html import icon, text, tool


def chats(rows: Sequence[Chat], current: str | None, more: int | None = None) -> str:
    """Return a visitor's chats, newest first, grouped by day; `more` is how many come next."""
    groups = "".join(
        f"<h3>{label}</h3><ol>{''.join(_row(chat, chat.id == current) for chat in group)}</ol>"
        for label, group in groupby(rows, key=lambda chat: day(chat.updated))
    )
    nothing = '<p class="none">Your chats are kept here, for you alone.</p>'
    return (
        '<nav class="chats" aria-label="Chats"><h2 class="side">Chats</h2>'
        f'<button type="button" class="button new" data-act="new">{icon("plus")}New chat</button>'
        f"{groups or nothing}{_more(more)}</nav>"
    )


def _more(count: int | None) -> str:
    if not count:
        return ""
    return (
        f'<button type="button" class="button" data-act="more" data-count="{count}">'
        "Show more</button>"
    )


def _row(chat: Chat, current: bool) -> str:
    mark = ' aria-current="true"' if current else ""
    return (
        f'<li data-id="{text(chat.id)}" data-title="{text(chat.title)}" '
        f'data-updated="{chat.updated.isoformat()}">'
        f'<a href="?tab=chat&amp;chat={text(chat.id)}" data-act="open"{mark}>{text(chat.title)}</a>'
        f"{tool('edit', 'Rename chat', 'rename')}{tool('delete', 'Delete chat', 'delete')}</li>"
    )
