"""A corpus as HTML: what can be searched in it now, how far its ingest is, what the report says.

It knows corpora, progress and reports. It starts nothing and reads no store.
"""

from core.records import Corpus, IngestProgress
from pages._html import sentence, text
from pages._progress import bar, told
from pages._search_report import facts, folds

NO_CORPUS = "No corpus yet. What you index is described here: its files, its chunks, its health."
AGAIN = "Index its source again to make them."


def standing(
    corpus: Corpus | None, progress: IngestProgress | None, mine: bool, lacking: str = ""
) -> str:
    """Return the line that says how the corpus can be searched now, and the ingest that runs.

    `lacking` says why a corpus that has vectors is searched by words alone all the same.
    """
    if corpus is None and progress is None:
        return ""
    told = _standing(corpus, progress, lacking) if corpus else ""
    return f'<div class="standing">{told}{_progress(progress, mine)}</div>'


def card(corpus: Corpus | None, shared: bool, deletable: bool) -> str:
    """Return what a corpus is made of, and what can be done with it."""
    if corpus is None:
        return f'<h2 class="side">Corpus</h2><p class="none">{NO_CORPUS}</p>'
    return (
        f'<section class="corpus" data-corpus="{text(corpus.name)}">'
        f'<h2 class="side">{text(corpus.title or corpus.name)}</h2>'
        f"{facts(corpus, shared)}{folds(corpus.report)}{_doing(corpus, deletable)}</section>"
    )


def _standing(corpus: Corpus, progress: IngestProgress | None, lacking: str) -> str:
    if corpus.state == "failed":
        why = sentence(corpus.error or "The reason was not recorded")
        served = " What was indexed before is still searched." if corpus.generation else ""
        return f'<p class="mark down">✕ The last ingest failed. {text(why)}{served}</p>'
    if not corpus.generation:
        # The sentence above it says so already; how far it is stands below.
        return ""
    if corpus.state == "ready" and lacking:
        return f'<p class="mark degraded">◐ Lexical. {text(sentence(lacking))}</p>'
    if corpus.state == "ready":
        return '<p class="mark ok">✓ Hybrid: searched by words and by meaning.</p>'
    made = "while its vectors are made." if progress else f"as long as it has no vectors. {AGAIN}"
    error = f" {text(sentence(corpus.error))}" if corpus.error else ""
    return f'<p class="mark degraded">◐ Lexical: searched by words alone {made}{error}</p>'


def _progress(progress: IngestProgress | None, mine: bool) -> str:
    """Return how far an ingest is, in a bar and in words."""
    if progress is None:
        return ""
    cancel = (
        '<button type="button" class="button" data-act="cancel-ingest" '
        f'data-id="{text(progress.job_id)}">Cancel</button>'
        if mine
        else ""
    )
    return (
        f'<div class="progress-block">{bar(progress)}'
        f'<p class="doing num">{text(told(progress))}</p>{cancel}</div>'
    )


def _doing(corpus: Corpus, deletable: bool) -> str:
    """Return what can be done with a corpus, and the way to another one."""
    buttons = []
    if corpus.generation:
        buttons.append('<button type="button" class="button" data-act="map">Show map</button>')
    buttons.append('<button type="button" class="button" data-act="add">Index a source</button>')
    if deletable:
        name, title = text(corpus.name), text(corpus.title or corpus.name)
        buttons.append(
            f'<button type="button" class="button" data-act="delete-corpus" data-name="{name}" '
            f'data-title="{title}">Delete</button>'
        )
    return f'<div class="doing-row">{"".join(buttons)}</div>'
