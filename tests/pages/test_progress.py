"""An ingest tells every page how far it is, and claims nothing that is not known."""

from core.records import IngestProgress
from pages import _progress
from tests.pages.test_search_hits import words

RUNNING = IngestProgress("lib", "j1", "me", "running", "embedding", 0.42, 372.0, "Embedded <5>")
WAITING = IngestProgress("<new>", "j2", "me", "queued", "waiting")


def test_while_nothing_runs_nothing_is_said():
    assert _progress.line(()) == ""


def test_what_runs_is_named_with_its_share_and_time_and_what_waits_is_counted():
    html = _progress.line((WAITING, RUNNING))
    assert words(html) == (
        "Indexing lib. Embedded &lt;5&gt;. 42 % done. About 6 min left. 1 more waiting."
    )
    assert 'aria-valuenow="42"' in html


def test_an_ingest_that_has_not_begun_has_no_share():
    html = _progress.line((WAITING,))
    assert words(html) == "Indexing &lt;new&gt;. Waiting for other work to end."
    assert "aria-valuenow" not in html
