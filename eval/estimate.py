"""What a run would take and what it could show, before it is asked for.

It knows earlier runs of the same method and model, and the formula of statistical power. Where
nothing like it was measured, the time is not known.
"""

from dataclasses import dataclass

from core.measure.power import detectable
from core.records import Run
from eval.config import RunConfig


@dataclass(frozen=True, slots=True)
class Estimated:
    """Samples, model calls and seconds; the smallest difference in pass rate that is shown.

    `of` says which run the seconds come from. None is not known, or shown by no difference.
    """

    samples: int
    calls: int | None
    seconds: float | None
    detectable: float | None
    of: str = ""


def estimated(config: RunConfig, count: int, earlier: Run | None) -> Estimated:
    """Return what a run of so many questions would take, judged by an earlier one."""
    samples = min(count, config.n or count)
    calls = None if config.method == "agent" else samples * config.epochs
    seconds, of = None, ""
    if earlier is not None and earlier.started and earlier.ended and earlier.done:
        took = (earlier.ended - earlier.started).total_seconds()
        seconds = took / earlier.done * samples * config.epochs
        of = f"{earlier.name}, {earlier.done:,} samples"
    return Estimated(samples, calls, seconds, detectable(samples), of)
