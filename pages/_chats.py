"""The list of past chats and the evidence panel as HTML.

It knows rows and passages. It does not read the store; it is handed what to show.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from core.present.numbers import count
from core.present.times import day
from core.records import Chat
from pages._html import icon, text, tool
from pages._markdown import cited, code, render

NO_EVIDENCE = "What an answer rests on is listed here. Nothing has been cited yet."


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


def evidence(passages: Sequence[Mapping[str, Any]], words: str = "", lit: int | None = None) -> str:
    """Return what an answer of these words cites, then what else was found; one passage is lit."""
    if not passages:
        return f'{_title()}<p class="none">{NO_EVIDENCE}</p>'
    numbers = cited(words)
    used = [passage for passage in passages if int(passage["n"]) in numbers]
    rest = [passage for passage in passages if int(passage["n"]) not in numbers]
    told = f"{len(used)} of {count(len(passages), 'source')} cited."
    also = f'<h3 class="also">Also found</h3>{_listed(rest, lit)}' if rest else ""
    return f'{_title()}<p class="none">{told}</p>{_listed(used, lit)}{also}'


def _listed(passages: Sequence[Mapping[str, Any]], lit: int | None) -> str:
    cards = "".join(_passage(passage, lit) for passage in passages)
    return f'<ol class="passages">{cards}</ol>' if cards else ""


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
