"""A real `transformers serve` for tests: started on a free port, ended by its process."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.core.models.asking import free_port

START_SECONDS = 120


@contextmanager
def serving(model: Path, home: Path) -> Iterator[str]:
    """Serve a model folder and yield the address."""
    port = free_port()
    command = [Path(sys.executable).parent / "transformers", "serve", model]
    command += ["--device", "cpu", "--port", str(port)]
    environment = {**os.environ, "HF_HOME": str(home), "OMP_NUM_THREADS": "1"}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{url}/health"), lambda: process.poll() is None)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    """Say whether something answers at the address."""
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait_for(ready: Callable[[], bool], alive: Callable[[], bool] = lambda: True) -> None:
    """Wait until it is ready; fail when it died or took far too long."""
    end = time.monotonic() + START_SECONDS
    while not ready():
        assert alive(), "the server ended before it was ready"
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.1)
