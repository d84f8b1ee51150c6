"""Holds a finished answer against its evidence: marks for its sentences, a quote where they fail.

It knows when a quote belongs beside an answer. It does not know how support is scored.
"""

from dataclasses import replace

from core.assistant.methods.quote import quoted
from core.assistant.support import is_low
from core.seams import Answer, SupportScorer

UNSUPPORTED = "Not all of this stands in the evidence. What the evidence says is quoted beside it."


def marked(answer: Answer, support: SupportScorer) -> Answer:
    """Return the answer with a mark for each of its sentences, if it stands on evidence."""
    if not answer.evidence or not answer.text:
        return answer
    return replace(answer, marks=support.marks(answer.text, answer.evidence))


def checked(answer: Answer, question: str, support: SupportScorer) -> Answer:
    """Return the answer with marks, and where support is low with what the evidence says."""
    told = marked(answer, support)
    quote = quoted(question, told.evidence) if is_low(told.marks) else ""
    return replace(told, notices=(*told.notices, UNSUPPORTED), quote=quote) if quote else told
