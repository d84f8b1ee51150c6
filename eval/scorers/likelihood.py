"""Multiple choice by log-likelihood: which choice a local model finds likeliest.

The prompt and the rule are those of lm-evaluation-harness: the choice with the largest sum of
log-probabilities after "Question: …\\nAnswer:", and, as `normalised`, the largest per byte.
"""

from core.errors import BadInput
from core.seams import Likelihoods
from eval.scorers.matching import right_choice
from eval.scorers.scorer import Case, Found


def choice_likelihood(case: Case) -> Found:
    """Return 1 where the right choice is the likeliest to the model; the answer plays no part."""
    if not isinstance(case.given.generator, Likelihoods):
        raise BadInput(
            "The model cannot say how likely a text is.", "Choose a local model for this score."
        )
    right = right_choice(case.item)
    if right is None:
        return Found(None, why="The item has no choices, or its reference is none of them.")
    prompt = f"Question: {case.item.question}\nAnswer:"
    sums = case.given.generator.loglikelihood(
        prompt, [f" {choice}" for choice in case.item.choices]
    )
    sizes = [max(1, len(choice.encode())) for choice in case.item.choices]
    places = range(len(sums))
    likeliest = max(places, key=lambda place: sums[place])
    per_byte = max(places, key=lambda place: sums[place] / sizes[place])
    chosen = per_byte if case.given.options["per_byte"] else likeliest
    details = {
        "chosen": chosen,
        "right": right,
        "log_likelihoods": [round(value, 4) for value in sums],
        "normalised": float(per_byte == right),
    }
    return Found(float(chosen == right), chosen == right, details=details)
