"""The frame around every tab: wordmark, what answers now, the buttons on the right, the banner.

It knows what is said on top of each page. It does not know the pages.
"""

from functools import lru_cache

from core.errors import PlumblineError
from core.present.numbers import THIN, count
from core.records import Corpus, IngestProgress
from core.services import Services
from core.telemetry.health import Report, troubled
from pages._html import banner, sentence, text, tip, tool
from pages._theme import ROOT

QUOTES = "quotes only"
OPEN = "This server is open."
OPEN_HINT = "Everybody who can reach its address may use it; keep secrets out of your questions."


@lru_cache(maxsize=1)
def wordmark() -> str:
    """Return the drawn plumb line, ready to stand beside the name."""
    return (ROOT / "assets/svg/wordmark.svg").read_text(encoding="utf-8")


def header(services: Services) -> str:
    """Return the header: the name, the model that answers and why, the page's own buttons."""
    return (
        f'<div class="frame"><a class="wordmark" href="?tab=chat">{wordmark()}'
        "<span>Plumbline</span></a>"
        f'<div class="right">{_corpus(services)}{_model(services)}'
        f"{tool('link', 'Copy a link to this page', 'copy-link')}"
        f'<button type="button" class="tool scheme" data-act="scheme" title="Light or dark" '
        f'aria-label="Switch between light and dark">{_schemes()}</button></div></div>'
    )


def notice(report: Report, is_open: bool) -> str:
    """Return the banner: nothing while all is well, else what does not work and what to do."""
    hints = " ".join(part.hint for part in troubled(report.parts) if part.hint)
    limited = banner(report.sentence, hints) if report.status != "ok" else ""
    return limited + (banner(OPEN, OPEN_HINT) if is_open else "")


def _corpus(services: Services) -> str:
    """Return which corpus is searched where none is chosen, and how; nothing where none is."""
    try:
        corpora = {corpus.name: corpus for corpus in services.library.list()}
        running = {one.corpus: one for one in services.ingests.running()}
        name = services.library.default or next(iter(running), "")
    except PlumblineError:
        # The banner says it already: what cannot tell its corpora cannot keep its records.
        return ""
    corpus = corpora.get(name)
    if corpus is None:
        return ""
    return corpus_line(corpus, running.get(name), services.library.known(name))


def corpus_line(corpus: Corpus, progress: IngestProgress | None, lacking: str = "") -> str:
    """Return one corpus in the header: its name, whether it is behind its source, how far it is."""
    title = corpus.title or corpus.name
    stale = bool((corpus.report.get("freshness") or {}).get("stale"))
    size = count(corpus.report.get("chunks"), "chunk")
    if not corpus.generation:
        mark, told = "warming", "being read"
        why = f"{title} is being read and cannot be searched yet."
    elif corpus.state == "ready" and lacking:
        mark, told = "limited", "lexical"
        why = f"{size}. {lacking}"
    elif corpus.state == "ready":
        mark, told = ("limited", "behind its source") if stale else ("ok", "hybrid")
        why = f"{size}, searched by words and by meaning."
    else:
        mark, told = "limited", "lexical"
        made = "while its vectors are made." if progress else "as long as it has no vectors."
        why = f"{size}, searched by words alone {made}"
    if progress is not None:
        share = progress.fraction
        told += "" if share is None else f", {share * 100:.0f}{THIN}%"
        why = f"{why} {progress.said}"
    return (
        f'<p class="model corpus-line"><span class="dot {mark}" aria-hidden="true"></span>'
        '<span class="label">corpus:</span> '
        f'<a class="name" href="?tab=search" data-act="tab" data-tab="search">{text(title)}</a> '
        f'<span class="label num">· {told}</span>{tip("What is searched", sentence(why))}</p>'
    )


def _model(services: Services) -> str:
    state = services.catalog.state
    more = ""
    if state.phase == "ready" and state.card:
        name, _, more = state.card.label.partition(", ")
        name = QUOTES if state.card.kind == "quote" else name
    elif state.phase == "failed":
        name = "none works"
    else:
        name = "loading"
    mark = {"ready": "ok", "failed": "down"}.get(state.phase, "warming")
    if name == QUOTES:
        mark = "limited"
    why = state.why or "Being chosen"
    why = f"{sentence(more)} {why}" if more else why
    if state.trouble is not None:
        mark = "down" if state.trouble.is_down else "limited"
        why = f"{state.trouble.reason} {state.trouble.hint}"
    return (
        f'<p class="model"><span class="dot {mark}" aria-hidden="true"></span>'
        f'<span class="label">model:</span> <span class="name">{text(name)}</span>'
        f"{tip('Why this model', sentence(why))}</p>"
    )


def _schemes() -> str:
    return (
        '<svg class="icon sun" aria-hidden="true"><use href="assets/svg/icons.svg#sun"></use></svg>'
        '<svg class="icon moon" aria-hidden="true">'
        '<use href="assets/svg/icons.svg#moon"></use></svg>'
    )
