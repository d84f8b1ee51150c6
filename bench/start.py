"""From `python app.py` to the port open and to a page one can type in, in Chromium.

Each run is a fresh process on a fresh DATA_DIR, which begins to index by itself; the browser is
open already, as a visitor's is, and its cache is empty. That torch was not loaded is read from the
process's memory map.
Run by `make bench-start`.
"""

import statistics
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from bench._app import PATIENCE_S, app
from bench._browser import chromium
from bench._record import record

RUNS = 7
TYPING = "#ask textarea"


def main() -> None:
    """Measure RUNS starts and write bench/results/start.json."""
    with chromium() as browser:
        runs = [one_start(browser) for _ in range(RUNS)]
    times = ("port_open_s", "page_usable_s", "page_megabytes")
    figures: dict[str, Any] = {
        k: round(statistics.median(run[k] for run in runs), 3) for k in times
    }
    figures |= {f"{key}_all": [run[key] for run in runs] for key in times[:2]}
    figures["torch_loaded_by_then"] = any(run["torch_loaded"] for run in runs)
    record("start", figures, f"Medians of {RUNS} starts; Chromium was open, its cache empty.")


def one_start(browser: Browser) -> dict[str, float]:
    """Start the app once and return what it took, in seconds and bytes."""
    with app(auto_ingest="1") as running:
        received = open_page(browser, running.url)
        usable = running.since_start()
        loaded = "libtorch" in Path(f"/proc/{running.pid}/maps").read_text(encoding="utf-8")
    return {
        "port_open_s": round(running.port_open_s, 3),
        "page_usable_s": round(usable, 3),
        "page_megabytes": round(received / 1e6, 3),
        "torch_loaded": loaded,
    }


def open_page(browser: Browser, url: str) -> int:
    """Open the page without a cache; return the bytes received until one can type."""
    with browser.new_context() as context:
        page = context.new_page()
        received: list[float] = []
        wire = context.new_cdp_session(page)
        wire.on(
            "Network.loadingFinished", lambda event: received.append(event["encodedDataLength"])
        )
        wire.send("Network.enable")
        page.goto(url, wait_until="commit")
        page.locator(f"{TYPING}:enabled").wait_for(timeout=PATIENCE_S * 1000)
        return round(sum(received))


if __name__ == "__main__":
    main()
