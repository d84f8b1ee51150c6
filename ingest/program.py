"""Runs another program to its end, watched, and ends it with all it started when told to.

It knows processes. It does not know what is run.
"""

import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

import psutil

POLL_S = 0.1
MAX_PRINTED = 64_000_000


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended and what it printed."""

    code: int
    out: bytes
    err: str


def run(words: Sequence[str], env: Mapping[str, str], check: Callable[[int], object]) -> Ended:
    """Run a program; `check` hears how much it has printed, and ends it by raising."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=dict(env),
        )
        try:
            while not _is_over(process):
                check(_size(out) + _size(err))
        finally:
            _end(process)
        return Ended(process.returncode, _whole(out), _whole(err).decode(errors="replace"))


def _is_over(process: subprocess.Popen[bytes]) -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(POLL_S)
    return process.returncode is not None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and its children, which stay in our group so that who ends us ends them."""
    if process.poll() is None:
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for child in family:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.wait()


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(MAX_PRINTED)
