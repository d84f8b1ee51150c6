"""The samples of a run in lists: what went wrong and how often, page by page, slowest, fastest.

It knows outcomes, pages of samples and the five at each end. It draws no sample whole.
"""

from dataclasses import replace
from typing import Any

from core.present.numbers import DASH, count
from core.present.times import seconds
from core.records import Answered, Page
from pages import _evals_words as words
from pages._evals_asked import Asked, go, pages
from pages._evals_desk import Desk
from pages._html import text

SIZE = 50
SHORT = 120


def taxonomy(asked: Asked, told: words.Told) -> str:
    """Return what became of the samples, each outcome with its share and its samples."""
    outcomes: dict[str, int] = told.get("outcomes") or {}
    total = sum(outcomes.values())
    errors: dict[str, int] = told.get("errors") or {}
    if not total:
        return ""
    rows = [
        f'<tr><th scope="row">{go(replace(asked, outcome=name, page=1), words.sign(name))}</th>'
        f"<td>{words.OUTCOMES[name].means}{_kinds_of(errors) if name == 'error' else ''}</td>"
        f'<td class="number">{count(many)}</td>'
        f'<td class="number">{words.percent(many / total)}</td></tr>'
        for name, many in sorted(outcomes.items(), key=lambda each: -each[1])
    ]
    return (
        "<section><h2>What became of them</h2>"
        f"{words.table(('Outcome', 'What it means', '#Samples', '#Share'), rows)}</section>"
    )


def samples(desk: Desk, asked: Asked) -> str:
    """Return a page of samples, those that fit what is asked for."""
    found: Page[Answered] = desk.evals.samples(
        asked.run,
        desk.owner,
        asked.page,
        SIZE,
        outcome=asked.outcome,
        kind=asked.kind,
        text=asked.q,
        sort=asked.sort.lstrip("-") or "position",
        descending=asked.sort.startswith("-"),
    )
    rows = [_row(asked, each) for each in found.rows]
    columns = ("#Sample", "Question", "Answer", "Outcome", "#Took")
    listed = (
        words.table(columns, rows)
        if rows
        else f'<p class="none">No sample fits. {go(_plain(asked), "Show all samples")}</p>'
    )
    return (
        f'<section id="samples"><h2>Samples</h2>{_filters(asked)}{listed}'
        f"{pages(asked, found.total, SIZE)}</section>"
    )


def extremes(asked: Asked, told: words.Told) -> str:
    """Return the five slowest and the five fastest samples."""
    lists = [
        ("The slowest", told.get("slowest") or []),
        ("The fastest", told.get("fastest") or []),
    ]
    if not any(rows for _, rows in lists):
        return ""
    parts = "".join(
        f"<div><h3>{title}</h3><ol>{''.join(_timed(asked, row) for row in rows)}</ol></div>"
        for title, rows in lists
    )
    return f'<section class="extremes"><h2>Slowest and fastest</h2><div>{parts}</div></section>'


def place(position: int, epoch: int) -> str:
    """Return a sample's place as an address has it."""
    return f"{position}.{epoch}" if epoch else str(position)


def short(words_of: str, most: int = SHORT) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(words_of.split())
    return line if len(line) <= most else f"{line[:most]}…"


def _timed(asked: Asked, row: dict[str, Any]) -> str:
    of = place(row["position"], row["epoch"])
    return (
        f'<li><span class="num">{seconds(row["seconds"])}</span> '
        f"{go(replace(asked, sample=of), f'Sample {of}')} {words.sign(row['outcome'])}</li>"
    )


def _row(asked: Asked, each: Answered) -> str:
    sample = each.sample
    of = place(sample.position, sample.epoch)
    answer = sample.error_text or sample.error if sample.error else sample.answer
    mark = ' <span class="quiet">· labelled</span>' if _labelled(each) else ""
    return (
        f'<tr><th scope="row" class="number">{go(replace(asked, sample=of), of)}</th>'
        f"<td>{text(short(each.item.question))}</td>"
        f"<td>{text(short(answer)) or DASH}</td>"
        f"<td>{words.sign(each.outcome)}{mark}</td>"
        f'<td class="number">{seconds(sample.seconds)}</td></tr>'
    )


def _labelled(each: Answered) -> bool:
    return any(label.undone is None for label in each.labels)


def _kinds_of(errors: dict[str, int]) -> str:
    listed = ", ".join(f"{text(name)} {many}" for name, many in errors.items())
    return f' <span class="quiet">{listed}</span>' if listed else ""


def _plain(asked: Asked) -> Asked:
    return replace(asked, outcome="", kind="", q="", page=1)


def _filters(asked: Asked) -> str:
    options = "".join(
        f'<option value="{name}"{" selected" if name == asked.outcome else ""}>'
        f"{shown.sign} {shown.word}</option>"
        for name, shown in words.OUTCOMES.items()
    )
    kind = (
        f'<input type="hidden" name="kind" value="{text(asked.kind)}"><span class="chip-state">'
        f"{text(asked.kind)} {go(replace(asked, kind='', page=1), 'all kinds')}</span>"
        if asked.kind
        else ""
    )
    sorts = (("", "in order"), ("-seconds", "slowest first"), ("seconds", "fastest first"))
    order = "".join(
        f'<option value="{name}"{" selected" if name == asked.sort else ""}>{said}</option>'
        for name, said in sorts
    )
    return (
        f'<form class="filter-bar" data-evals="filter" data-keep="run={text(asked.run)}" '
        f'role="search"><label class="pick grow"><span class="offscreen">Words</span>'
        f'<input type="search" name="q" value="{text(asked.q)}" placeholder="Words of a question '
        'or an answer" autocomplete="off"></label><label class="pick">Outcome '
        f'<select name="outcome"><option value="">any</option>{options}</select></label>'
        f'<label class="pick">Listed <select name="sort">{order}</select></label>{kind}</form>'
    )
