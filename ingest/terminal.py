"""How an ingest and a search look in a terminal: a bar with the time left, and hits with lines.

It knows columns and carriage returns. It asks nobody but the function it is handed.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from core.present.times import seconds

POLL_S = 0.2
QUIET_S = 15.0
WIDTH = 30
LINES = 12

Told = dict[str, Any]


class Bar:
    """One ingest's bar: redrawn in a terminal, a line now and then in a file."""

    def __init__(self, corpus: str) -> None:
        self._corpus = corpus
        self._live = sys.stderr.isatty()
        self._shown = ""
        self._printed = 0.0
        self._drawn = 0

    def follow(self, look: Callable[[], Told]) -> Told:
        """Draw until the job is over; return the job."""
        while True:
            told = look()
            job = told["job"]
            if job["state"] in ("completed", "failed", "cancelled", "interrupted"):
                self._draw("")
                return job
            self._draw(line(self._corpus, told.get("progress") or {}))
            time.sleep(POLL_S)

    def _draw(self, text: str) -> None:
        if self._live:
            sys.stderr.write(f"\r{text.ljust(self._drawn)}" + ("" if text else "\r"))
            self._drawn = len(text)
        elif text and text != self._shown and time.monotonic() - self._printed > QUIET_S:
            self._printed = time.monotonic()
            sys.stderr.write(f"{text}\n")
        self._shown = text
        sys.stderr.flush()


def line(corpus: str, progress: Told) -> str:
    """Return one line that says how far an ingest is."""
    fraction, left = progress.get("fraction"), progress.get("seconds_left")
    said = progress.get("said") or "Starting."
    if fraction is None:
        return f"{corpus}: {said}"
    full = round(fraction * WIDTH)
    bar = "#" * full + "-" * (WIDTH - full)
    time_left = "" if left is None else f" About {seconds(float(round(left)))} left."
    return f"{corpus} [{bar}] {fraction:4.0%} {said}{time_left}"


def found(results: Told) -> str:
    """Return what a search found, hit by hit."""
    rows = [results["notice"]] if results["notice"] else []
    if not results["hits"]:
        rows.append("No relevant context found. The nearest misses:")
    for number, hit in enumerate(results["hits"] or results["misses"], 1):
        places = " → ".join(f"{each['stage']} {each['rank']}" for each in hit["places"])
        name = f"  {hit['symbol']}" if hit["symbol"] else ""
        rows.append(f"\n{number}. {hit['path']}:{hit['start']}-{hit['end']}{name}  ({places})")
        text = hit["text"].strip("\n").splitlines()
        rows += [f"   {row}" for row in text[:LINES]]
        if len(text) > LINES:
            rows.append(f"   … {len(text) - LINES:,} more lines")
    took = results["seconds"].get("total")
    rows.append(f"\n{results['used']} search of {results['corpus']} in {seconds(took)}")
    return "\n".join(rows)
