"""Scores that compare an answer with its references: word by word, number by number.

As in SQuAD 2.0, a question that cannot be answered is answered right by a refusal. The best of
several references counts. Libraries compute ROUGE and BLEU.
"""

import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from core.records import Item
from eval.scorers.scorer import Case, Found
from eval.scorers.words import holds, is_refusal, normalised, plain, tokens

MOST_WORDS = 1_000
NO_REFERENCE = "The item has no reference."
_NUMBER = re.compile(r"(?<![\w.])[-−+]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s*/\s*\d+(?![\d.]))?")
_MARKED = re.compile(r"(?:####|\\boxed\{|answer\s*(?:is|:|=))\s*\**\s*\$?\s*(?=[-−+.\d])", re.I)
_LETTER = re.compile(r"^\W*([A-Z])(?:[).:\]]|\s*$)|\banswer\s*(?:is|:)?\s*\(?([A-Z])\b(?!')")


def exact_match(case: Case) -> Found:
    """Return 1 where the answer is a reference once both are normalised as in SQuAD."""
    return _compared(case, lambda said, one: float(normalised(said) == normalised(one)))


def contains(case: Case) -> Found:
    """Return 1 where the answer holds a reference as whole words."""
    return _compared(case, lambda said, one: float(holds(said, one)))


def token_f1(case: Case) -> Found:
    """Return SQuAD's F1 of the words that answer and reference share."""
    return _compared(case, _f1, case.given.options["pass_from"])


def numeric(case: Case) -> Found:
    """Return 1 where the answer's number is a reference's: the marked one, else the last."""
    said = number(case.sample.answer)
    near = float(case.given.options["within"])

    def equal(_: str, one: str) -> float:
        wanted = number(one)
        if said is None or wanted is None:
            return 0.0
        return float(abs(said - wanted) <= Decimal(str(near)) * max(abs(wanted), Decimal(1)))

    if case.item.references and all(number(one) is None for one in case.item.references):
        return Found(None, why="No reference holds a number.")
    found = _compared(case, equal)
    found.details["read"] = None if said is None else str(said)
    return found


def multiple_choice(case: Case) -> Found:
    """Return 1 where the answer names the right choice, by its letter or by its words."""
    if not case.item.choices:
        return Found(None, why="The item has no choices.")
    right = right_choice(case.item)
    if right is None:
        return Found(None, why="The item's reference is none of its choices.")
    chosen = chosen_in(case.sample.answer, case.item.choices)
    details: dict[str, Any] = {"chosen": chosen, "right": right}
    if chosen is None:
        details["why"] = "The answer names no choice, or more than one."
    return Found(float(chosen == right), chosen == right, details=details)


def rouge_l(case: Case) -> Found:
    """Return ROUGE-L's F-measure, by rouge-score with stemming, of the first 1,000 words."""

    def score(said: str, one: str) -> float:
        return float(_rouge().score(_opening(one), _opening(plain(said)))["rougeL"].fmeasure)

    return _compared(case, score, case.given.options["pass_from"])


def bleu(case: Case) -> Found:
    """Return the sentence BLEU against all references, by sacrebleu, from 0 to 1."""
    if not (case.item.answerable and case.item.references):
        return _compared(case, _f1)
    measure = _bleu()
    told = measure.sentence_score(plain(case.sample.answer), list(case.item.references))
    passed = told.score / 100 >= case.given.options["pass_from"]
    signature = str(measure.get_signature())
    return Found(told.score / 100, passed, details={"signature": signature})


def number(text: str) -> Decimal | None:
    """Return the number that a text ends with, or the one that it marks as its answer."""
    bare = " ".join(plain(text).split())
    marks = list(_MARKED.finditer(bare))
    found = [_NUMBER.match(bare, marks[-1].end())] if marks else []
    shown = next(iter(found), None) or next(reversed(list(_NUMBER.finditer(bare))), None)
    if shown is None:
        return None
    above, _, below = shown[0].replace(",", "").replace("−", "-").partition("/")
    try:
        return Decimal(above.strip()) / (Decimal(below.strip()) if below else Decimal(1))
    except (InvalidOperation, ZeroDivisionError):
        return None


def right_choice(item: Item) -> int | None:
    """Return the place of the right choice; the reference is its words or its letter."""
    words = [normalised(choice) for choice in item.choices]
    for reference in item.references:
        if normalised(reference) in words:
            return words.index(normalised(reference))
        place = ord(reference.strip()[:1].upper() or "?") - ord("A")
        if len(reference.strip()) == 1 and 0 <= place < len(words):
            return place
    return None


def chosen_in(answer: str, choices: tuple[str, ...]) -> int | None:
    """Return which choice an answer names, if it is exactly one."""
    letter = _LETTER.search(plain(answer))
    if letter:
        place = ord(letter[1] or letter[2]) - ord("A")
        if place < len(choices):
            return place
    named = [place for place, choice in enumerate(choices) if holds(answer, choice)]
    # "Paris" also stands in "not Paris but Paris, Texas": the longest that holds the others wins.
    longest = max(named, key=lambda place: len(choices[place]), default=None)
    if longest is None or any(not holds(choices[longest], choices[place]) for place in named):
        return None
    return longest


def _compared(case: Case, score: Callable[[str, str], float], pass_from: float = 1.0) -> Found:
    """Return the best score over the references; a refusal is right where there is no answer."""
    if not case.item.answerable:
        refused = is_refusal(case.sample.answer)
        return Found(float(refused), refused, details={"refused": refused})
    if not case.item.references:
        return Found(None, why=NO_REFERENCE)
    scored = {one: score(case.sample.answer, one) for one in case.item.references}
    best = max(scored, key=lambda one: scored[one])
    details = {"reference": best} if scored[best] else {}
    return Found(scored[best], scored[best] >= pass_from, details=details)


def _f1(said: str, reference: str) -> float:
    ours, theirs = tokens(said), tokens(reference)
    if not ours or not theirs:
        return float(ours == theirs)
    shared = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * shared / (len(ours) + len(theirs))


def _opening(text: str) -> str:
    # The longest common sequence takes time by the product of both lengths.
    return " ".join(text.split()[:MOST_WORDS])


@cache
def _rouge() -> Any:  # noqa: ANN401
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], use_stemmer=True)


@cache
def _bleu() -> Any:  # noqa: ANN401
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(effective_order=True)
