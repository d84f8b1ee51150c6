"""Every sample of a run as a cell: right or not, told by a sign and a word, one click away.

It knows outcomes by their place. A run with very many samples is shown in parts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.present.numbers import count
from core.records import Outcome
from pages._evals_asked import Asked, link
from pages._evals_words import OUTCOMES
from pages._html import text

SHOWN = 1_000
KEYS = "Arrow keys move from cell to cell, Enter opens one."
Cell = tuple[int, int, Outcome]


def grid(
    asked: Asked, cells: Sequence[Cell], tallies: Mapping[str, int], many: bool = False
) -> str:
    """Return the cells of one part; `tallies` count every outcome, `many` says there are epochs."""
    total = sum(tallies.values())
    at = first(asked, total)
    made = "".join(_cell(asked, cell, many, n == 0) for n, cell in enumerate(cells))
    part = (
        f" Samples {at + 1:,} to {at + len(cells):,} of {total:,} are drawn; the list below "
        "reaches all of them."
        if len(cells) < total
        else ""
    )
    return (
        f'<section><h2>Every sample</h2><p class="quiet">{KEYS}{part}</p>'
        f'<div class="grid" role="group" aria-label="{count(len(cells), "sample")}">{made}</div>'
        f"{_legend(tallies)}</section>"
    )


def first(asked: Asked, total: int) -> int:
    """Return where the part begins that holds what the list below shows."""
    if total <= SHOWN:
        return 0
    at = (asked.page - 1) * 50
    return min(at // SHOWN * SHOWN, (total - 1) // SHOWN * SHOWN)


def _cell(asked: Asked, cell: Cell, many: bool, first: bool) -> str:
    position, epoch, outcome = cell
    shown = OUTCOMES[outcome]
    of = f"{position}.{epoch}" if epoch else str(position)
    name = f"Sample {position}" + (f", time {epoch + 1}" if many else "")
    to = text(link(replace(asked, sample=of, page=1)))
    return (
        f'<a href="?tab=evals&amp;{to}" data-act="evals" data-to="{to}" class="cell {outcome}" '
        f'tabindex="{0 if first else -1}" aria-label="{name}: {shown.word}" '
        f'title="{name}: {shown.word}">{shown.sign}</a>'
    )


def _legend(tallies: Mapping[str, int]) -> str:
    items = "".join(
        f'<li title="{text(shown.means)}"><span class="cell {outcome}" '
        f'aria-hidden="true">{shown.sign}</span> {shown.word} '
        f'<span class="num quiet">{tallies[outcome]:,}</span></li>'
        for outcome, shown in OUTCOMES.items()
        if tallies.get(outcome)
    )
    return f'<ul class="grid-legend">{items}</ul>'
