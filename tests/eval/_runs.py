"""Runs as they come out of the store, made up small: for what shows, exports and publishes them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.documents import Chunk, Evidence, Mark
from core.messages import Usage
from core.records import Answered, Item, Label, Outcome, Run, Sample, Score
from core.settings import load
from core.store.connection import Store
from core.store.runs import RunRows
from core.store.samples import ItemRows, SampleRows, Taken
from eval import report
from eval.reading import Reading
from eval.rights import Rights

CREATED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
OWNER = "visitor-4711-secret-owner"
SECRET_PATH = "/srv/private/machine/place"


def run(name: str = "codeqa rag", method: str = "rag", **more: Any) -> Run:
    """Return a completed run, with everything in it that must not be published."""
    made = Run(
        id=name.replace(" ", "") + "0123",
        name=name,
        owner=OWNER,
        state="completed",
        config={"suite": "codeqa", "method": method, "n": 4, "seed": 7, "top_k": 4},
        suite="codeqa",
        suite_version="v1",
        method=method,
        model="bundled-13m",
        total=4,
        done=4,
        created=CREATED,
        started=CREATED,
        ended=CREATED,
        criterion="contains",
        provenance={
            "settings": {"DATA_DIR": SECRET_PATH, "API_KEYS": "••••", "MAX_TOKENS": "512"},
            "code": {"version": "0.1.0", "commit": "abc123"},
            "model": {"name": "bundled-13m", "folder": f"{SECRET_PATH}/models", "parameters": 13},
            "machine": {"python": "3.11.7", "system": "Linux-6.18", "cores": 2},
            "libraries": {"torch": "2.13.0"},
            "prompts": {"rag": "deadbeef"},
        },
    )
    return replace(made, **more)


def answered(
    n: int, answer: str = "It is 3 [1].", outcome: Outcome = "correct", **more: Any
) -> Answered:
    """Return a sample with its question, its evidence and its scores."""
    kind = "default" if n % 2 == 0 else "where"
    item = Item(f"q{n}", f"What is the default of x in f{n}?", ("3",), kind, cluster=f"c{n // 2}")
    chunk = Chunk("pkg/mod.py", 10, 20, f"def f{n}(x=3):\n    return x", symbol=f"f{n}")
    sample = Sample(
        "r",
        item.id,
        n,
        answer=answer,
        evidence=(Evidence(chunk, 0.9, ("lexical",)),),
        marks=(Mark(answer, 0, len(answer), "supported", 0.8, (1,), (10, 10)),),
        usage=(Usage(100 + n, 20, "stop", 0.5, 0.1),),
        seconds=0.5 + n / 10,
        first_token_s=0.1,
        steps=({"kind": "prompt", "messages": [{"role": "user", "content": "the prompt"}]},),
    )
    passed = None if outcome in ("error", "unscored") else outcome == "correct"
    value = None if passed is None else float(passed)
    scores = (
        Score("r", item.id, "contains", "1", value=value, passed=passed, why="not there"),
        Score("r", item.id, "faithfulness", "2", value=0.75, passed=True),
    )
    return Answered(item, replace(sample, **more), scores, outcome)


def labelled(one: Answered, reason: str = "by hand") -> Answered:
    """Return the sample with a person's word."""
    label = Label("l", "r", one.sample.position, 0, True, "Ann", reason, CREATED)
    return replace(one, labels=(label,))


def samples(
    outcomes: Sequence[Outcome] = ("correct", "wrong", "refused", "error"),
) -> list[Answered]:
    """Return some samples, one for each outcome."""
    return [answered(n, f"Answer {n}", what) for n, what in enumerate(outcomes)]


class Kept(Reading):
    """Runs in a real store, read as the app reads them."""

    def __init__(self, folder: Path) -> None:
        self.settings = load({"data_dir": str(folder)}, env_file=None)
        self.store = Store.open(folder, "256MB")
        self.runs = RunRows(self.store)
        self.rights = Rights(self.settings, self.runs, True)
        self.items = ItemRows(self.store)
        self.samples_kept = SampleRows(self.store)

    def keep(self, made: Run, rows: Sequence[Answered]) -> Run:
        """Keep a run with its samples and what it comes to."""
        self.runs.add(made, [(each.sample.position, each.item) for each in rows])
        taken = [Taken(each.sample, each.scores, each.outcome) for each in rows]
        self.samples_kept.take_in(made.id, taken)
        self.runs.amend(made.id, summary=report.aggregates(made, self.samples_kept))
        return self.runs.get(made.id)
