"""A model that grades an answer by a rubric, in numbers on a schema.

The rubric is a file; its hash is in the scorer's version, so that scores of another rubric are
never taken for the same. A reply that cannot be read is an outcome of its own and not a 0.
"""

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.documents import render
from core.errors import BadInput, ModelError
from core.messages import Message, Params
from core.records import Item, Sample
from eval.scorers.scorer import Case, Found

RUBRIC = Path(__file__).with_name("rubric.md")
UNPARSED = "The judge's reply could not be read."
NO_ANSWER = "(there is no answer)"
_SLOT = re.compile(r"\{(question|reference|passages|answer)\}")
_OBJECT = re.compile(r"\{[^{}]*\}")
_FENCE = re.compile(r"^===", re.M)


class Grades(BaseModel):
    """What a judge replies; what it has no passages for is null."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    correctness: float = Field(ge=0, le=1)
    faithfulness: float | None = Field(ge=0, le=1)
    hallucination: float = Field(ge=0, le=1)
    reason: str = ""


@cache
def rubric() -> str:
    """Return the words of the rubric."""
    return RUBRIC.read_text(encoding="utf-8").strip()


@cache
def version() -> str:
    """Return the version of the judge: that of its rubric's words."""
    return f"1-{hashlib.sha256(rubric().encode()).hexdigest()[:8]}"


def judge(case: Case) -> Found:
    """Return the correctness a judge gives; its other grades are in the details."""
    if case.given.generator is None:
        raise BadInput("The judge needs a model, and none is connected.", "Name a judge model.")
    if case.item.answerable and not case.item.references:
        return Found(None, why="The item has no reference to be judged by.")
    name = case.given.generator.card().name
    params = Params(max_tokens=int(case.given.options["max_tokens"]), temperature=0.0, seed=0)
    messages = [Message("user", asked(case.item, case.sample))]
    completion = case.given.generator.generate_batch([messages], params, 1)[0]
    if completion.error is not None:
        raise ModelError(f"The judge {name} failed: {completion.error}")
    grades = read(completion.text)
    if grades is None:
        details = {"outcome": "unparsed", "judge": name, "reply": completion.text[:500]}
        return Found(None, why=UNPARSED, details=details)
    details = {"outcome": "graded", "judge": name, **grades.model_dump()}
    return Found(
        grades.correctness, grades.correctness >= case.given.options["pass_from"], "", details
    )


def asked(item: Item, sample: Sample) -> str:
    """Return the rubric with one sample in it; no text of the sample can end its own part."""
    passages = [render(each.chunk, n) for n, each in enumerate(sample.evidence, 1)]
    words: dict[str, str] = {
        "question": item.question,
        "reference": "\nor: ".join(item.references) if item.answerable else NO_ANSWER,
        "passages": "\n\n".join(passages) or "(none)",
        "answer": sample.answer or "(empty)",
    }
    return _SLOT.sub(lambda slot: _FENCE.sub(" ===", words[slot[1]]), rubric())


def read(reply: str) -> Grades | None:
    """Return the grades of a reply: its last JSON object, if that is on the schema."""
    for found in reversed(_OBJECT.findall(reply)):
        try:
            told: Any = json.loads(found)
            return Grades.model_validate(told)
        except (ValueError, ValidationError, RecursionError):
            continue
    return None
