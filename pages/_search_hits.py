"""What a search found as HTML: one card per passage, with its place in every stage.

It knows hits, ranks and rows of code. It finds nothing, and every word of a corpus or a visitor
passes `text` or `core.present.code` on its way to the page.
"""

import textwrap
from collections.abc import Mapping, Sequence

from core.documents import Chunk, signature
from core.present import code
from core.present.numbers import DASH, count, digits
from core.retrieval.found import Hit, Place
from pages._html import text, tool

# What each stage's number means; a stage that is not named here is shown under its own name.
STAGES = {
    "lexical": "Shared words, rare ones weighing more (BM25).",
    "dense": "Nearness in meaning (cosine; 1 is the same direction).",
    "fused": "Both lists joined by rank, then raised for names and paths that fit.",
    "reranked": "How well the passage, read again with the query, seems to answer it.",
}
ORDER = {stage: n for n, stage in enumerate(STAGES)}
SHOWN_ROWS = 9
SHOWN_BESIDE = 8
SHOWN_OF_MISSES = 4
PROSE = frozenset({"markdown", "text", "rst", ""})


def misses(hits: Sequence[Hit]) -> str:
    """Return passages that are not relevant enough, each marked as a miss and cut short."""
    mark = _move("miss", "miss", "Below the floor of what counts as relevant")
    listed = cards(hits, SHOWN_OF_MISSES, {hit.chunk.id: mark for hit in hits})
    return listed.replace('class="hits"', 'class="hits misses"', 1)


def cards(
    hits: Sequence[Hit], budget: int = SHOWN_ROWS, moved: Mapping[str, str] | None = None
) -> str:
    """Return the cards in order; `moved` holds for a chunk's id how it moved."""
    stages, told = stages_of(hits), moved or {}
    items = "".join(
        card(hit, n, stages, budget, told.get(hit.chunk.id, "")) for n, hit in enumerate(hits, 1)
    )
    return f'<ol class="hits">{items}</ol>'


def stages_of(hits: Sequence[Hit]) -> tuple[str, ...]:
    """Return every stage that ranked any of the hits, in the order they run."""
    ran = dict.fromkeys(place.stage for hit in hits for place in hit.places)
    return tuple(sorted(ran, key=lambda stage: ORDER.get(stage, len(ORDER))))


def card(hit: Hit, n: int, stages: Sequence[str], budget: int, move: str = "") -> str:
    """Return one passage: where it stands, what it is, its code, and how it got here."""
    chunk = hit.chunk
    return (
        f'<li class="hit" data-id="{text(chunk.id)}"><header><span class="n">{n}</span>'
        f'<div class="what">{where(chunk)}{_symbol(chunk)}</div>{move}'
        f"{tool('copy', f'Copy the code of result {n}', 'copy-hit')}</header>"
        f"{_rows(hit, n, budget)}{ranks(hit.places, stages)}</li>"
    )


def where(chunk: Chunk) -> str:
    """Return path and lines, the file's own name standing out."""
    folder, slash, name = chunk.path.rpartition("/")
    lines = f"{chunk.start}–{chunk.end}" if chunk.end != chunk.start else f"{chunk.start}"
    return (
        f'<h3 class="place"><span class="dir">{text(folder)}{slash}</span>'
        f"<wbr>{text(name)}<wbr><span>:{lines}</span></h3>"
    )


def ranks(places: Sequence[Place], stages: Sequence[str]) -> str:
    """Return the rank in each stage in a line, and behind it every score with its meaning."""
    if not stages:
        return ""
    by_stage = {place.stage: place for place in places}
    steps = [_step(stage, by_stage.get(stage), stage == stages[-1]) for stage in stages]
    body = "".join(_score(stage, by_stage.get(stage)) for stage in stages)
    arrow = '<span class="arrow" aria-hidden="true"> → </span>'
    return (
        f'<details class="ranks"><summary>{arrow.join(steps)}</summary>'
        '<div class="table" tabindex="0" role="group" aria-label="Scores">'
        '<table><thead><tr><th scope="col">Stage</th><th scope="col" class="number">Rank</th>'
        '<th scope="col" class="number">Score</th><th scope="col">What the score is</th></tr>'
        f"</thead><tbody>{body}</tbody></table></div></details>"
    )


def moves(left: Sequence[Hit], right: Sequence[Hit]) -> dict[str, str]:
    """Return for each chunk on the right how it stands against the left."""
    before = {hit.chunk.id: n for n, hit in enumerate(left, 1)}
    told: dict[str, str] = {}
    for n, hit in enumerate(right, 1):
        was = before.get(hit.chunk.id)
        if was is None:
            told[hit.chunk.id] = _move("new", "only here", "Not among the results beside it")
        elif was == n:
            told[hit.chunk.id] = _move("same", "same place", f"Place {n} on both sides")
        else:
            kind, sign = ("up", "↑") if was > n else ("down", "↓")
            how = f"Place {was} on the left, {n} here"
            told[hit.chunk.id] = _move(kind, f"{sign}{abs(was - n)}", how)
    return told


def only(left: Sequence[Hit], right: Sequence[Hit]) -> dict[str, str]:
    """Return for each chunk on the left whether the right has it too."""
    there = {hit.chunk.id for hit in right}
    return {
        hit.chunk.id: _move("new", "only here", "Not among the results beside it")
        for hit in left
        if hit.chunk.id not in there
    }


def _move(kind: str, sign: str, how: str) -> str:
    return f'<span class="move {kind}" title="{text(how)}">{sign}</span>'


def _symbol(chunk: Chunk) -> str:
    named = signature(chunk)
    if not named and chunk.kind in ("text", ""):
        return ""
    shown = f' <span class="name">{text(named)}</span>' if named else ""
    return f'<p class="symbol"><span class="kind">{text(chunk.kind)}</span>{shown}</p>'


def _rows(hit: Hit, n: int, budget: int) -> str:
    """Return the code with line numbers; what is far from a match is folded behind a button."""
    chunk = hit.chunk
    # Blank lines that end a chunk belong to it, so that nothing of a file is lost; not to a reader.
    source = textwrap.dedent(chunk.text).rstrip() or chunk.text
    rows = code.rows(source, chunk.language, hit.terms)
    shown = code.excerpt(len(rows), code.lit(source, hit.terms), budget)
    parts, at = [], 0
    for first, last in [*shown, (len(rows), len(rows))]:
        if first > at:
            parts.append(_folded(rows[at:first], chunk.start + at))
        parts += [_row(row, chunk.start + i) for i, row in enumerate(rows[first:last], first)]
        at = last
    prose = " prose" if chunk.language in PROSE else ""
    width = len(str(chunk.start + len(rows) - 1))
    return (
        f'<pre class="rows{prose}" tabindex="0" role="group" aria-label="Text of result {n}" '
        f'style="--digits:{width}"><code>{"".join(parts)}</code></pre>'
    )


def _folded(rows: Sequence[str], first: int) -> str:
    label = f"{count(len(rows), 'more line')}"
    inner = "".join(_row(row, first + i) for i, row in enumerate(rows))
    return (
        f'<button type="button" class="gap" data-act="unfold">⋯ {label}</button>'
        f'<span class="folded" hidden>{inner}</span>'
    )


def _row(row: str, number: int) -> str:
    return f'<span class="row" data-n="{number}">{row}\n</span>'


def _step(stage: str, place: Place | None, last: bool) -> str:
    rank = DASH if place is None else f"{place.rank:,}"
    score = "not ranked by it" if place is None else f"score {digits(place.score)}"
    shown = f"{text(stage)}&nbsp;<b>{rank}</b>"
    mark = " last" if last else ""
    return f'<span class="step{mark}" title="{text(stage)}: {score}">{shown}</span>'


def _score(stage: str, place: Place | None) -> str:
    rank = DASH if place is None else f"{place.rank:,}"
    score = digits(place.score) if place else DASH
    return (
        f'<tr><th scope="row">{text(stage)}</th><td class="number">{rank}</td>'
        f'<td class="number">{score}</td><td>{STAGES.get(stage, "")}</td></tr>'
    )
