"""Every sample of a run as a cell: right or not, told by a sign and a word, one click away.

It knows outcomes by their place. A run with very many samples is shown in parts.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from core.present.numbers import count
from core.records import Outcome
from pages._evals_asked import Asked, link
from pages._evals_words import OUTCOMES
from pages._html import text

SHOWN = 1_000
KEYS = "Arrow keys move from cell to cell, Enter opens one."
Cell = tuple[int, int, Outcome]


def grid(asked: Asked, cells: Sequence[Cell]) -> str:
    """Return the cells, as many as are shown at once, around the page that is open."""
    first = _first(asked, cells)
    shown = cells[first : first + SHOWN]
    many = len({epoch for _, epoch, _ in cells}) > 1
    made = "".join(_cell(asked, cell, many, n == 0) for n, cell in enumerate(shown))
    part = (
        f" Samples {first + 1:,} to {first + len(shown):,} of {len(cells):,} are drawn; the list "
        "below reaches all of them."
        if len(shown) < len(cells)
        else ""
    )
    return (
        f'<section><h2>Every sample</h2><p class="quiet">{KEYS}{part}</p>'
        f'<div class="grid" role="group" aria-label="{count(len(shown), "sample")}">{made}</div>'
        f"{_legend(cells)}</section>"
    )


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


def _legend(cells: Sequence[Cell]) -> str:
    known = sorted((outcome for _, _, outcome in cells), key=list(OUTCOMES).index)
    items = "".join(
        f'<li title="{text(OUTCOMES[outcome].means)}"><span class="cell {outcome}" '
        f'aria-hidden="true">{OUTCOMES[outcome].sign}</span> {OUTCOMES[outcome].word} '
        f'<span class="num quiet">{sum(1 for _ in group):,}</span></li>'
        for outcome, group in groupby(known)
    )
    return f'<ul class="grid-legend">{items}</ul>'


def _first(asked: Asked, cells: Sequence[Cell]) -> int:
    """Return where the part begins that holds what the list below shows."""
    if len(cells) <= SHOWN:
        return 0
    at = (asked.page - 1) * 50
    return min(at // SHOWN * SHOWN, (len(cells) - 1) // SHOWN * SHOWN)
