"""Starts the app as a user does and ends it again: a fresh process on a fresh DATA_DIR.

It knows the command line and the port. It measures nothing but the time to the open port.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._record import ROOT

PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Running:
    """A started app: where it is, which process, and what its start took."""

    url: str
    pid: int
    began: float
    port_open_s: float

    def since_start(self) -> float:
        """Return the seconds since `python app.py` was called."""
        return time.perf_counter() - self.began


@contextmanager
def app(**settings: str) -> Iterator[Running]:
    """Run `python app.py` with these settings as flags until the block ends.

    It indexes nothing by itself unless told to, so that nothing else is measured beside.
    """
    with TemporaryDirectory() as folder:
        given = {"port": str(free_port()), "data_dir": f"{folder}/data", "auto_ingest": "0"}
        given |= settings
        port = int(given["port"])
        flags = [word for n, value in given.items() for word in (f"--{n.replace('_', '-')}", value)]
        log = Path(folder) / "log"
        with log.open("wb") as sink:
            began = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "app.py", *flags], cwd=ROOT, stdout=sink, stderr=sink
            )
            try:
                _wait(process, port, log)
                opened = time.perf_counter() - began
                yield Running(f"http://127.0.0.1:{port}", process.pid, began, opened)
            finally:
                process.terminate()
                process.wait(timeout=30)


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return once the port takes a connection; say why where it never will."""
    give_up = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < give_up:
        if process.poll() is not None:
            raise SystemExit(f"The app ended at once:\n{log.read_text(errors='replace')[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise SystemExit(f"The port was not open after {PATIENCE_S:.0f} s.")
