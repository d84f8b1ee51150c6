"""kill -9 of a run's worker and of its owner: what is answered stays, the report is the same."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.records import Run
from core.settings import load
from eval.asking import asking
from eval.service import Runs
from tests import parts, source
from tests.eval.answering import Sums, questions, sums

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[Sums]:
    with sums() as running:
        yield running


def command(data: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "eval", *words],
        cwd=source.ROOT,
        env={**os.environ, "DATA_DIR": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def begun(server: Sums, data: Path, file: Path, *more: str) -> subprocess.Popen[str]:
    words = ("--suite", str(file), "--model", server.url("sums"), "--model-name", "m")
    return command(data, "run", *words, "--name", "k", "--no-cache", "--batch", "4", *more)


def workers(data: Path) -> list[psutil.Process]:
    """Return the workers of this DATA_DIR that live."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if "core.jobs.worker" in line and str(data.resolve()) in line:
            found.append(process)
    return found


def batches(data: Path) -> int:
    """Return how many batches are written down."""
    return sum(file.read_text().count('"batch"') for file in data.glob("jobs/*/records.jsonl"))


def kill(*processes: psutil.Process | subprocess.Popen[str]) -> None:
    for process in processes:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    for process in processes:
        if isinstance(process, subprocess.Popen):
            process.communicate(timeout=30)


def whole_of(server: Sums, data: Path, file: Path) -> str:
    """Return the canonical report of the same run that nothing interrupts."""
    model = {"url": server.url("sums"), "name": "m"}
    given = {"suite": str(file), "model": model, "name": "k", "cache": False, "batch": 4}
    with asking(load({"data_dir": str(data)}, env_file=None)) as runs:
        assert isinstance(runs, Runs)
        return _report(runs, runs.submit(given))


def finished(data: Path, name: str = "k") -> str:
    """Go on with the run until it is complete, and return its canonical report."""
    with asking(load({"data_dir": str(data)}, env_file=None)) as runs:
        assert isinstance(runs, Runs)
        run = runs.get(name)
        return _report(runs, run if run.state == "completed" else runs.resume(run.id))


def _report(runs: Runs, run: Run) -> str:
    over = ("completed", "failed", "cancelled", "interrupted")
    assert parts.until(lambda: runs.get(run.id).state in over, 240)
    assert runs.get(run.id).state == "completed", runs.get(run.id).error
    return "".join(runs.canonical(run.id))


def test_three_kills_change_no_byte_of_the_report(server: Sums, tmp_path: Path):
    file = questions(tmp_path, 40)
    whole = whole_of(server, tmp_path / "whole", file)
    data = tmp_path / "data"
    server.pause = 0.15
    server.asked.clear()
    # The worker, once it has written a batch down.
    owner = begun(server, data, file)
    assert parts.until(lambda: batches(data) >= 1, 120), owner.poll()
    kill(*workers(data))
    assert "SIGKILL" in owner.communicate(timeout=120)[1]
    # The owner alone; its worker goes on, and the next owner takes in what it wrote.
    seen = batches(data)
    owner = command(data, "resume", "k")
    assert parts.until(lambda: batches(data) > seen, 120), owner.poll()
    kill(owner)
    # Both at once.
    owner = command(data, "resume", "k")
    assert parts.until(lambda: bool(workers(data)) or owner.poll() is not None, 120)
    kill(owner, *workers(data))
    server.pause = 0.0
    assert finished(data) == whole
    # Whole batches alone were asked again: no more of them than could be under way at each kill.
    assert len(server.asked) <= 40 + 3 * 4 * 4


@pytest.mark.prove
def test_twenty_kills_at_random_moments(server: Sums, tmp_path: Path):
    drawn = random.Random(20261121)
    file = questions(tmp_path, 200)
    whole = whole_of(server, tmp_path / "whole", file)
    data = tmp_path / "data"
    server.pause = 0.1
    owner = begun(server, data, file)
    assert parts.until(lambda: bool(list(data.glob("runs/*/plan.json"))), 120)
    for _ in range(20):
        time.sleep(drawn.uniform(0.2, 3.0))
        victims = drawn.choice(("worker", "owner", "both"))
        there = [] if victims == "owner" else workers(data)
        if victims != "worker" or not there:
            there.append(owner)  # type: ignore[arg-type]
        kill(*there)
        owner.poll() is None and owner.communicate(timeout=120)
        owner = command(data, "resume", "k")
    owner.communicate(timeout=600)
    server.pause = 0.0
    assert finished(data) == whole
