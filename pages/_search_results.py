"""The answer to a search as HTML: how many, how fast, the cards; nothing found; two modes.

It knows results and their times. It does not run a search and knows no form.
"""

from collections.abc import Mapping, Sequence

from core.errors import PlumblineError
from core.present.numbers import count, with_unit
from core.present.times import seconds
from core.retrieval.found import Mode, Results
from pages import _search_hits as hits
from pages._html import badge, empty, failure, icon, loading, text
from pages._search_asked import Asked, link

MODES: dict[Mode, str] = {
    "lexical": "Lexical",
    "dense": "Dense",
    "hybrid": "Hybrid",
    "reranked": "Reranked",
}
MEANS: dict[Mode, str] = {
    "lexical": "by shared words",
    "dense": "by nearness in meaning",
    "hybrid": "by words and meaning together",
    "reranked": "by words and meaning, the best read again with the query",
}
# What passes the time of a search, in the order it passes.
TIMED = {
    "lexical": "lexical",
    "embed": "query to vector",
    "dense": "dense",
    "fuse": "fusing",
    "rerank": "reranking",
    "floor": "relevance",
}
COPY = (
    '<button type="button" class="button quiet" data-act="copy-link">'
    f"{icon('link')}Copy link</button>"
)
CLEAR = (
    '<button type="button" class="button" data-act="clear-filters">Search without filters</button>'
)

NO_CORPUS = "What you search is indexed first: a package takes from seconds to minutes."

__all__ = [
    "MEANS",
    "MODES",
    "beside",
    "failed",
    "found",
    "nothing_to_search",
    "nothing_yet",
    "searching",
]


def nothing_yet(asked: Asked, examples: Sequence[str], why: str) -> str:
    """Return what stands where results will be: queries to start from, where some are known."""
    if not examples:
        return _framed(f'<p class="none">{text(why)}</p>', asked)
    items = "".join(f"<li>{_example(query)}</li>" for query in examples)
    return _framed(
        f'<section class="tries"><h2 class="offscreen">Examples</h2>'
        f'<p class="quiet">{text(why)}</p><ul class="starters" aria-label="Queries to start from">'
        f"{items}</ul></section>",
        asked,
    )


def strip(examples: Sequence[str]) -> str:
    """Return the queries in one row, for a booth where nothing is typed."""
    buttons = "".join(map(_example, examples))
    return f'<div class="strip" role="group" aria-label="Queries">{buttons}</div>'


def nothing_to_search() -> str:
    """Return what stands where results will be while no corpus is there at all."""
    button = '<button type="button" class="button strong" data-act="add">Index a source</button>'
    return _framed(empty(NO_CORPUS, button))


def searching(asked: Asked, doing: str) -> str:
    """Return what is shown while the results are on their way."""
    return _framed(loading(doing), asked)


def failed(error: PlumblineError, asked: Asked) -> str:
    """Return the panel of a search that could not be done."""
    again = '<button type="button" class="button" data-act="search-again">Search again</button>'
    return _framed(failure(error, again), asked)


def found(asked: Asked, results: Results) -> str:
    """Return the results of one search."""
    if not results.hits:
        return _framed(_head(results) + _nothing(asked, results), asked)
    return _framed(_head(results) + hits.cards(results.hits), asked)


def beside(asked: Asked, left: Results, right: Results) -> str:
    """Return two modes side by side, with what moved between them."""
    shared = {hit.chunk.id for hit in left.hits} & {hit.chunk.id for hit in right.hits}
    told = _moved_told(len(shared), left, right)
    columns = "".join(
        f'<section class="side"><h3 class="mode">{_used(results)}</h3>{_times(results)}'
        f"{_notice(results)}{_listed(asked, results, moved)}</section>"
        for results, moved in (
            (left, hits.only(left.hits, right.hits)),
            (right, hits.moves(left.hits, right.hits)),
        )
    )
    head = f'<div class="found-head"><h2 role="status">{told}</h2>{COPY}</div>'
    return _framed(f'{head}<div class="versus">{columns}</div>', asked)


def _example(query: str) -> str:
    return (
        '<button type="button" class="starter" data-act="example" '
        f'data-text="{text(query)}">{text(query)}</button>'
    )


def _framed(inner: str, asked: Asked | None = None) -> str:
    """Return the results with the address that reopens them."""
    address = f' data-link="{text(link(asked))}"' if asked else ""
    return f'<div class="found"{address}>{inner}</div>'


def _head(results: Results) -> str:
    if results.hits:
        told = f"{count(len(results.hits), 'result')}, found {MEANS[results.used]}"
    else:
        told = "No relevant context found" if results.misses else "Nothing found"
    return (
        f'<div class="found-head"><h2 role="status">{told}</h2>{COPY}</div>'
        f"{_times(results)}{_notice(results)}"
    )


def _nothing(asked: Asked, results: Results) -> str:
    if results.misses:
        return f"{_missed(asked)}{hits.misses(results.misses)}"
    if asked.narrowed:
        return (
            '<div class="state empty"><p>Nothing that passes the filters shares anything with '
            f"this query. The filters are: {text(_filters(asked))}.</p>{CLEAR}</div>"
        )
    hint = "Try other words, or a mode that goes by meaning."
    return (
        '<div class="state empty"><p>No passage shares a word with this query. '
        f"{hint if results.used == 'lexical' else 'Try other words.'}</p></div>"
    )


def _missed(asked: Asked) -> str:
    """Return what stands above the nearest misses."""
    narrowed = (
        f'<p class="none">Only what passes the filters was searched: {text(_filters(asked))}.</p>'
        f"{CLEAR}"
        if asked.narrowed
        else ""
    )
    return (
        '<p class="none">No passage is close enough to the query to be relied on. The nearest '
        "misses are listed below; they are probably about something else.</p>"
        f'{narrowed}<h3 class="also">Nearest misses</h3>'
    )


def _listed(asked: Asked, results: Results, moved: Mapping[str, str]) -> str:
    if not results.hits:
        return _nothing(asked, results)
    return hits.cards(results.hits, hits.SHOWN_BESIDE, moved)


def _used(results: Results) -> str:
    told = MODES[results.used]
    asked = results.query.mode
    return told if results.used == asked else f"{told}, instead of {MODES[asked].lower()}"


def _moved_told(shared: int, left: Results, right: Results) -> str:
    names = f"{MODES[left.used].lower()} and {MODES[right.used].lower()}"
    most = max(len(left.hits), len(right.hits))
    if left.used == right.used:
        return f"Both sides are {MODES[left.used].lower()}"
    if not most:
        what = "No relevant context" if left.misses or right.misses else "Nothing"
        return f"{what} found by {names}"
    if not left.hits or not right.hits:
        one, other = (left, right) if left.hits else (right, left)
        found = count(len(one.hits), "result")
        return f"{found} found by {MODES[one.used].lower()}, none by {MODES[other.used].lower()}"
    return f"{shared} of {count(most, 'result')} are found by both {names}"


def _notice(results: Results) -> str:
    """Return why the mode that ran is not the one that was asked for."""
    if not results.notice:
        return ""
    return f'<p class="notice">◐ {text(results.notice)}</p>'


def _times(results: Results) -> str:
    """Return the time of every stage: as shares of a bar, then in figures."""
    total = results.seconds.get("total")
    stages = {name: value for name, value in results.seconds.items() if name != "total"}
    if total is None and not stages:
        return ""
    whole = total if total is not None else sum(stages.values())
    order = [name for name in TIMED if name in stages]
    order += [name for name in stages if name not in TIMED]
    bars = "".join(
        f'<i class="t-{text(name)}" style="width:{100 * stages[name] / (whole or 1):.2f}%"></i>'
        for name in order
    )
    told = "".join(
        f'<li><i class="t-{text(name)}" aria-hidden="true"></i>{text(TIMED.get(name, name))} '
        f'<span class="num">{_short(stages[name])}</span></li>'
        for name in order
    )
    mark = badge("measured", "Timed on this machine, for this search")
    return (
        f'<div class="times"><div class="bar-of-times" aria-hidden="true">{bars}</div>'
        f'<ul><li class="whole"><b class="num">{_short(whole)}</b> in all</li>{told}'
        f"<li>{mark}</li></ul></div>"
    )


def _short(value: float) -> str:
    """Return a time in milliseconds up to a second, so that stages can be compared at a glance."""
    return with_unit(value * 1000, "ms") if value < 1 else seconds(value)


def _filters(asked: Asked) -> str:
    filters = asked.filters
    parts = [
        f"path {' or '.join(filters.paths)}" if filters.paths else "",
        f"language {' or '.join(filters.languages)}" if filters.languages else "",
        f"kind {' or '.join(filters.kinds)}" if filters.kinds else "",
    ]
    return "; ".join(part for part in parts if part)
