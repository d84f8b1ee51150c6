"""A question is a record, its answer a file that is whole or not there."""

import threading

import pytest

from core.errors import StateError, Stopped, Unwritable
from core.jobs import journal
from core.jobs.journal import Journal
from core.jobs.order import Order
from core.jobs.work import Work
from ingest import exchange
from ingest.exchange import Asking, answer, answered, asked, refuse, whole


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "jobs" / "1"
    folder.mkdir(parents=True)
    order = Order("1", "m:f", {}, 1, "clean")
    return Work(order, folder, Journal(folder, 1), folder.parent / "pause")


def asks(work, name="known", **data):
    """Ask in a thread; return the thread and where the outcome will be."""
    outcome = []

    def ask():
        try:
            outcome.append(Asking(work).ask(name, **data))
        except (StateError, Stopped) as error:
            outcome.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    return thread, outcome


def heard(work):
    while not (records := journal.read("1", work.folder, 0).records):
        continue
    return asked(records[0].data)


def test_an_answer_reaches_the_one_who_asked(work):
    thread, outcome = asks(work, "read", revision="1.0")
    question = heard(work)
    assert (question.name, question.n, question.data) == ("read", 1, {"revision": "1.0"})
    assert not answered(work.folder, 1, 1)
    answer(work.folder, 1, 1, {"rows": "rows.parquet"})
    thread.join(5)
    assert outcome == [{"rows": "rows.parquet"}]
    assert answered(work.folder, 1, 1)


def test_an_answer_to_an_earlier_attempt_is_not_taken(work):
    answer(work.folder, 0, 1, {"old": True})
    assert not answered(work.folder, 1, 1)


def test_a_refusal_is_raised_in_its_own_words(work):
    refuse(work.folder, 1, 1, "There is nothing.", "Look elsewhere.")
    thread, outcome = asks(work)
    thread.join(5)
    assert (outcome[0].message, outcome[0].hint) == ("There is nothing.", "Look elsewhere.")


def test_waiting_ends_when_asked_to(work):
    thread, outcome = asks(work)
    heard(work)
    work.ask_to_end()
    thread.join(5)
    assert isinstance(outcome[0], Stopped)


def test_waiting_ends_when_no_owner_comes(work, monkeypatch):
    monkeypatch.setattr(exchange, "PATIENCE_S", 0.1)
    thread, outcome = asks(work)
    thread.join(5)
    assert isinstance(outcome[0], Stopped)


def test_other_records_are_no_questions():
    assert asked({"part": "cut-000001.parquet"}) is None


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    with pytest.raises(Unwritable, match="taken could not be written"):
        whole(tmp_path / "taken", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
