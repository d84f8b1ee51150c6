"""Samples and items as the tests of scorers need them."""

from typing import Any

from core.documents import Chunk, Evidence
from core.messages import Usage
from core.records import Item, Sample, Score
from eval.scorers import apply, make


def item(question: str = "What?", *references: str, **more: Any) -> Item:
    return Item("i1", question, references, **more)


def sample(answer: str = "", **more: Any) -> Sample:
    return Sample("r1", "i1", 0, answer=answer, **more)


def score(name: str, asked: Item, answered: Sample | str, **more: Any) -> Score:
    given = sample(answered) if isinstance(answered, str) else answered
    return apply(make(name, **more), asked, given)


def evidence(*texts: str, path: str = "a.py") -> tuple[Evidence, ...]:
    return tuple(
        Evidence(Chunk(path, n, n, text, id=f"c{n}", span=(100 * n, 100 * n + 50)))
        for n, text in enumerate(texts, 1)
    )


def usage(read: int | None = 10, wrote: int | None = 5, seconds: float = 2.0) -> Usage:
    return Usage(read, wrote, "stop", seconds)
