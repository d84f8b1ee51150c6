"""What an answerer did on the way, as HTML: a line for one search, cards for an agent's steps.

It knows kinds of steps and how a failed one looks. Every word of a tool or a model passes `text`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.assistant.way import Way
from core.present.numbers import count
from core.present.times import seconds
from core.seams import Step
from pages._html import icon, text

KINDS = {
    "retrieve": "Search",
    "thought": "Thought",
    "action": "Call",
    "observation": "Result",
    "refused": "Refused",
    "repair": "Asked again",
    "stuck": "Stuck",
    "plan": "Plan",
    "analyse": "Analysis",
    "refine": "Refined",
    "check": "Check",
}
SUMMARY = "summary"
HIDDEN = frozenset({"thread"})
SHOWN = 4_000
WAITING = "Waiting for the first word"
EXPORT = (
    '<button type="button" class="button" data-act="export-answer">'
    f"{icon('save')}Export as JSON</button>"
)
Told = Mapping[str, Any]


def steps(details: Told) -> str:
    """Return the steps of an answer: searches as lines, anything more as a trace to open."""
    every = [step for step in details.get("steps") or [] if step.get("kind") not in HIDDEN]
    summed = "".join(map(_summed, (step for step in every if step.get("kind") == SUMMARY)))
    return summed + _steps([step for step in every if step.get("kind") != SUMMARY])


def _steps(told: Sequence[Told]) -> str:
    if all(step.get("kind") == "retrieve" for step in told):
        lines = "".join(f"<li>{text(step['text'])}{_took(step, ' in ')}.</li>" for step in told)
        return f'<ul class="steps">{lines}</ul>' if told else ""
    cards = "".join(_card(step) for step in told)
    return (
        f'<details class="trace"><summary>{_summary(told)}</summary>'
        f'<ol aria-label="Steps">{cards}</ol>{EXPORT}</details>'
    )


def doing(step: Step) -> str:
    """Return what is being done now, for the line under an answer that grows."""
    if step.kind == "retrieve":
        found = len(step.evidence)
        return f"Reading {count(found, 'passage')}" if found else step.text
    if step.kind == SUMMARY:
        return "Answering from a summary of the oldest messages"
    if step.kind == "action":
        return f"Calling {step.tool}"
    return "" if step.kind in HIDDEN else KINDS.get(step.kind, step.kind)


def first(way: Way, title: str) -> str:
    """Return what a way does first; a search names its corpus by this title, if there is one."""
    if way.method == "rag" and title:
        return f"Searching {title}"
    return "Thinking" if way.method == "agent" else WAITING


def reasoning(details: Told) -> str:
    """Return what was thought before the answer, folded away."""
    thoughts = str(details.get("reasoning") or "").strip()
    if not thoughts:
        return ""
    return (
        '<details class="reasoning"><summary>What it thought first</summary>'
        f"<p>{text(thoughts)}</p></details>"
    )


def made(details: Told) -> int:
    """Return how many tools were called."""
    return sum(1 for step in details.get("steps") or [] if step.get("kind") == "observation")


def calls(details: Told) -> str:
    """Return how many tools were called, for the line of figures; blank for none."""
    called = made(details)
    return count(called, "tool call") if called else ""


def _summed(step: Told) -> str:
    """Return a summary that a model was shown in the place of the oldest turns, in full."""
    given = str(step.get("given") or "")
    many = f"the {count(int(given), 'oldest message')}" if given.isdigit() else "the oldest turns"
    return (
        f'<aside class="summed"><h3>Instead of {many} the model was shown this summary</h3>'
        f"<p>{text(step.get('text') or '')}</p></aside>"
    )


def _summary(told: Sequence[Told]) -> str:
    failed = sum(1 for step in told if step.get("ok") is False)
    spent = sum(step.get("seconds") or 0.0 for step in told)
    parts = [count(len(told), "step"), f"{failed} failed" if failed else "", seconds(spent)]
    return " · ".join(part for part in parts if part)


def _card(step: Told) -> str:
    kind = str(step.get("kind") or "")
    failed = step.get("ok") is False
    mark, word = ("✕ ", '<span class="word">failed</span>') if failed else ("", "")
    called = f" <code>{text(step['tool'])}</code>" if step.get("tool") else ""
    figures = f"{seconds(step.get('seconds'))} · {_tokens(step)}"
    words = str(step.get("text") or "")
    cut = words if len(words) <= SHOWN else f"{words[:SHOWN]}…"
    return (
        f'<li class="step{" failed" if failed else ""}"><header><b>{mark}'
        f"{text(KINDS.get(kind, kind))}</b>{word}{called}"
        f'<span class="num">{figures}</span></header><pre>{text(cut)}</pre></li>'
    )


def _took(step: Told, lead: str = "") -> str:
    spent = step.get("seconds")
    return f"{lead}{seconds(spent)}" if spent is not None else ""


def _tokens(step: Told) -> str:
    """Return what the model call of a step read and wrote; steps of a tool make none."""
    if "tokens_out" not in step:
        return "no model call"
    read, written = step.get("tokens_in"), step.get("tokens_out")
    return f"{count(read)} read, {count(written, 'token')} written"
