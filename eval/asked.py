"""What callers send about runs, and what they get back: the bodies of the routes.

It knows fields and their limits, and which of them leave the house. It runs nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from core.assistant.draft import marks_told, shown_all
from core.records import Answered, Page, Run, RunProgress
from core.server.asked import Text
from core.server.paths import without_paths
from eval.evaluating import grades
from eval.rights import for_strangers
from eval.wire import run_row

LONGEST = 100_000

_Text = Annotated[Text, Field(max_length=LONGEST)]


class EvaluateRequest(BaseModel):
    """One question: with its answer, or with the method that answers it here."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[_Text, Field(min_length=1)]
    answer: _Text | None = Field(None, description="The answer to score; blank: one is made.")
    method: Text | None = Field(None, description="How to answer: rag, naive, cot, agent, chat.")
    reference: _Text | None = Field(None, description="What a right answer says.")
    contexts: Annotated[list[_Text], Field(max_length=20)] = Field(
        [], description="Passages that the answer stands on."
    )
    corpus: Text = Field("", description="The index to search; blank: the default one.")


class LabelRequest(BaseModel):
    """What a person says of a sample; `passed` null takes it back."""

    model_config = ConfigDict(extra="forbid")

    epoch: Annotated[int, Field(ge=0)] = 0
    passed: bool | None
    name: Annotated[Text, Field(max_length=200)] = ""
    reason: Annotated[Text, Field(max_length=4_000)] = ""


def told_run(run: Run) -> dict[str, Any]:
    """Return a run as it is sent: with its configuration and what it came to."""
    told = run_row(for_strangers(run))
    told.pop("owner")
    told.pop("job_id")
    return {**told, "error": without_paths(run.error) if run.error else None}


def told_progress(run: Run, progress: RunProgress) -> dict[str, Any]:
    """Return how far a run is, with what it comes to so far."""
    return {
        "id": run.id,
        "name": run.name,
        **{name: value for name, value in asdict(progress).items() if name != "run_id"},
        "said": without_paths(progress.said),
        "is_over": progress.state not in ("queued", "running"),
        "aggregates": run.summary,
        "error": without_paths(run.error) if run.error else None,
    }


def told_sample(answered: Answered) -> dict[str, Any]:
    """Return a sample as it is sent: what was asked, answered, found, scored and said."""
    item, sample = answered.item, answered.sample
    return {
        "position": sample.position,
        "epoch": sample.epoch,
        "outcome": answered.outcome,
        "item": {
            "id": item.id,
            "question": item.question,
            "references": list(item.references),
            "kind": item.kind,
            "choices": list(item.choices),
            "answerable": item.answerable,
        },
        "answer": sample.answer,
        "reasoning": sample.reasoning,
        "quote": sample.quote,
        "evidence": shown_all(sample.evidence),
        "marks": marks_told(sample.marks),
        "steps": [_step(step) for step in sample.steps],
        "notices": list(sample.notices),
        "seconds": sample.seconds,
        "first_token_s": sample.first_token_s,
        "cached": sample.cached,
        "error": sample.error or None,
        "error_text": without_paths(sample.error_text),
        "scores": [
            {
                "scorer": score.scorer,
                "version": score.version,
                "value": score.value,
                "passed": score.passed,
                "why": without_paths(score.why),
            }
            for score in answered.scores
        ],
        "labels": [
            {"passed": each.passed, "name": each.name, "reason": each.reason}
            for each in answered.labels
            if each.undone is None
        ],
    }


def told_evaluation(answered: Answered) -> dict[str, Any]:
    """Return a sample that was asked for alone: its three grades first."""
    sample = told_sample(answered)
    return {"run_id": answered.sample.run_id, **grades(answered), **sample}


def told_page(page: Page[Any], rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Return a page of rows under their name."""
    return {name: rows, "total": page.total, "page": page.page, "size": page.size}


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    # What a failure looked like inside is for the log of whoever runs the server.
    if step.get("kind") == "trace":
        return {"kind": "trace", "text": str(step.get("text", "")).strip().rpartition("\n")[2]}
    return dict(step)
