"""Real servers for the vector backends that have one, each for as long as a test run needs it."""

import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psutil

START_S = 60


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def chroma(folder: Path, port: int = 0) -> Iterator[str]:
    """Run `chroma run`, the server written in Rust, and yield its address."""
    port = port or free_port()
    program = Path(sys.executable).parent / "chroma"
    words = ["run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    folder.mkdir(parents=True, exist_ok=True)
    log = (folder / "server.log").open("w")
    process = subprocess.Popen([program, *words], stdout=log, stderr=log, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/api/v2/heartbeat")
        yield url
    finally:
        _end(process)
        log.close()


@contextmanager
def postgres() -> Iterator[str]:
    """Run the Postgres with pgvector that PyPI's pgserver brings, and yield its address.

    As root it runs as a user of its own, who must be let into the folder: pytest's are closed.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pgserver

    with TemporaryDirectory(prefix="plumbline-postgres-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            httpx.get(address, timeout=2).raise_for_status()
            return
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _end(process: subprocess.Popen) -> None:
    # The program may be a wrapper around the server: both are ended.
    children = psutil.Process(process.pid).children(recursive=True)
    for each in children:
        each.terminate()
    process.terminate()
    process.wait(timeout=20)
    psutil.wait_procs(children, timeout=20)
