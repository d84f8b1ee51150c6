"""Runs with samples in a real store, as the worker would have left them, for the tests of Evals."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from core.documents import Chunk, Evidence
from core.messages import Usage
from core.records import Item, JobState, Outcome, Run, Sample, Score
from core.services import Evals
from core.store.samples import Taken
from eval import report
from eval.config import parse
from eval.service import Runs

OWNER = "ann"
BEGAN = datetime(2026, 11, 21, 3, 4, tzinfo=UTC)
RIGHT: Outcome = "correct"


def outcomes(right: int, wrong: int = 0, refused: int = 0, failed: int = 0) -> list[Outcome]:
    """Return so many of each, in this order."""
    return cast(
        list[Outcome],
        ["correct"] * right + ["wrong"] * wrong + ["refused"] * refused + ["error"] * failed,
    )


def kept(
    evals: Evals,
    came: Sequence[Outcome],
    *,
    id: str = "r1",
    method: str = "naive",
    state: JobState = "completed",
    owner: str = OWNER,
    version: str = "v1",
    total: int | None = None,
    slow: float = 0.2,
    **more: Any,
) -> Run:
    """Keep a run whose first samples came out like this, and return it."""
    assert isinstance(evals, Runs)
    suite = more.pop("suite", "sums")
    config = parse({"suite": suite, "method": method, "n": total or len(came) or None})
    run = Run(
        id=id,
        name=more.pop("name", f"{method} {id}"),
        owner=owner,
        state=state,
        config=config.told(),
        suite=suite,
        suite_version=version,
        criterion="numeric",
        method=method,
        model="tiny",
        total=total or len(came),
        created=BEGAN + timedelta(minutes=int(id.strip("r") or 0)),
        started=BEGAN,
        ended=BEGAN + timedelta(seconds=90),
        provenance={"scorers": ["numeric@1"], "machine": {"cores": 2}},
        **more,
    )
    items = [(n, item(n)) for n in range(total or len(came))]
    evals.rows.add(run, items)
    evals.samples_kept.take_in(id, [taken(id, n, each, slow) for n, each in enumerate(came)])
    stands = evals.rows.get(id)
    summary = report.aggregates(stands, evals.samples_kept)
    evals.rows.amend(id, summary=summary, started=run.started, ended=run.ended)
    return evals.rows.get(id)


def item(n: int) -> Item:
    """Return a question; the first ones are easy."""
    kind = "easy" if n < 10 else "hard"
    return Item(f"q{n}", f"What is {n} + <b>1</b>?", (str(n + 1),), kind, cluster=f"c{n}")


def taken(id: str, n: int, came: Outcome, slow: float = 0.2) -> Taken:
    """Return a sample that came out like this, with its scores."""
    chunk = Chunk("pkg/sums.py", 10, 12, "def add(a, b):\n    return a + b", symbol="add")
    sample = Sample(
        id,
        f"q{n}",
        n,
        answer="" if came == "error" else f"The answer is {n + 1 if came == 'correct' else 0}.",
        evidence=(Evidence(chunk, 0.9, ("lexical",)),),
        usage=(Usage(40 + n, 7, "stop", slow, 0.05),),
        seconds=slow + n / 100,
        first_token_s=0.05,
        prompts=("naive@abc123",),
        steps=({"kind": "prompt", "messages": [{"role": "user", "content": f"<q> {n}"}]},),
    )
    if came == "error":
        sample = replace(sample, error="overloaded", error_text="The server said 429.", usage=())
    judged = None if came == "error" else came == "correct"
    value = None if judged is None else float(judged)
    score = Score(id, f"q{n}", "numeric", "1", value=value, passed=judged, why="")
    return Taken(sample, (score,), came)
