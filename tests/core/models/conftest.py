"""What the tests of models share: a local model, a hostile server, a real server."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.seams import Generator
from tests import hostile
from tests.core.models.asking import free_port, settings

START_SECONDS = 120


@pytest.fixture(scope="session")
def local(tiny_model: Path) -> Generator:
    """Return the tiny model loaded in this process."""
    from core.models.local import Local

    return Local(tiny_model, settings())


@pytest.fixture
def server() -> Iterator[hostile.Hostile]:
    """Return the server that misbehaves on request."""
    with hostile.running() as found:
        yield found


@pytest.fixture(scope="session")
def serve(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a real `transformers serve` on the tiny model."""
    port = free_port()
    home = tmp_path_factory.mktemp("serve")
    command = [Path(sys.executable).parent / "transformers", "serve", tiny_model]
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
