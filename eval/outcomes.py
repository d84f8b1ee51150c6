"""What became of a sample, in one word: right, or in which way not.

It knows the suite's criterion, what a refusal sounds like and what a person said. It computes no
score.
"""

from collections.abc import Sequence

from core.records import Item, Label, Outcome, Sample, Score

OUTCOMES: tuple[Outcome, ...] = (
    "correct",
    "wrong",
    "refused",
    "unsupported",
    "unparsed",
    "error",
    "unscored",
)
# Of these a share of right ones is told; the others are counted apart.
JUDGED = ("correct", "wrong", "refused", "unsupported")


def outcome(item: Item, sample: Sample, scores: Sequence[Score], criterion: str) -> Outcome:
    """Return what a sample's scores say of it; the last version of the criterion counts."""
    if sample.error:
        return "error"
    found = [score for score in scores if score.scorer == criterion]
    if not found:
        return "unscored"
    score = found[-1]
    if score.passed is None:
        return "unparsed" if score.details.get("outcome") == "unparsed" else "unscored"
    if score.passed:
        return "correct"
    if is_refusal(sample.answer) and item.answerable:
        return "refused"
    return "unsupported" if sample.quote else "wrong"


def is_refusal(answer: str) -> bool:
    """Say whether an answer declines to answer, or says nothing at all."""
    from eval.scorers import words

    return not answer.strip() or words.is_refusal(answer)


def overruled(said: Outcome, labels: Sequence[Label]) -> Outcome:
    """Return what counts once people have spoken."""
    standing = [label for label in labels if label.undone is None]
    if not standing:
        return said
    return "correct" if standing[-1].passed else "wrong"
