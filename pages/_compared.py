"""Answers side by side as HTML: the choice of ways, one column for each, what they cost.

It knows what can be compared and how columns look. It asks nothing; an answer in a column is
drawn by `_turns`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from core.assistant.comparison import FEWEST, MOST, answers_of, ways_of
from core.assistant.options import titled
from core.assistant.way import Method, Way
from core.present.numbers import DASH, count
from core.present.times import seconds
from core.records import Chat, ChatMessage
from core.retrieval.found import Mode
from pages import _trace, _turns
from pages._html import badge, icon, text, when
from pages._markdown import cited
from pages._marks import legend, tally

Told = Mapping[str, Any]


class Choice(NamedTuple):
    """A way that can be compared: its name in an event, what it is, and what it is called."""

    name: str
    method: Method
    search: Mode
    title: str
    does: str


CHOICES = (
    Choice("naive", "naive", "hybrid", "Model alone", "one bare question"),
    Choice("chat", "chat", "hybrid", "Conversation", "nothing is searched"),
    Choice("cot", "cot", "hybrid", "Step by step", "thinks, then answers"),
    Choice("lexical", "rag", "lexical", "Evidence by words", "searched by shared words"),
    Choice("dense", "rag", "dense", "Evidence by meaning", "searched by nearness in meaning"),
    Choice("hybrid", "rag", "hybrid", "Evidence by both", "searched by words and by meaning"),
    Choice("reranked", "rag", "reranked", "Evidence read again", "by both, the best read again"),
    Choice("agent", "agent", "hybrid", "Agent", "searches and calculates in steps"),
)
CHOSEN = frozenset({"naive", "hybrid", "agent"})
SAYS = (
    f"Choose {FEWEST} to {MOST} ways. They answer one after the other, and the comparison is kept "
    "among your chats."
)
ONE = "One question shows how the ways differ. It does not show which is better."
BY_WORDS = "No vectors could be used, so this searched by words alone."
WAITS = "Waits for its turn."
NEVER = "It was not asked: the comparison ended before its turn."
ELSEWHERE = "It is being answered on another page."


def picker() -> str:
    """Return the choice of ways, which opens above the question."""
    chips = "".join(
        f'<label class="chip" title="{text(each.does)}"><input type="checkbox" name="way" '
        f'value="{each.name}"{" checked" if each.name in CHOSEN else ""}>'
        f"<span>{each.title}</span></label>"
        for each in CHOICES
    )
    return (
        f'<fieldset id="compare" class="compare"><legend>Compare ways of answering</legend>'
        f'<p class="none">{SAYS}</p><div class="chips scrolls">{chips}</div></fieldset>'
    )


def ways(names: Sequence[object], standard: Way) -> list[Way]:
    """Return the ways of these names; all else is as it is set for other questions."""
    chosen = {str(name) for name in names}
    return [
        replace(standard, method=each.method, retrieval=each.search)
        for each in CHOICES
        if each.name in chosen
    ]


def name_of(way: Way) -> str:
    """Return the name of a way in an event and in an address."""
    return way.retrieval if way.method == "rag" else way.method


def conversation(
    chat: Chat,
    messages: Sequence[ChatMessage],
    links: bool = True,
    thoughts: Mapping[str, _turns.Thought] | None = None,
    waits: str = NEVER,
) -> str:
    """Return a whole comparison; `waits` says why a column is empty."""
    asked, found = ways_of(messages), answers_of(messages)
    every = [mark for each in found.values() for mark in each.details.get("marks") or []]
    head = heading(chat, messages[0], len(asked), export=bool(found))
    return (
        f"{head}{finding(asked, found) if len(found) > 1 else ''}{legend(every)}"
        f"{sides(asked, found, links, thoughts=thoughts, waits=waits)}"
    )


def heading(chat: Chat, question: ChatMessage, many: int, export: bool = False) -> str:
    """Return what stands above the columns: what is compared, and the question."""
    button = (
        '<button type="button" class="button" data-act="export-chat">'
        f"{icon('save')}Export as JSON</button>"
        if export
        else ""
    )
    # A short question is the title already.
    short = chat.title == titled(question.content) == question.content.strip()
    asked = "" if short else _turns.question(question, frozen=True)
    return (
        f'<header class="about"><h1>{text(chat.title)}</h1><p>Answered in {count(many, "way")}, '
        f"{when(chat.created)}</p>{button}</header>{asked}"
    )


def sides(
    asked: Sequence[Way],
    found: Mapping[int, ChatMessage],
    links: bool = True,
    *,
    growing: Mapping[int, str] | None = None,
    thoughts: Mapping[str, _turns.Thought] | None = None,
    waits: str = WAITS,
) -> str:
    """Return one column for each way: its answer, the one that grows, or why there is none."""
    now, shown = growing or {}, []
    for n, way in enumerate(asked):
        if n in found:
            inner = _answered(found[n], links, (thoughts or {}).get(found[n].id, _turns.NONE))
        else:
            inner = now.get(n) or f'<p class="none waits">{waits}</p>'
        of = _choice(way)
        shown.append(
            f'<section class="column" aria-label="{of.title}"><h2 class="side">{of.title}</h2>'
            f'<p class="none">{of.does}</p>{inner}</section>'
        )
    return f'<div class="sides" style="--sides:{len(asked)}">{"".join(shown)}</div>'


def finding(asked: Sequence[Way], found: Mapping[int, ChatMessage]) -> str:
    """Return in a sentence what was measured of the answers, and what that does not tell."""
    parts = [_fastest(asked, found), _supported(asked, found)]
    told = " ".join(part for part in parts if part)
    return f'<p class="finding">{text(told)}</p><p class="none">{ONE}</p>' if told else ""


def _answered(message: ChatMessage, links: bool, thought: _turns.Thought) -> str:
    answer = _turns.beside(message, links, thought)
    return f"{_figures(message)}{_by_words(message.details)}{answer}"


def _figures(message: ChatMessage) -> str:
    """Return what an answer cost and stands on, each line where the others have theirs."""
    told = message.details
    evidence = told.get("evidence") or []
    used = sum(1 for passage in evidence if passage.get("n") in cited(message.content))
    rows = {
        "Time": seconds(told.get("seconds")),
        "Tokens": _tokens(told),
        "Tool calls": count(_trace.made(told)),
        "Sources": f"{used} of {len(evidence)} cited" if evidence else "none",
        "Support": tally(told.get("marks")) or DASH,
    }
    how = "Timed on this machine, tools and search included; tokens as the model counts them"
    lines = "".join(
        f"<div><dt>{name}{badge('measured', how) if name == 'Time' else ''}</dt>"
        f'<dd class="num">{value}</dd></div>'
        for name, value in rows.items()
    )
    return f'<dl class="figures">{lines}</dl>'


def _tokens(told: Told) -> str:
    read, written = told.get("tokens_in"), told.get("tokens_out")
    return DASH if written is None else f"{count(read)} read, {count(written)} written"


def _by_words(told: Told) -> str:
    """Return that vectors were asked for and took no part; the evidence says who found it."""
    way, evidence = told.get("way") or {}, told.get("evidence") or []
    if not evidence or way.get("method") != "rag" or way.get("retrieval") == "lexical":
        return ""
    if any("dense" in (passage.get("found_by") or []) for passage in evidence):
        return ""
    return f'<p class="none lacking">{BY_WORDS}</p>'


def _fastest(asked: Sequence[Way], found: Mapping[int, ChatMessage]) -> str:
    times = {n: message.details.get("seconds") for n, message in found.items() if message.content}
    known = {n: value for n, value in times.items() if value is not None}
    if len(known) < FEWEST:
        return ""
    first, last = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    return (
        f"{_title(asked[first])} was fastest, {seconds(known[first])}; "
        f"{_title(asked[last]).lower()} took {seconds(known[last])}."
    )


def _supported(asked: Sequence[Way], found: Mapping[int, ChatMessage]) -> str:
    """Return how much of each answer its evidence supports, as far as that was measured."""
    told = {n: tally(message.details.get("marks"), words=True) for n, message in found.items()}
    parts = [f"{_title(asked[n])}: {words}" for n, words in told.items() if words]
    return f"{'; '.join(parts)}." if parts else ""


def _title(way: Way) -> str:
    return _choice(way).title


def _choice(way: Way) -> Choice:
    return next(choice for choice in CHOICES if choice.name == name_of(way))
