"""A conversation as HTML: turns, the line of figures under an answer, the growing answer.

It knows how stored messages look. It does not know how they came to be, and it passes every
word of a model through `_markdown.render` and every word of a person through `text`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.errors import ContextOverflow
from core.present.numbers import count
from core.present.times import moment, rate, seconds
from core.records import Chat, ChatMessage, Feedback
from core.store.feedback import THUMBS
from pages import _trace
from pages._html import badge, icon, problem, text, tool, when
from pages._markdown import cited, render
from pages._marks import legend

FINISHES = {
    "length": "Stopped at the longest answer allowed; raise it in Settings.",
    "stopped": "You stopped this answer.",
    "left": "The page was left before the answer was complete.",
    "loop": "Stopped because the model began to repeat itself.",
    "error": "This answer broke off.",
}
ELSEWHERE = "An answer is being written on another page. It appears here once it is whole."
FITTING = (
    '<p class="none">What is the model to be shown from now on in this chat? Nothing of it is '
    'deleted.</p><div class="choices">'
    '<button type="button" class="button" data-act="retry" data-overflow="drop">'
    "Leave out the oldest</button>"
    '<button type="button" class="button" data-act="retry" data-overflow="summarise">'
    "Summarise the oldest</button>"
    '<button type="button" class="button" data-act="new">Begin a new chat</button></div>'
)
INTERRUPTED = "This question got no answer: it was stopped before the first word."


@dataclass(frozen=True, slots=True)
class Thought:
    """What a visitor did with an answer: the thumb given, and the words put in its place."""

    thumb: str = ""
    version: str = ""


NONE = Thought()


def thoughts(rows: Sequence[Feedback]) -> dict[str, Thought]:
    """Return what a visitor did with each answer, the latest counting, by the message's id."""
    found: dict[str, Thought] = {}
    for row in rows:
        now = found.get(row.message_id, NONE)
        if row.kind in THUMBS:
            found[row.message_id] = replace(now, thumb=row.kind)
        elif row.kind == "edited":
            found[row.message_id] = replace(now, version=row.comment)
    return found


def heading(chat: Chat, messages: Sequence[ChatMessage]) -> str:
    """Return the sentence on top of a conversation."""
    asked = sum(1 for message in messages if message.role == "user")
    return (
        f'<header class="about"><h1>{text(chat.title)}</h1>'
        f"<p>{count(asked, 'question')}, begun {when(chat.created)}</p></header>"
    )


def turns(
    messages: Sequence[ChatMessage],
    links: bool = True,
    frozen: bool = False,
    thoughts: Mapping[str, Thought] | None = None,
    elsewhere: bool = False,
) -> str:
    """Return stored turns; a frozen conversation is being answered and offers no actions.

    `thoughts` are the visitor's of an answer, by the message's id; `elsewhere` says that another
    page of this visitor is answering in it.
    """
    shown = [m for m in messages if m.role in ("user", "assistant")]
    last = len(shown) - 1
    parts = []
    for index, message in enumerate(shown):
        if message.role == "user":
            parts.append(question(message, frozen))
            if index == last and not frozen:
                parts.append(unanswered())
        else:
            thought = (thoughts or {}).get(message.id, NONE)
            parts.append(answer(message, links, index == last and not frozen, thought))
    return "".join(parts) + (f'<p class="state empty small">{ELSEWHERE}</p>' if elsewhere else "")


def question(message: ChatMessage, frozen: bool = False) -> str:
    """Return what the person asked, exactly as typed."""
    edit = "" if frozen else tool("edit", "Edit and ask again", "edit", position=message.position)
    return (
        f'<article class="turn asked" data-position="{message.position}">'
        f'<h2 class="who">You</h2><div class="said" data-raw="{text(message.content)}">'
        f"{text(message.content)}</div>"
        f'<div class="tools">{edit}{tool("copy", "Copy question", "copy")}</div></article>'
    )


def answer(
    message: ChatMessage, links: bool = True, last: bool = False, thought: Thought = NONE
) -> str:
    """Return a stored answer with its figures, notices and tools."""
    again = tool("retry", "Answer again", "retry") if last else ""
    return (
        f'<article class="turn answer" data-position="{message.position}">'
        f'<h2 class="who">Plumbline</h2>{_body(message, links, last)}'
        f'<div class="foot">{facts(message.details, message.created)}'
        f"{_tools(message, thought, again)}</div>{_version(thought, links)}</article>"
    )


def beside(message: ChatMessage, links: bool = True, thought: Thought = NONE) -> str:
    """Return a stored answer for a column of a comparison, which tells its figures itself."""
    return (
        f'<article class="turn answer" data-position="{message.position}">'
        f'{_body(message, links)}<div class="foot">{_tools(message, thought)}</div>'
        f"{_version(thought, links)}</article>"
    )


def _body(message: ChatMessage, links: bool, last: bool = False) -> str:
    """Return how an answer came to be, its words, and what is to be said about them."""
    details = message.details
    marks = details.get("marks") or []
    found = len(details.get("evidence") or [])
    words = render(message.content, found, links, marks) if message.content else ""
    return (
        f"{_trace.steps(details)}"
        f'<div class="said md" data-raw="{text(message.content)}">{words}</div>'
        f"{legend(marks) if last else ''}"
        f"{_trace.reasoning(details)}{_notices(details)}"
        f"{_quote(details, links)}{_error(message, last)}"
    )


def _tools(message: ChatMessage, thought: Thought, again: str = "") -> str:
    evidence = message.details.get("evidence") or []
    judged = ""
    if message.content:
        judged = tool("edit", "Write your version", "edit-answer") + tool(
            "copy", "Copy answer", "copy"
        )
        judged += _thumbs(thought.thumb)
    return f'<div class="tools">{_sources(evidence, message)}{again}{judged}</div>'


def _version(thought: Thought, links: bool) -> str:
    """Return what a visitor made of an answer, below the answer itself."""
    if not thought.version:
        return ""
    return (
        f'<aside class="version" aria-label="Your version" data-raw="{text(thought.version)}">'
        f'<h3>Your version</h3><div class="md">{render(thought.version, 0, links)}</div></aside>'
    )


def _thumbs(liked: str) -> str:
    """Return the two thumbs, the one that was given pressed."""
    return "".join(
        tool(way, label, "thumb", pressed=liked == way, way=way)
        for way, label in (("up", "This answer helped"), ("down", "This answer did not help"))
    )


def unanswered() -> str:
    """Return what stands under a question that got no answer."""
    button = (
        '<button type="button" class="button" data-act="retry">'
        f"{icon('retry')}Answer it now</button>"
    )
    return f'<div class="state empty small"><p>{INTERRUPTED}</p>{button}</div>'


def growing(words: str, doing: str, citations: int = 0, links: bool = True) -> str:
    """Return the answer that is being written, and what is being done meanwhile."""
    body = f'<div class="said md">{render(words, citations, links)}</div>' if words else ""
    return (
        '<article class="turn answer growing"><h2 class="who">Plumbline</h2>'
        f'{body}<p class="doing">{text(doing)}</p></article>'
    )


def facts(details: dict[str, Any], when: datetime) -> str:
    """Return the line of figures under an answer: only what was measured."""
    model = "quotes" if details.get("kind") == "quote" else details.get("model")
    parts = [f"<b>{text(model)}</b>" if model else ""]
    parts += [_tokens(details), _trace.calls(details)]
    first, total = details.get("first_token_s"), details.get("total_s")
    if details.get("kind") != "quote":
        parts.append(f"{seconds(first)} to first token" if first is not None else "")
        speed = details.get("tokens_per_s")
        parts.append(rate(speed, "tok") if speed is not None else "")
    elif total is not None:
        parts.append(f"{seconds(total)} in all")
    figures = [part for part in parts if part]
    how = f"Timed on this machine, {moment(when)}; tokens as the model counts them"
    spans = " · ".join(
        f"<span>{part}</span>" if part.startswith("<b>") else f'<span class="num">{part}</span>'
        for part in figures
    )
    mark = badge("measured", how) if len(figures) > 1 else ""
    return f'<p class="facts">{spans} {mark}</p>'


def _tokens(details: dict[str, Any]) -> str:
    tokens_out, reused = details.get("tokens_out"), details.get("tokens_reused")
    if tokens_out is None:
        return ""
    tokens_in = details.get("tokens_in")
    kept = f" ({count(reused)} reused)" if reused is not None else ""
    read = f"{count(tokens_in)}{kept} read, " if tokens_in is not None else ""
    return f"{read}{count(tokens_out, 'token')} written"


def _notices(details: dict[str, Any]) -> str:
    notices = list(details.get("notices") or [])
    if not details.get("error") and details.get("finish") in FINISHES:
        notices.append(FINISHES[details["finish"]])
    return "".join(f'<p class="notice">{text(notice)}</p>' for notice in notices)


def _quote(details: dict[str, Any], links: bool) -> str:
    words = details.get("quote")
    if not words:
        return ""
    body = render(words, len(details.get("evidence") or []), links)
    return f'<aside class="quoted md" aria-label="What the evidence says">{body}</aside>'


def _error(message: ChatMessage, last: bool) -> str:
    error = message.details.get("error")
    if not error:
        return ""
    again = ""
    if last and error.get("code") == ContextOverflow.code and message.position > 1:
        again = FITTING
    elif last and error.get("retryable"):
        again = (
            f'<button type="button" class="button" data-act="retry">{icon("retry")}'
            "Ask again</button>"
        )
    reference = f"{error.get('code') or 'error'} · answer {message.id} · {moment(message.created)}"
    return problem(str(error["message"]), str(error.get("hint") or ""), reference, again)


def _sources(evidence: Sequence[Any], message: ChatMessage) -> str:
    if not evidence:
        return ""
    numbers = cited(message.content)
    used = sum(1 for passage in evidence if passage.get("n") in numbers)
    told = f"{used} of {count(len(evidence), 'source')} cited"
    return (
        '<button type="button" class="tool wide" data-act="evidence" '
        f'data-position="{message.position}">{icon("list")}{told}</button>'
    )
