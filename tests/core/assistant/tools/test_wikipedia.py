"""Wikipedia is asked with manners, over a real connection, and whatever it does is told."""

import socket

import pytest

from core.assistant.tools import mediawiki as client
from core.assistant.tools.running import run
from core.assistant.tools.tool import call
from core.assistant.tools.wikipedia import Wikipedia
from core.documents import Chunk, Evidence
from core.errors import Overloaded
from core.messages import Stop
from tests import mediawiki

FAST = "1000/second"


@pytest.fixture
def wiki():
    with mediawiki.running() as server:
        yield server


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(client, "_backoff", lambda state: 0.0)


def ask(url, query="plumb bob", **more):
    return call(Wikipedia(url, **{"rate": FAST, **more}), {"query": query}, Stop())


def test_the_best_articles_come_as_evidence_in_their_order(wiki):
    told = ask(wiki.url("good"))
    assert (told.ok, told.text) == (True, "2 articles.")
    first, second = (e.chunk for e in told.evidence)
    assert first.path == "https://en.wikipedia.org/wiki/Plumb_bob"
    assert first.text.startswith("Plumb bob\nA plumb bob is a weight")
    assert (second.path, second.source) == ("wikipedia:Plumb line", "wikipedia")


def test_it_says_who_asks_and_what(wiki):
    ask(wiki.url("good"))
    (asked,) = wiki.asked
    assert asked["gsrsearch"] == "plumb bob" and asked["action"] == "query"
    assert asked["maxlag"] == "5" and asked["formatversion"] == "2"
    assert wiki.agents[0].startswith("Plumbline/")


@pytest.mark.parametrize(("behaviour", "tries"), [("lagged", 2), ("crowded", 3)])
def test_it_waits_when_told_to_and_asks_again(wiki, behaviour, tries):
    assert ask(wiki.url(behaviour)).ok
    assert wiki.tries[behaviour] == tries


def test_retry_after_is_honoured_within_reason():
    class Outcome:
        def __init__(self, seconds):
            self.error = Overloaded("busy", "", seconds)

        def exception(self):
            return self.error

    for asked, waited in ((2.5, 2.5), (300.0, client.LONGEST_WAIT_S), (None, 0.0)):
        state = type("State", (), {"outcome": Outcome(asked)})()
        assert client._wait(state) == waited  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("behaviour", "why", "tries"),
    [
        ("closed", "status 503", 3),
        ("wrong", "Search is down", 1),
        ("forbidden", "status 403", 1),
        ("garbage", "not JSON", 1),
        ("listed", "not an answer", 1),
        ("huge", "more than 1,000,000 bytes", 1),
    ],
)
def test_what_goes_wrong_is_told(wiki, behaviour, why, tries):
    told = ask(wiki.url(behaviour))
    assert not told.ok and why in told.text and told.evidence == ()
    assert wiki.tries[behaviour] == tries


def test_nothing_found_and_odd_pages_are_no_failure(wiki):
    assert ask(wiki.url("silent")).text == "nothing found."
    (odd,) = ask(wiki.url("odd")).evidence
    assert odd.chunk.text == "3\nOdd."


def test_a_server_that_hangs_is_left(wiki, monkeypatch):
    monkeypatch.setattr(client, "READ_S", 0.1)
    told = ask(wiki.url("mute"))
    assert not told.ok and "cannot be reached" in told.text
    told = run(Wikipedia(wiki.url("mute"), rate=FAST), {"query": "x"}, Stop(), 0.15)
    assert not told.ok


def closed() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/w/api.php"


def test_without_a_network_it_says_so_and_a_corpus_may_stand_in():
    told = ask(closed())
    assert not told.ok
    assert told.text.startswith("Error: Wikipedia cannot be reached from here.")
    stand_in = [Evidence(Chunk("a.md", 1, 1, "A bob."))]
    told = ask(closed(), stand_in=lambda query, k: stand_in)
    assert told.ok and "stand in" in told.text and list(told.evidence) == stand_in


def test_the_same_question_is_asked_once(wiki):
    tool = Wikipedia(wiki.url("good"), rate=FAST)
    first = call(tool, {"query": "Plumb  bob"}, Stop())
    again = call(tool, {"query": "plumb bob"}, Stop())
    assert again.evidence == first.evidence and len(wiki.asked) == 1


def test_it_asks_no_faster_than_it_may(wiki):
    tool = Wikipedia(wiki.url("good"), rate="1/second")
    for query in ("one", "two"):
        assert call(tool, {"query": query}, Stop()).ok
    first, second = wiki.times
    assert second - first > 0.8


def test_what_cannot_be_asked_is_not_sent(wiki):
    assert not ask(wiki.url("good"), "").ok
    assert not ask(wiki.url("good"), "x" * 301).ok
    assert wiki.asked == []
    stop = Stop()
    stop.set()
    assert not call(Wikipedia(wiki.url("good")), {"query": "x"}, stop).ok
