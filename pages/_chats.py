"""The list of past chats and the evidence panel as HTML.

It knows rows and passages. It does not read the store; it is handed what to show.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from core.present.times import day
from core.records import Chat
from pages._html import icon, text, tool
from pages._markdown import code, render

NO_EVIDENCE = "What an answer rests on is listed here. Nothing has been cited yet."
NOTHING_CITED = "This answer cites nothing: the model answered from what it learned."


def chats(rows: Sequence[Chat], current: str | None) -> str:
    """Return a visitor's chats, newest first, grouped by day."""
    groups = "".join(
        f"<h3>{label}</h3><ol>{''.join(_row(chat, chat.id == current) for chat in group)}</ol>"
        for label, group in groupby(rows, key=lambda chat: day(chat.updated))
    )
    nothing = '<p class="none">Your chats are kept here, for you alone.</p>'
    return (
        '<nav class="chats" aria-label="Chats"><h2 class="side">Chats</h2>'
        f'<button type="button" class="button new" data-act="new">{icon("plus")}New chat</button>'
        f"{groups or nothing}</nav>"
    )


def _row(chat: Chat, current: bool) -> str:
    mark = ' aria-current="true"' if current else ""
    return (
        f'<li data-id="{text(chat.id)}" data-title="{text(chat.title)}">'
        f'<a href="?tab=chat&amp;chat={text(chat.id)}" data-act="open"{mark}>{text(chat.title)}</a>'
        f"{tool('edit', 'Rename chat', 'rename')}{tool('delete', 'Delete chat', 'delete')}</li>"
    )


def evidence(
    passages: Sequence[Mapping[str, Any]], answered: bool = False, lit: int | None = None
) -> str:
    """Return the passages an answer rests on, one of them lit."""
    if not passages:
        sentence = NOTHING_CITED if answered else NO_EVIDENCE
        return f'{_title()}<p class="none">{sentence}</p>'
    cards = "".join(_passage(passage, lit) for passage in passages)
    return f'{_title()}<ol class="passages">{cards}</ol>'


def _title() -> str:
    return '<h2 class="side">Evidence</h2>'


def _passage(passage: Mapping[str, Any], lit: int | None) -> str:
    number = int(passage["n"])
    path, first, last = passage["path"], passage["first_line"], passage["last_line"]
    mark = " lit" if number == lit else ""
    return (
        f'<li class="passage{mark}" id="passage-{number}" data-n="{number}">'
        f'<p class="place"><span class="n">{number}</span>'
        f'<span class="path">{text(path)}:{first}–{last}</span></p>'
        f"{_body(str(path), str(passage['text']))}</li>"
    )


def _body(path: str, words: str) -> str:
    """Return documentation as text and everything else as code."""
    if path.endswith(".md"):
        return f'<div class="said md" tabindex="0">{render(words, links=False)}</div>'
    language = "python" if path.endswith(".py") else ""
    return f'<pre tabindex="0"><code>{code(words, language)}</code></pre>'
