"""A corpus says how it can be searched now, how far its ingest is, and what its report holds."""

import pytest

from core.records import IngestProgress
from pages import _progress, _search_corpus, _search_form, _search_report
from pages._search_asked import Asked
from pages._search_corpus import card, standing
from pages._search_examples import WRITTEN, examples
from tests.pages.made import REPORT, corpus
from tests.pages.test_search_hits import words

RUNNING = IngestProgress("lib", "j1", "me", "running", "embedding", 0.42, 372.0, "Embedded <5>")


@pytest.mark.parametrize(
    ("state", "generation", "said"),
    [
        ("ready", 1, "✓ Hybrid"),
        ("lexical", 1, "◐ Lexical: searched by words alone as long as"),
        ("failed", 1, "✕ The last ingest failed. The reason was not recorded. What was indexed"),
        ("failed", 0, "✕ The last ingest failed."),
    ],
)
def test_how_a_corpus_is_searched_is_told_by_sign_and_word(state, generation, said):
    told = words(standing(corpus(state=state, generation=generation), None, False))
    assert told.startswith(said)
    assert ("still searched" in told) == (state == "failed" and generation == 1)


def test_a_corpus_whose_vectors_cannot_be_used_now_is_not_called_hybrid():
    told = words(standing(corpus(), None, False, "the embedder <x> is being loaded"))
    assert told == "◐ Lexical. The embedder &lt;x&gt; is being loaded."
    assert "Hybrid" not in told


def test_progress_says_what_how_far_and_how_long():
    html = standing(corpus(state="lexical"), RUNNING, mine=True)
    assert "Embedded &lt;5&gt;. 42\u2009% done. About 6\u2009min left." in html
    assert 'aria-valuenow="42"' in html
    assert "width:42.0%" in html
    assert "while its vectors are made" in html


def test_only_who_began_an_ingest_can_cancel_it():
    assert 'data-act="cancel-ingest" data-id="j1"' in standing(corpus(), RUNNING, mine=True)
    assert "cancel-ingest" not in standing(corpus(), RUNNING, mine=False)


def test_what_is_not_known_of_an_ingest_is_not_made_up():
    waiting = IngestProgress("lib", "j1", "me", "queued", "waiting")
    html = standing(corpus(generation=0, state="building"), waiting, mine=False)
    assert "Waiting for other work to end." in html
    assert "aria-valuenow" not in html
    assert "%" not in html
    assert "left" not in html


@pytest.mark.parametrize(
    ("left", "told"),
    [(3, "5\u2009s"), (47, "45\u2009s"), (100, "2\u2009min"), (4000, "1\u2009h 7\u2009min")],
)
def test_an_estimate_is_told_as_roughly_as_it_is(left, told):
    assert _progress.rough(left) == told


def test_the_report_is_whole_and_nothing_in_it_is_live():
    html = card(corpus(), False, True)
    told = words(html)
    for part in (
        "Source folder /home/me/lib",
        "Revision 0123456789ab",
        "◐ behind its source 2 files changed.",
        "Files 9 of 12, 1 failed",
        "Chunks 1,234, by symbol",
        "Text 250 kB, 56.8k tokens",
        "Skipped 2 files",
        "Time 1 min 2 s",
        "Checks 1 of 2 passed",
        "reading 0.5 s embedding 1 min 1 s",
        "✓ add hook ✕",
        "✕ &lt;lost&gt; It did not come.",
    ):
        assert part in told, part
    assert "lib/<wbr>&lt;odd&gt;.py" in html


def test_what_was_not_measured_is_a_dash_never_a_zero():
    html = _search_report.facts(corpus(report={"chunks": 5}), shared=False)
    assert "<dt>Text</dt><dd>—, —</dd>" in html
    assert "<dt>Files</dt><dd>— of —</dd>" in html
    assert "<dt>Indexed</dt><dd>—</dd>" in html


def test_a_corpus_that_is_still_read_has_no_report():
    html = card(corpus(generation=0, state="building"), False, True)
    assert "Files" not in html
    assert "Show map" not in html
    assert 'data-act="delete-corpus"' in html


def test_strangers_are_told_no_folder_and_delete_nothing():
    html = card(corpus(), True, False)
    assert "/home/me" not in html
    assert "delete-corpus" not in html
    package = card(corpus(source={"kind": "package", "place": "numpy"}), True, False)
    assert "installed package numpy" in package


def test_without_a_corpus_the_panel_says_what_will_be_there():
    assert _search_corpus.NO_CORPUS in card(None, False, False)
    assert standing(None, None, False) == ""


def test_the_first_sentence_says_what_can_be_searched():
    asked, both = Asked(corpus="lib"), [corpus(), corpus("new", "building", 0)]
    assert _search_form.sentence(asked, both) == (
        "Search Lib: 1,234\u00a0chunks from 9\u00a0files."
    )
    assert "is being read" in _search_form.sentence(Asked(corpus="new"), both)
    assert "could not be read" in _search_form.sentence(
        Asked(corpus="new"), [corpus("new", "failed", 0)]
    )
    assert "Nothing can be searched yet" in _search_form.sentence(Asked(), [])


def test_filters_offer_what_the_corpus_holds_the_most_frequent_first():
    html = _search_form.narrow(Asked(corpus="lib"), [corpus()])
    assert html.index('value="python"') < html.index('value="markdown"')
    assert html.index('value="function"') < html.index('value="section"')
    assert '<details class="filters">' in html


def test_corpora_of_one_title_are_told_apart_by_their_names():
    both = [corpus("lib", title="Lib"), corpus("words", title="Lib"), corpus("web")]
    html = _search_form.narrow(Asked(corpus="lib"), both)
    for shown in ("Lib (lib)", "Lib (words)", "Web"):
        assert f">{shown}</option>" in html


def test_a_chosen_filter_is_shown_though_the_corpus_has_none_of_it():
    asked = Asked(corpus="lib", filters=_filters())
    html = _search_form.narrow(asked, [corpus()])
    assert 'value="&quot;go&quot;" checked' in html
    assert '<details class="filters" open>' in html


def test_the_form_holds_what_was_asked():
    html = _search_form.form(Asked('a "b" <c>', mode="dense", versus="lexical", top_k=7))
    assert 'value="a &quot;b&quot; &lt;c&gt;"' in html
    assert 'value="dense" checked' in html
    assert '<option value="lexical" selected>' in html
    assert 'value="7"' in html


def test_examples_are_written_for_what_we_know_and_the_reports_own_for_the_rest():
    known = corpus(source={"kind": "package", "place": "transformers"})
    assert examples(known) == WRITTEN["transformers"]
    cloned = {"kind": "git", "place": "https://github.com/huggingface/transformers.git"}
    assert examples(corpus(source=cloned)) == WRITTEN["transformers"]
    assert examples(corpus()) == tuple(REPORT["examples"])
    assert examples(corpus(generation=0)) == examples(None) == ()


def _filters():
    from core.retrieval.found import Filters

    return Filters(languages=('"go"',))
