"""What runs cost where they are large: asked again from the cache, held in memory, shown on a page.

A run of the bundled model is asked twice by the command line, and the second must come to the same
report, every answer taken from the first. A run of a model that answers at once grows by thousands
of samples while the memory of its processes is watched. Two stored runs are opened and compared as
their pages are. Run by `make bench-evals`; figures tell clock time of this machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

import core.process  # noqa: F401  sets the environment before torch is imported
from bench._record import ROOT, record, table
from core.documents import Chunk, Evidence
from core.messages import Usage
from core.records import Item, Outcome, Run, Sample, Score
from core.settings import load
from core.store.samples import Taken

SIZES = {
    "questions": (300, "of arith, each with worked steps by the bundled model"),
    "epochs": (5, "how often each is asked"),
    "samples": (10_000, "while memory is watched"),
    "stored": (100_000, "samples of each stored run"),
}
ROUNDS = 5
PIECE = 2_000
WATCH_S = 0.05
OWNER = "bench"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Measure, print and store."""
    asked = argparse.ArgumentParser(description=__doc__)
    for name, (size, words) in SIZES.items():
        asked.add_argument(f"--{name}", type=int, default=size, help=words)
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        figures = {
            **again(folder / "again", told.questions, told.epochs),
            **held(folder / "held", told.samples),
            **shown(folder / "shown", told.stored),
        }
    if any(getattr(told, name) != size for name, (size, _) in SIZES.items()):
        print(table(figures))
        print("Nothing is kept of a smaller run.")
        return
    record(
        "evals",
        figures,
        f"Bundled model, cot on arith, {told.questions} questions asked {told.epochs} times, both "
        "commands timed whole, start-up included; both reports were the same to the byte. Memory "
        "is resident memory beyond that at the first durable sample, at its peak; a model that "
        f"answers at once. Pages are made {ROUNDS} times and the median is told, with their charts "
        "as JSON; the first is left out.",
    )


def again(data_dir: Path, questions: int, epochs: int) -> dict[str, Any]:
    """Ask the same twice, and see that the second took every answer from the first."""
    command = ["run", "--suite", "arith", "--method", "cot", "--model", "bundled", "--n"]
    command += [str(questions), "--epochs", str(epochs), "--name"]
    took = [timed(lambda name=name: cli(data_dir, *command, name)) for name in ("new", "same")]
    reports = [cli(data_dir, "report", name, "--canonical") for name in ("new", "same")]
    out = data_dir / "same.jsonl"
    cli(data_dir, "export", "same", "--out", str(out))
    cached = sum(json.loads(line)["cached"] for line in out.read_text().splitlines())
    if reports[0] != reports[1] or cached != questions * epochs:
        raise SystemExit(f"{cached} answers came from the cache; the reports differ or some do.")
    return {
        "again samples": cached,
        "again new_s": round(took[0], 2),
        "again cached_s": round(took[1], 2),
        "again times_faster": round(took[0] / took[1], 1),
    }


def cli(data_dir: Path, *words: str) -> str:
    """Run a command of ours and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "eval", *words],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(data_dir), "AUTO_INGEST": "0"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"eval {' '.join(words)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def held(data_dir: Path, samples: int) -> dict[str, Any]:
    """Run many samples of the instant model and watch the memory of owner and worker."""
    data_dir.mkdir()
    task = data_dir / "task.jsonl"
    rows = ({"id": f"q{n:06}", "question": f"What is {n} + 1?", "references": [str(n + 1)]}
            for n in range(samples))  # fmt: skip
    task.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [sys.executable, "-m", "bench._instant", str(data_dir), str(task)]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    watched = Watched(psutil.Process(process.pid), data_dir)
    while process.poll() is None:
        watched.look()
        time.sleep(WATCH_S)
    took = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"The run ended with {process.returncode}.")
    return {
        "held samples": samples,
        "held seconds": round(took, 1),
        "held growth_mb": round(watched.growth() / 1e6, 1),
        "held peak_mb": round(sum(watched.peaks.values()) / 1e6, 1),
    }


class Watched:
    """The resident memory of a process and its children: at the first sample, and at its peak."""

    def __init__(self, root: psutil.Process, data_dir: Path) -> None:
        self.peaks: dict[int, int] = {}
        self._first: dict[int, int] = {}
        self._root = root
        self._data_dir = data_dir

    def look(self) -> None:
        """Note what is held now."""
        try:
            there = [self._root, *self._root.children(recursive=True)]
            now = {each.pid: each.memory_info().rss for each in there}
        except psutil.NoSuchProcess:
            return
        has_begun = bool(self._first) or any(
            file.stat().st_size for file in self._data_dir.glob("jobs/*/samples.jsonl")
        )
        for pid, size in now.items() if has_begun else ():
            self._first.setdefault(pid, size)
            self.peaks[pid] = max(size, self.peaks.get(pid, 0))

    def growth(self) -> int:
        """Return how much more was held at the peak of each process, all together."""
        return sum(peak - self._first[pid] for pid, peak in self.peaks.items())


def shown(data_dir: Path, samples: int) -> dict[str, Any]:
    """Open the page of a large run, and the comparison of two of them."""
    import app
    from eval.datasets.service import Datasets
    from eval.service import Runs
    from pages import _evals_compare, _evals_run
    from pages._evals_asked import Asked
    from pages._evals_desk import Desk

    settings = load({"data_dir": str(data_dir), "model": "quote"}, env_file=None)
    with ExitStack() as ending:
        services = app.wire(settings, ending)
        runs = services.evals
        assert isinstance(runs, Runs)
        for n in (0, 1):
            keep(runs, n, samples)
        desk = Desk(services, runs, Datasets(settings, services.store), OWNER, "light")
        one = Asked(view="run", run="r0")
        both = Asked(view="compare", compare=("r0", "r1"))
        page = median(lambda: drawn(_evals_run.show(desk, one)))
        compare_page = median(lambda: drawn(_evals_compare.show(desk, both)))
        compare = median(lambda: runs.compare("r0", "r1", OWNER))
        sample = median(lambda: _evals_run.show(desk, Asked(view="run", run="r0", sample="77")))
    return {
        "shown samples": samples,
        "shown run_page_ms": page,
        "shown sample_page_ms": sample,
        "shown compare_ms": compare,
        "shown compare_page_ms": compare_page,
    }


def drawn(shown: Any) -> int:  # noqa: ANN401  a view of a page
    """Return how many characters a view has, its charts written out as they are sent."""
    return len(shown.head) + len(shown.body) + sum(len(each.to_json()) for each in shown.charts)


def keep(runs: Any, n: int, samples: int) -> None:  # noqa: ANN401  the façade of runs
    """Keep a run that is over, as its worker would have left it."""
    from eval import report

    id, config = f"r{n}", {"suite": "sums", "method": "naive", "epochs": 1, "n": samples}
    run = Run(
        id=id,
        name=f"run {n}",
        owner=OWNER,
        state="completed",
        config=config,
        suite="sums",
        suite_version="v1",
        criterion="numeric",
        method="naive",
        model="made up",
        total=samples,
        created=BEGAN + timedelta(hours=n),
        provenance={"scorers": ["numeric@1", "token_f1@1"]},
    )
    runs.rows.add(run, ((place, made_item(place)) for place in range(samples)))
    for piece in made(id, n, samples):
        runs.samples_kept.take_in(id, piece)
    summary = report.aggregates(runs.rows.get(id), runs.samples_kept)
    runs.rows.amend(id, summary=summary, started=BEGAN, ended=BEGAN + timedelta(hours=1))


def made_item(place: int) -> Item:
    """Return a question; ten of them come from one document."""
    kind = ("easy", "medium", "hard")[place % 3]
    id = f"q{place:06}"
    return Item(id, f"What is {place} + 1?", (str(place + 1),), kind, cluster=f"d{place // 10}")


def made(id: str, n: int, samples: int) -> Iterator[list[Taken]]:
    """Yield the samples of a run in pieces; three in four are right, others in each run."""
    chunk = Chunk("pkg/sums.py", 1, 9, "def add(a, b):\n    return a + b\n" * 20, symbol="add")
    evidence = (Evidence(chunk, 0.9, ("lexical",)),) * 4
    for first in range(0, samples, PIECE):
        yield [
            taken(id, place, (place * 2_654_435_761 + n * 97) % 1000 < 750 + 10 * n, evidence)
            for place in range(first, min(samples, first + PIECE))
        ]


def taken(id: str, place: int, right: bool, evidence: tuple[Evidence, ...]) -> Taken:
    """Return one sample with two scores."""
    item = made_item(place)
    seconds = 0.2 + place % 97 / 100
    sample = Sample(
        id,
        item.id,
        place,
        batch=place // 8,
        answer=f"The answer is {place + right}.",
        evidence=evidence,
        usage=(Usage(120, 12, "stop", seconds, 0.05),),
        seconds=seconds,
        first_token_s=0.05,
    )
    values = {"numeric": float(right), "token_f1": 0.5 + right / 3}
    scores = tuple(
        Score(id, item.id, name, "1", value=value, passed=right) for name, value in values.items()
    )
    outcome: Outcome = "correct" if right else "wrong"
    return Taken(sample, scores, outcome)


def median(act: Callable[[], object]) -> float:
    """Return the milliseconds an act takes, the median of some; the first is left out."""
    act()
    return round(statistics.median(timed(act) for _ in range(ROUNDS)) * 1000, 1)


def timed(act: Callable[[], object]) -> float:
    """Return the seconds an act takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
