"""From `python app.py` to the port open and to a page one can type in, in Chromium.

Each run starts a fresh process on a fresh DATA_DIR; the browser is already open, as a
visitor's is. That torch was not loaded is read from the process's own memory map.
Run by `make bench-start`; RUNS runs, the first of them cold for this script's order only.
"""

import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench._browser import executable
from bench._record import ROOT, record

RUNS = 5
PATIENCE_S = 120.0
TYPING = "#ask textarea"


def main() -> None:
    """Measure RUNS starts and write bench/results/start.json."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        runs = [one_start(browser) for _ in range(RUNS)]
        browser.close()
    medians = {key: round(statistics.median(run[key] for run in runs), 3) for key in runs[0]}
    figures: dict[str, Any] = {
        **medians,
        "port_open_s_all": [run["port_open_s"] for run in runs],
        "page_usable_s_all": [run["page_usable_s"] for run in runs],
        "torch_loaded_at_page": any(run["torch_loaded"] for run in runs),
        "runs": RUNS,
    }
    del figures["torch_loaded"]
    record("start", figures, f"Medians of {RUNS} starts; Chromium was open, its cache empty.")


def one_start(browser: Browser) -> dict[str, float]:
    """Start the app once and return what it took, in seconds and bytes."""
    with TemporaryDirectory() as folder:
        port = free_port()
        words = [sys.executable, "app.py", "--port", str(port), "--data-dir", folder]
        log = Path(folder) / "log"
        with log.open("wb") as sink:
            started = time.perf_counter()
            process = subprocess.Popen(words, cwd=ROOT, stdout=sink, stderr=sink)
            try:
                wait_for_port(process, port, log)
                port_open = time.perf_counter() - started
                received = open_page(browser, f"http://127.0.0.1:{port}/")
                usable = time.perf_counter() - started
                loaded = "libtorch" in Path(f"/proc/{process.pid}/maps").read_text()
            finally:
                process.terminate()
                process.wait(timeout=30)
    return {
        "port_open_s": round(port_open, 3),
        "page_usable_s": round(usable, 3),
        "page_bytes": received,
        "torch_loaded": loaded,
    }


def open_page(browser: Browser, url: str) -> int:
    """Open the page in a browser without a cache; return the bytes received until one can type."""
    context = browser.new_context()
    page = context.new_page()
    received: list[float] = []
    wire = context.new_cdp_session(page)
    wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    page.goto(url, wait_until="commit")
    page.locator(TYPING).wait_for(state="visible", timeout=PATIENCE_S * 1000)
    page.wait_for_function("selector => !document.querySelector(selector).disabled", arg=TYPING)
    total = round(sum(received))
    context.close()
    return total


def wait_for_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
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


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
