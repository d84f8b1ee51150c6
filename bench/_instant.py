"""Our side of `make bench-peers` where a model answers at once: what a run itself costs.

python -m bench._instant DATA_DIR TASK.jsonl. The run is a whole one: its own worker process, every
batch on disk before it is told, all samples and scores in the database at the end.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from functools import cached_property

import core.process  # noqa: F401  sets the environment before torch is imported
from core.jobs.work import Work
from core.messages import Completion, Delta, Message, ModelCard, Params, Stop, Usage
from core.settings import load
from eval import service, work
from eval.asking import asking
from eval.contestant import Contestant

ANSWER = "An answer."
AT_ONCE = 10
CARD = ModelCard("instant", "endpoint", "answers at once")


class Instant:
    """Says the same, always."""

    def __init__(self, says: str = ANSWER) -> None:
        self._says = says

    def card(self) -> ModelCard:
        """Say who this is."""
        return CARD

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        """Answer in one piece."""
        yield Delta(self._says)
        yield Usage(8, 2, "stop", 0.0, 0.0)

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        """Answer every prompt."""
        return [Completion(self._says, Usage(8, 2, "stop", 0.0, 0.0)) for _ in prompts]


class Quick(Contestant):
    """The method of a run over the instant model."""

    @cached_property
    def model(self) -> Instant:
        """Return the model."""
        return Instant()


def run(job: Work) -> None:
    """Do a run as its worker, with the instant model."""
    work.Contestant = Quick  # type: ignore[misc]
    work.run(job)


def main(data_dir: str, task: str) -> None:
    """Measure every sample of the task once; the command ends when the run is whole."""
    service.TARGET = "bench._instant:run"
    config = {
        "suite": task,
        "method": "naive",
        "scorers": ["exact_match"],
        "concurrency": AT_ONCE,
        "cache": False,
    }
    with asking(load({"data_dir": data_dir, "auto_ingest": "0"})) as evals:
        made = evals.submit(config)
        while evals.get(made.id).state in ("queued", "running"):
            time.sleep(0.1)
        done = evals.get(made.id)
    if done.state != "completed" or done.done != done.total:
        raise SystemExit(f"The run ended {done.state} with {done.done} of {done.total}.")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
