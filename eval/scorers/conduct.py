"""Scores of how an answer came about: refusals, length, tools, and what it all took.

It knows samples and prices. What was not measured stays unscored.
"""

import re
from typing import Any

from core.assistant.support import citations
from core.records import Sample
from eval.scorers.scorer import Case, Found
from eval.scorers.words import is_refusal, plain

NOT_MEASURED = "It was not measured."
_RESULTS = ("observation", "refused", "stuck")
_SHOWN = re.compile(r"^\[(\d+)\] ", re.M)


def abstention(case: Case) -> Found:
    """Return 1 where a question that cannot be answered was refused, 0 where it was answered."""
    if case.item.answerable:
        return Found(None, why="The item can be answered.")
    refused = is_refusal(case.sample.answer)
    return Found(float(refused), refused)


def false_refusal(case: Case) -> Found:
    """Return 1 where a question that can be answered was refused."""
    if not case.item.answerable:
        return Found(None, why="The item cannot be answered.")
    refused = is_refusal(case.sample.answer)
    return Found(float(refused), not refused)


def answer_length(case: Case) -> Found:
    """Return the number of words of the answer, without citations."""
    return Found(float(len(plain(case.sample.answer).split())))


def tool_efficiency(case: Case) -> Found:
    """Return the share of tool calls that succeeded and were needed.

    A call failed if its tool said so, was refused, or was made three times over. A successful
    call was unnecessary if the same call had succeeded before, or if it showed passages and the
    answer cites others but none of these.
    """
    results = [
        step for step in case.sample.steps if step.get("kind") in _RESULTS and step.get("tool")
    ]
    if not results:
        return Found(None, why="No tool was called.")
    succeeded = [step for step in results if step.get("ok", True) and step["kind"] == _RESULTS[0]]
    cited = set(citations(case.sample.answer, len(case.sample.evidence)))
    seen: set[tuple[str, str]] = set()
    idle = 0
    for step in succeeded:
        call = step["tool"], step.get("given", "")
        idle += call in seen or _unused(step, cited)
        seen.add(call)
    details = {
        "calls": len(results),
        "successful": len(succeeded),
        "failed": len(results) - len(succeeded),
        "unnecessary": idle,
    }
    return Found((len(succeeded) - idle) / len(results), details=details)


def latency(case: Case) -> Found:
    """Return the seconds from question to whole answer."""
    return Found(case.sample.seconds, why="" if case.sample.seconds is not None else NOT_MEASURED)


def first_token(case: Case) -> Found:
    """Return the seconds to the first token."""
    shown = case.sample.first_token_s
    return Found(shown, why="" if shown is not None else NOT_MEASURED)


def tokens(case: Case) -> Found:
    """Return the tokens that all model calls read and wrote."""
    counted = used(case.sample)
    if counted is None:
        return Found(None, why=NOT_MEASURED if case.sample.usage else "No model was called.")
    read, wrote = counted
    return Found(float(read + wrote), details={"in": read, "out": wrote})


def used(sample: Sample) -> tuple[int, int] | None:
    """Return the tokens in and out of all model calls, where every call counted them."""
    read = [usage.tokens_in for usage in sample.usage if usage.tokens_in is not None]
    wrote = [usage.tokens_out for usage in sample.usage if usage.tokens_out is not None]
    if not sample.usage or len(read) < len(sample.usage) or len(wrote) < len(sample.usage):
        return None
    return sum(read), sum(wrote)


def _unused(step: dict[str, Any], cited: set[int]) -> bool:
    shown = {int(n) for n in _SHOWN.findall(step.get("text", ""))}
    return bool(shown and cited) and not shown & cited
