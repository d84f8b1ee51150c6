"""Holds a finished answer against its evidence: marks for its sentences, a quote where they fail.

It knows when a quote belongs beside an answer, and when an answer is put aside because no passage
holds what was asked about. It does not know how support is scored, nor how names are found.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from core.assistant.coverage import Gap
from core.assistant.methods.quote import quoted
from core.assistant.support import is_low, refuses
from core.messages import Delta
from core.seams import Answer, Step, SupportScorer

Missing = Literal["refuse", "warn", "off"]

CHECK = "check"
WORDS = "Put aside: "
UNSUPPORTED = "Not all of this stands in the evidence. What the evidence says is quoted beside it."
UNINDEXED = "Nothing is indexed yet, so there is no evidence. Add a source on the Search tab."
UNHELD = "The retrieved context does not say: no passage holds {names}."
ASIDE = (
    "The model's answer was put aside, because no passage it was shown holds {names}, which the "
    "question asks about. Its words are among the steps."
)
DOUBTED = (
    "No passage that was shown holds {names}, which the question names, so this may be about "
    "something else."
)


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


def finished(
    answer: Answer, question: str, support: SupportScorer, gap: Gap | None, missing: Missing
) -> Iterator[Step | Delta | Answer]:
    """Yield an answer checked; where no passage holds what it is about, what is done about that.

    A model that says itself that the evidence is silent is left to say it in its own words.
    """
    told = checked(answer, question, support)
    if gap is None or missing == "off" or refuses(answer.text) or _is_stopped(answer):
        yield told
        return
    doubts = missing == "warn" or not (gap.is_sure or is_low(told.marks))
    held = f"No passage that was shown holds {gap.told}. "
    if doubts:
        yield Step(CHECK, f"{held}The answer stays as it is.")
        yield replace(told, notices=(*told.notices, DOUBTED.format(names=gap.told)))
        return
    yield Step(CHECK, f"{held}{WORDS}{answer.text}")
    text = UNHELD.format(names=gap.told)
    yield Delta(f"\n\n{text}")
    quote = quoted(question, answer.evidence) if answer.evidence else ""
    notices = (*answer.notices, ASIDE.format(names=gap.told))
    yield marked(replace(answer, text=text, quote=quote, notices=notices), support)


def _is_stopped(answer: Answer) -> bool:
    return bool(answer.usage) and answer.usage[-1].finish == "stopped"
