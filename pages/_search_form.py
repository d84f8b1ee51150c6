"""The form of Search as HTML: the sentence, the query, how it is searched, and in what.

It knows fields and what can be chosen in them. What was typed is read by `_search_asked`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.present.numbers import count
from core.records import Corpus
from core.retrieval.found import MAX_K, MAX_QUERY, MODES
from pages._html import icon, text
from pages._search_asked import Asked
from pages._search_results import MEANS
from pages._search_results import MODES as NAMES

MOST_CHIPS = 12


def about(asked: Asked, corpora: Sequence[Corpus]) -> str:
    """Return the first words of the page."""
    return f"<h1>{text(sentence(asked, corpora))}</h1>"


def form(asked: Asked) -> str:
    """Return the query and how it is searched, holding what was asked."""
    return (
        '<form id="query" class="query" role="search" data-submit="search" novalidate>'
        f'<div class="query-row">{_field(asked)}'
        '<button type="submit" class="button strong">Search</button></div>'
        f'<div class="query-options">{_modes(asked)}{_beside(asked)}{_results(asked)}</div>'
        f"{_means()}</form>"
    )


def narrow(asked: Asked, corpora: Sequence[Corpus]) -> str:
    """Return in what is searched: the corpora, and the filters with what this one holds."""
    below = (
        '<button type="button" class="button quiet to-corpus" data-act="to-corpus">'
        "About this corpus</button>"
    )
    if not corpora:
        return ""
    return f'<div class="which">{_corpora(asked, corpora)}{below}</div>{_filters(asked, corpora)}'


def sentence(asked: Asked, corpora: Sequence[Corpus]) -> str:
    """Return the first words of the page: what can be searched."""
    corpus = _chosen(asked, corpora)
    if corpus is None:
        return "Nothing can be searched yet. Index a package, a folder or a repository."
    title, report = corpus.title or corpus.name, corpus.report
    if not corpus.generation:
        state = "could not be read" if corpus.state == "failed" else "is being read"
        return f"{title} {state}; it cannot be searched yet."
    if not report.get("chunks"):
        return f"Search {title}."
    files = (report.get("files") or {}).get("indexed")
    size = f"{count(report['chunks'], 'chunk')} from {count(files, 'file')}"
    return f"Search {title}: {size}."


def wrong(faults: Mapping[str, str]) -> str:
    """Return what is wrong with the fields, or nothing."""
    items = "".join(f"<p>✕ {text(said)}</p>" for said in faults.values())
    return f'<div class="wrong faults" role="alert">{items}</div>' if items else ""


def _field(asked: Asked) -> str:
    return (
        f'<input id="q" name="q" type="search" value="{text(asked.text)}" '
        f'aria-label="What are you looking for?" data-longest="{MAX_QUERY}" '
        'placeholder="A question, a name, or a piece of code" '
        'autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="search">'
    )


def _modes(asked: Asked) -> str:
    chips = "".join(
        f'<label class="chip" title="{text(NAMES[mode])}: {text(MEANS[mode])}">'
        f'<input type="radio" name="mode" value="{mode}"{_on(mode == asked.mode, "checked")}>'
        f"<span>{NAMES[mode]}</span></label>"
        for mode in MODES
    )
    return f'<fieldset class="chips"><legend class="offscreen">Mode</legend>{chips}</fieldset>'


def _means() -> str:
    """Return what each mode does; the one that is chosen shows its own."""
    told = "".join(
        f'<span data-mode="{mode}">{NAMES[mode]}: {text(MEANS[mode])}.</span>' for mode in MODES
    )
    return f'<p class="means">{told}</p>'


def _beside(asked: Asked) -> str:
    options = "".join(
        f'<option value="{mode}"{_on(mode == asked.versus, "selected")}>{NAMES[mode]}</option>'
        for mode in MODES
    )
    return (
        '<label class="pick">Compare with <select name="versus">'
        f'<option value="">nothing</option>{options}</select></label>'
    )


def _results(asked: Asked) -> str:
    return (
        '<label class="pick">Results <input name="k" type="number" inputmode="numeric" min="1" '
        f'max="{MAX_K}" step="1" value="{asked.top_k}"></label>'
    )


def _corpora(asked: Asked, corpora: Sequence[Corpus]) -> str:
    titles = Counter(corpus.title for corpus in corpora)
    options = "".join(
        f'<option value="{text(corpus.name)}"{_on(corpus.name == asked.corpus, "selected")}>'
        f"{text(_unlike(corpus, titles))}</option>"
        for corpus in corpora
    )
    return (
        '<label class="pick grow">Corpus <select name="corpus" form="query" '
        f'data-chosen="{text(asked.corpus)}">{options}</select></label>'
    )


def _unlike(corpus: Corpus, titles: Mapping[str, int]) -> str:
    """Return what a corpus is called, with its name where another is called the same."""
    if not corpus.title or corpus.title == corpus.name:
        return corpus.name
    return f"{corpus.title} ({corpus.name})" if titles[corpus.title] > 1 else corpus.title


def _filters(asked: Asked, corpora: Sequence[Corpus]) -> str:
    filters, corpus = asked.filters, _chosen(asked, corpora)
    report: Mapping[str, Any] = corpus.report if corpus else {}
    chips = _chips("language", "Language", report.get("languages") or {}, filters.languages)
    chips += _chips("kind", "Kind", report.get("kinds") or {}, filters.kinds)
    opened = _on(asked.narrowed, "open")
    return (
        f'<details class="filters"{opened}><summary>{icon("tune")}Filters</summary>'
        '<div class="filter"><label for="path">Path</label><input id="path" name="path" '
        f'form="query" type="text" value="{text(" ".join(filters.paths))}" '
        'placeholder="src/** *.md" '
        'autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="path-help">'
        '<p id="path-help" class="quiet">Globs, separated by spaces; * also reaches into '
        f"subfolders.</p></div>{chips}</details>"
    )


def _chips(name: str, label: str, counted: Mapping[str, int], chosen: Sequence[str]) -> str:
    """Return what can be chosen, the most frequent first, and what is chosen though it is rare."""
    shown = sorted(counted, key=lambda value: -counted[value])[:MOST_CHIPS]
    shown += [value for value in chosen if value not in shown]
    if not shown:
        return ""
    chips = "".join(
        f'<label class="chip"><input type="checkbox" name="{name}" form="query" '
        f'value="{text(value)}"'
        f"{_on(value in chosen, 'checked')}><span>{text(value)} "
        f'<small class="num">{count(counted.get(value, 0))}</small></span></label>'
        for value in shown
    )
    return f'<fieldset class="filter chips"><legend>{label}</legend><div>{chips}</div></fieldset>'


def _chosen(asked: Asked, corpora: Sequence[Corpus]) -> Corpus | None:
    return next((corpus for corpus in corpora if corpus.name == asked.corpus), None)


def _on(yes: bool, attribute: str) -> str:
    return f" {attribute}" if yes else ""
