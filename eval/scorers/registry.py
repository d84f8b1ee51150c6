"""Every scorer there is, in the order it is listed."""

from core.measure.verdict import POINTS
from eval.scorers import conduct, cost, grounding, judge, likelihood, matching
from eval.scorers.scorer import About, Find


def _about(find: Find, title: str, does: str, **more: object) -> About:
    name = find.__name__  # pyright: ignore[reportFunctionMemberAccess]
    return About(name, title, does, find, **more)  # pyright: ignore[reportArgumentType]


_HALF = {"pass_from": 0.5}

SCORERS: dict[str, About] = {
    about.name: about
    for about in (
        _about(
            matching.exact_match,
            "Exact match",
            "The answer is a reference, as SQuAD compares them.",
        ),
        _about(
            matching.contains,
            "Contains",
            "The answer holds a reference as whole words.",
        ),
        _about(
            matching.token_f1,
            "Token F1",
            "Words shared with the best reference, as in SQuAD.",
            options=_HALF,
        ),
        _about(
            matching.numeric,
            "Numeric match",
            "The answer's marked or last number is the reference's.",
            options={"within": 1e-6},
        ),
        _about(
            matching.multiple_choice,
            "Multiple choice",
            "The answer names the right choice by letter or words.",
        ),
        _about(
            likelihood.choice_likelihood,
            "Choice by likelihood",
            "The right choice is the likeliest to a local model.",
            needs="generator",
            options={"per_byte": False},
        ),
        _about(
            matching.rouge_l,
            "ROUGE-L",
            "Longest common word sequence with the best reference, by rouge-score.",
            options=_HALF,
        ),
        _about(
            matching.bleu,
            "BLEU",
            "Shared word groups with all references, by sacrebleu.",
            options=_HALF,
        ),
        _about(
            grounding.faithfulness,
            "Faithfulness",
            "How far the evidence supports the claims.",
            needs="support",
            options=_HALF,
        ),
        _about(
            grounding.hallucination,
            "Hallucination",
            "Share of claims supported less than half.",
            needs="support",
            better="lower",
            options={"below": 0.5},
        ),
        _about(
            grounding.citation_precision,
            "Citation precision",
            "Share of cited passages that hold the answer.",
        ),
        _about(
            grounding.citation_recall,
            "Citation recall",
            "Share of the gold spans that are cited.",
        ),
        _about(
            conduct.abstention,
            "Abstention",
            "Refused what cannot be answered.",
        ),
        _about(
            conduct.false_refusal,
            "False refusal",
            "Refused what can be answered.",
            better="lower",
        ),
        _about(
            grounding.retrieval_recall,
            "Retrieval recall",
            "Share of the gold spans among the first k passages.",
            options={"k": 5},
        ),
        _about(
            grounding.retrieval_mrr,
            "Retrieval MRR",
            "One over the rank of the first gold passage.",
            unit="",
        ),
        _about(
            conduct.answer_length,
            "Answer length",
            "Words of the answer.",
            unit="words",
            better="",
        ),
        _about(
            conduct.tool_efficiency,
            "Tool efficiency",
            "Share of tool calls that succeeded and were needed.",
        ),
        _about(
            conduct.latency,
            "Latency",
            "Seconds to the whole answer.",
            unit="s",
            better="lower",
        ),
        _about(
            conduct.first_token,
            "First token",
            "Seconds to the first token.",
            unit="s",
            better="lower",
        ),
        _about(
            conduct.tokens,
            "Tokens",
            "Tokens read and written by all model calls.",
            unit="tokens",
            better="lower",
        ),
        _about(
            cost.gpu_seconds,
            "GPU seconds",
            "Time a GPU worked, estimated from model calls.",
            unit="GPU s",
            better="lower",
        ),
        _about(
            cost.price,
            "Price",
            "Dollars for 1,000 such samples, by the PRICES setting.",
            unit="$ per 1,000 samples",
            better="lower",
        ),
        _about(
            judge.judge,
            "Judge",
            "A model's grade of correctness by a pinned rubric.",
            version=judge.version(),
            needs="generator",
            options={"pass_from": 1.0, "max_tokens": 200},
        ),
    )
}

__all__ = ["POINTS", "SCORERS"]
