"""What the first page weighs: bytes on the wire and requests, by kind, before any plot.

The browser's cache is empty, the page is the Chat tab at rest. Run by `make bench-page`; it
fails beyond LIMIT_MB.
"""

import sys
from collections import defaultdict
from typing import Any

from playwright.sync_api import Browser

from bench._app import PATIENCE_S, app
from bench._browser import chromium
from bench._record import record

LIMIT_MB = 0.5
SETTLED_MS = 1500


def main() -> int:
    """Measure one visit of each tab and write bench/results/page.json."""
    figures: dict[str, Any] = {}
    with app() as running, chromium() as browser:
        for tab in ("chat", "status"):
            figures |= {f"{tab} {name}": n for name, n in weigh(browser, running.url, tab).items()}
    record("page", figures, f"An empty cache; the limit is {LIMIT_MB} MB before the first plot.")
    return 0 if all(figures[f"{tab} megabytes"] <= LIMIT_MB for tab in ("chat", "status")) else 1


def weigh(browser: Browser, url: str, tab: str) -> dict[str, float]:
    """Open one tab in a fresh visitor's browser; return megabytes by kind and requests."""
    kinds: dict[str, str] = {}
    sizes: defaultdict[str, float] = defaultdict(float)
    with browser.new_context() as context:
        page = context.new_page()
        wire = context.new_cdp_session(page)

        def answered(event: dict[str, Any]) -> None:
            kinds[event["requestId"]] = event["type"].lower()

        def received(event: dict[str, Any]) -> None:
            sizes[kinds.get(event["requestId"], "other")] += event["encodedDataLength"]

        wire.on("Network.responseReceived", answered)
        wire.on("Network.loadingFinished", received)
        wire.send("Network.enable")
        page.goto(f"{url}/?tab={tab}", wait_until="commit")
        page.locator(".welcome:visible, .cards:visible").wait_for(timeout=PATIENCE_S * 1000)
        page.wait_for_timeout(SETTLED_MS)
    named = {f"{kind} kB": round(size / 1e3, 1) for kind, size in sorted(sizes.items())}
    total = round(sum(sizes.values()) / 1e6, 3)
    return {"megabytes": total, "requests": len(kinds), **named}


if __name__ == "__main__":
    sys.exit(main())
