"""Programs are run to their end, or ended with their children."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ingest.program import run


def test_what_a_program_prints_and_how_it_ends():
    ended = run(["sh", "-c", "echo out; echo err >&2; exit 3"], os.environ, int)
    assert (ended.code, ended.out, ended.err) == (3, b"out\n", "err\n")


@pytest.fixture
def typed() -> Iterator[None]:
    """Have something typed on standard input."""
    kept, (reading, writing) = os.dup(0), os.pipe()
    os.write(writing, b"typed\n")
    os.close(writing)
    os.dup2(reading, 0)
    yield
    os.dup2(kept, 0)
    os.close(kept)
    os.close(reading)


def test_a_program_hears_nothing_and_sees_only_its_environment(typed: None):
    ended = run(["sh", "-c", "cat; echo $A$HOME"], {"A": "1", "PATH": os.environ["PATH"]}, int)
    assert ended.out == b"1\n"


def test_a_check_that_raises_ends_the_program_and_its_children(tmp_path: Path):
    told = tmp_path / "pid"

    def check(printed: int) -> None:
        if told.exists() and told.read_text().strip():
            raise TimeoutError

    with pytest.raises(TimeoutError):
        run(["sh", "-c", f"sleep 60 & echo $! > {told}; wait"], os.environ, check)
    child = int(told.read_text())
    for _ in range(100):
        if not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie":
            return
        time.sleep(0.02)
    pytest.fail("the child lives on")


def test_the_check_hears_how_much_was_printed():
    heard: list[int] = []
    run(["sh", "-c", "echo 12345; sleep 0.3"], os.environ, heard.append)
    assert heard[-1] == 6
