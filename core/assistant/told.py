"""An answer as lines for a terminal: the words, the evidence, the cost, and each step if wanted.

It knows the document in which an answer is kept and sent. It asks nothing.
"""

import textwrap
from typing import Any

WIDTH = 100
LONGEST = 12
MARKS = {"supported": "supported", "partly": "partly supported", "unsupported": "not supported"}
Told = dict[str, Any]


def lines(told: Told, trace: bool = False) -> list[str]:
    """Return an answer as lines."""
    steps = [line for n, step in enumerate(told["steps"], 1) for line in _step(n, step)]
    shown = [*steps, ""] if trace and steps else []
    shown.append(told["text"] or "No answer was given.")
    if told["evidence"]:
        shown += ["", *(_evidence(each) for each in told["evidence"])]
    claims = [mark for mark in told.get("marks") or [] if mark["mark"] != "plain"]
    if claims:
        shown += ["", *(_mark(each) for each in claims)]
    notices = [f"Note: {notice}" for notice in told["notices"]]
    quote = ["", "What the evidence says:", told["quote"]] if told["quote"] else []
    return [*shown, *quote, "", *notices, _cost(told)]


def _step(n: int, step: Told) -> list[str]:
    seconds = step.get("seconds")
    cost = [f"{seconds:.2f} s"] if seconds is not None else []
    if step.get("tokens_in") is not None:
        cost.append(f"{step['tokens_in']:,} tokens in, {step['tokens_out'] or 0:,} out")
    failed = "" if step.get("ok", True) else ", failed"
    head = f"{n}. {step['kind']}{failed}" + (f" ({', '.join(cost)})" if cost else "")
    rows = [part for row in str(step["text"]).splitlines() for part in _wrapped(row)]
    rows = [*rows[:LONGEST], "…"] if len(rows) > LONGEST else rows
    return [head, *(f"   {row}" for row in rows)]


def _wrapped(row: str) -> list[str]:
    """Return a line as it is, or in parts that fit; its own indent stays."""
    return textwrap.wrap(row, WIDTH - 3, drop_whitespace=False) or [""]


def _evidence(each: Told) -> str:
    symbol = f"{each['symbol']} in " if each["symbol"] else ""
    return f"[{each['n']}] {symbol}{each['path']}:{each['first_line']}-{each['last_line']}"


def _mark(each: Told) -> str:
    on = " ".join(f"[{n}]" for n in each["chunks"])
    said = textwrap.shorten(each["text"], WIDTH - 30)
    return f"{MARKS[each['mark']]}{f' {on}' if on else ''} ({each['score']:.2f}): {said}"


def _cost(told: Told) -> str:
    called = [step for step in told["steps"] if step.get("tool") and step["kind"] != "action"]
    failed = sum(not step.get("ok", True) for step in called)
    parts = [told["model"] or "no model", f"{told['seconds']:.1f} s"]
    if told["steps"]:
        tools = f"{len(called)} tool call{'' if len(called) == 1 else 's'}"
        parts.append(f"{tools}, {failed} failed" if failed else tools)
    if told["reason"]:
        parts.append(f"ended: {told['reason']}")
    return f"({'; '.join(parts)})"
