"""Scores of what an answer stands on: support of its sentences, its citations, what was found.

It knows evidence and where the gold stands. Support is judged by a SupportScorer; it does not
know which.
"""

from collections.abc import Sequence

from core.assistant.support import citations
from core.documents import Chunk, Evidence, Mark
from core.errors import BadInput
from core.measure.ranking import recall, reciprocal_rank
from core.records import Gold, Item, Sample
from eval.scorers.scorer import Case, Found, Given
from eval.scorers.words import holds, is_refusal

# A chunk holds a gold span if it has half of it, or lies half in it, as in the search bench.
HALF = 0.5
NO_EVIDENCE = "Nothing was retrieved or given."
NO_GOLD = "The item does not say where its answer stands."


def faithfulness(case: Case) -> Found:
    """Return how far the evidence supports the sentences that claim something, on average."""
    marks, why = _claims(case.sample, case.given)
    if why:
        return Found(None, why=why)
    value = sum(mark.score or 0.0 for mark in marks) / len(marks)
    unsupported = [mark.text for mark in marks if mark.mark == "unsupported"][:5]
    details = {"claims": len(marks), "unsupported": unsupported}
    return Found(value, value >= case.given.options["pass_from"], details=details)


def hallucination(case: Case) -> Found:
    """Return the share of claiming sentences whose support is below a half."""
    marks, why = _claims(case.sample, case.given)
    if why:
        return Found(None, why=why)
    below = [mark for mark in marks if (mark.score or 0.0) < case.given.options["below"]]
    details = {"claims": len(marks), "unsupported": [mark.text for mark in below][:5]}
    return Found(len(below) / len(marks), not below, details=details)


def citation_precision(case: Case) -> Found:
    """Return the share of cited passages that hold the answer: a gold span or a reference."""
    why = _unjudged(case.item, case.sample)
    cited = citations(case.sample.answer, len(case.sample.evidence))
    if why or not cited:
        return Found(None, why=why or "The answer cites nothing.")
    good = [n for n in cited if _answers(case.sample.evidence[n - 1], case.item)]
    value = len(good) / len(cited)
    return Found(value, value == 1, details={"cited": list(cited), "good": good})


def citation_recall(case: Case) -> Found:
    """Return the share of gold spans that a cited passage holds; without gold, of references."""
    why = _unjudged(case.item, case.sample)
    if why:
        return Found(None, why=why)
    cited = citations(case.sample.answer, len(case.sample.evidence))
    shown = [case.sample.evidence[n - 1] for n in cited]
    if not case.item.gold:
        value = float(any(_answers(each, case.item) for each in shown))
    else:
        held = [any(is_gold(each.chunk, gold) for each in shown) for gold in case.item.gold]
        value = sum(held) / len(held)
    return Found(value, value == 1, details={"cited": list(cited)})


def retrieval_recall(case: Case) -> Found:
    """Return the share of gold spans among the first k passages of the evidence."""
    k = int(case.given.options["k"])
    if k < 1:
        raise BadInput(f"k={k} finds nothing.", "Give a k of 1 or more.")
    ranks, why = _ranks(case.item, case.sample)
    return Found(None, why=why) if why else _ranked(recall(ranks, k), ranks)


def retrieval_mrr(case: Case) -> Found:
    """Return one over the rank of the first gold passage, or 0 where none was found."""
    ranks, why = _ranks(case.item, case.sample)
    if why:
        return Found(None, why=why)
    return _ranked(reciprocal_rank(ranks, depth=len(case.sample.evidence)), ranks)


def is_gold(chunk: Chunk, gold: Gold) -> bool:
    """Say whether a chunk holds the gold span, or is the gold passage."""
    if gold.span is None:
        return gold.path in (chunk.id, chunk.path) and gold.symbol in ("", chunk.symbol)
    if not _same_file(chunk.path, gold.path):
        return False
    shared = min(chunk.span[1], gold.span[1]) - max(chunk.span[0], gold.span[0])
    smaller = min(chunk.span[1] - chunk.span[0], gold.span[1] - gold.span[0])
    return shared > 0 and shared >= HALF * smaller


def _same_file(path: str, gold: str) -> bool:
    return path == gold or path.endswith(f"/{gold}") or gold.endswith(f"/{path}")


def _claims(sample: Sample, given: Given) -> tuple[Sequence[Mark], str]:
    if given.support is None:
        raise BadInput("This score needs a support scorer, and none is there.")
    if not sample.evidence:
        return (), NO_EVIDENCE
    if not sample.answer.strip() or is_refusal(sample.answer):
        return (), "The answer claims nothing: it is empty or a refusal."
    marks = given.support.marks(sample.answer, sample.evidence)
    claims = [mark for mark in marks if mark.mark != "plain"]
    return claims, "" if claims else "No sentence of the answer claims anything."


def _answers(evidence: Evidence, item: Item) -> bool:
    if item.gold:
        return any(is_gold(evidence.chunk, gold) for gold in item.gold)
    return any(holds(evidence.chunk.text, reference) for reference in item.references)


def _unjudged(item: Item, sample: Sample) -> str:
    if not item.answerable:
        return "The item has no answer to cite."
    if not item.gold and not item.references:
        return NO_GOLD
    if not sample.evidence:
        return NO_EVIDENCE
    return "The answer is a refusal." if is_refusal(sample.answer) else ""


def _ranks(item: Item, sample: Sample) -> tuple[list[int | None], str]:
    if not item.gold:
        return [], NO_GOLD
    if not sample.evidence:
        retrieved = any(step.get("kind") == "retrieve" for step in sample.steps)
        return [None] * len(item.gold), "" if retrieved else NO_EVIDENCE
    return [
        next((n for n, each in enumerate(sample.evidence, 1) if is_gold(each.chunk, gold)), None)
        for gold in item.gold
    ], ""


def _ranked(value: float, ranks: Sequence[int | None]) -> Found:
    return Found(value, None, details={"ranks": list(ranks)})
