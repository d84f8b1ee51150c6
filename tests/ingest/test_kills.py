"""kill -9 of an ingest's worker and of its owner: the same command goes on to the same index."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core.settings import load
from core.store.connection import Store
from core.store.corpora import Corpora
from tests import parts, source

pytestmark = pytest.mark.slow
FILES = 60


@pytest.fixture
def code(tmp_path: Path) -> Path:
    root = tmp_path / "code"
    root.mkdir()
    for n in range(FILES):
        body = "\n\n".join(f"def part_{n}_{k}(x):\n    return x + {k}" for k in range(40))
        (root / f"m{n}.py").write_text(body)
    return root


def started(code: Path, data: Path, *, alone: bool = True) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "ingest", str(code), "--name", "mine", "--no-embed"]
    return subprocess.Popen(
        words,
        cwd=source.ROOT,
        env={**os.environ, "DATA_DIR": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=alone,
    )


def worker_of(owner: subprocess.Popen[bytes]) -> psutil.Process:
    """Wait for the worker and return it."""
    found: list[psutil.Process] = []

    def there() -> bool:
        assert owner.poll() is None, owner.communicate()[1]
        children = psutil.Process(owner.pid).children()
        found.extend(c for c in children if "core.jobs.worker" in " ".join(c.cmdline()))
        return bool(found)

    assert parts.until(there, 60)
    return found[0]


def reached(data: Path, word: str) -> bool:
    """Say whether the worker has written a record that holds a word."""
    return any(word in path.read_text() for path in data.glob("jobs/*/records.jsonl"))


def served(data: Path) -> tuple[dict[str, str], list[dict]]:
    store = Store.open(data)
    try:
        corpora = Corpora(store)
        assert corpora.get("mine").state == "lexical"
        return corpora.files("mine"), corpora.live("mine").to_pylist()
    finally:
        store.close()


@pytest.fixture
def whole(code: Path, tmp_path: Path):
    """Return what an ingest that nothing interrupts serves."""
    assert started(code, tmp_path / "whole").wait(120) == 0
    return served(tmp_path / "whole")


def test_kills_at_any_moment_change_nothing_in_the_end(whole, code: Path, tmp_path: Path):
    data = tmp_path / "data"
    # The worker, as soon as it has read something.
    owner = started(code, data)
    worker = worker_of(owner)
    assert parts.until(lambda: reached(data, '"part"'), 60)
    worker.kill()
    assert owner.wait(60) == 1
    assert b"SIGKILL" in owner.communicate()[1]
    # The owner; its worker lives on, and is adopted by the next one or has ended by then.
    owner = started(code, data)
    orphan = worker_of(owner)
    assert parts.until(lambda: reached(data, '"ask": "read"'), 60)
    owner.send_signal(signal.SIGKILL)
    owner.wait(30)
    # Both at once.
    owner = started(code, data)
    if orphan.is_running() and orphan.status() != psutil.STATUS_ZOMBIE:
        orphan.kill()
    owner.send_signal(signal.SIGKILL)
    owner.wait(30)
    for _ in range(3):
        owner = started(code, data)
        if owner.wait(120) == 0:
            break
    assert owner.returncode == 0, owner.communicate()[1]
    assert served(data) == whole
    assert load({"data_dir": str(data)}, env_file=None).index_dir.is_dir()
