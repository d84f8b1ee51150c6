"""How far an ingest is, as HTML: a bar, a sentence, and one thin line for every page.

It knows progress. It does not know corpora and starts nothing.
"""

from collections.abc import Sequence

from core.present.numbers import THIN, count
from core.present.times import seconds
from core.records import IngestProgress
from pages._html import sentence, text


def line(running: Sequence[IngestProgress]) -> str:
    """Return the line under the header: what is indexed now, and how many wait behind it."""
    if not running:
        return ""
    first = min(running, key=lambda one: one.state != "running")
    behind = len(running) - 1
    waiting = f" {count(behind, 'more')} waiting." if behind else ""
    return (
        f'<div class="ingesting">{bar(first)}<p class="num"><b>Indexing {text(first.corpus)}.</b> '
        f"{text(told(first))}{waiting}</p></div>"
    )


def bar(progress: IngestProgress) -> str:
    """Return the share that is done; where it is not known, a bar that says only that much."""
    share = progress.fraction
    known = share is not None
    now = f' aria-valuenow="{share * 100:.0f}"' if known else ""
    width = f' style="width:{share * 100:.1f}%"' if known else ""
    return (
        f'<div class="progress{"" if known else " open"}" role="progressbar" aria-valuemin="0" '
        f'aria-valuemax="100"{now} aria-label="Indexing"><span{width}></span></div>'
    )


def told(progress: IngestProgress) -> str:
    """Return what is being done, how far it is and how long it takes, as far as that is known."""
    waiting = "Waiting for other work to end" if progress.state == "queued" else "Working"
    parts = [sentence(progress.said or waiting)]
    if progress.fraction is not None:
        parts.append(f"{progress.fraction * 100:.0f}{THIN}% done.")
    if progress.seconds_left is not None:
        parts.append(f"About {rough(progress.seconds_left)} left.")
    return " ".join(parts)


def rough(value: float) -> str:
    """Return a duration as exactly as an estimate deserves."""
    if value < 60:
        return seconds(max(5, 5 * round(value / 5)))
    return seconds(60 * round(value / 60))
