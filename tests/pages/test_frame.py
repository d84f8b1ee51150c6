"""The banner speaks only when something is not as it should be."""

from types import SimpleNamespace

from core.messages import ModelCard
from core.telemetry.health import Part, Report
from pages import _frame
from tests.pages.made import corpus

WELL = Report("ok", "Everything works.", (Part("store", "ok", "Kept."),))
LIMITED = Report("degraded", "No model.", (Part("model", "degraded", "No <model>.", "Set one."),))


def test_nothing_is_said_while_all_is_well():
    assert _frame.notice(WELL, is_open=False) == ""


def test_what_is_limited_is_said_with_what_to_do():
    said = _frame.notice(LIMITED, is_open=False)
    assert "No model." in said
    assert "Set one." in said


def test_an_open_server_says_so():
    assert _frame.OPEN in _frame.notice(WELL, is_open=True)
    assert "No model." in _frame.notice(LIMITED, is_open=True)


def test_the_wordmark_is_drawn_in_the_colours_around_it():
    assert "currentColor" in _frame.wordmark()
    assert "<script" not in _frame.wordmark()


def test_the_header_says_how_a_corpus_is_searched_now():
    assert "· hybrid" in _frame.corpus_line(corpus(report={"chunks": 5}), None)
    line = _frame.corpus_line(corpus(), None, "The embedder is being loaded.")
    assert "· lexical" in line
    assert "1,234\u00a0chunks. The embedder is being loaded." in line


def test_every_limited_part_says_what_to_do_the_store_first():
    store = Part("store", "degraded", "Chats were moved.", "Look there.")
    both = Report("degraded", "Chats were moved. No model.", (*LIMITED.parts, store))
    assert "Look there. Set one." in _frame.notice(both, is_open=False)


def test_the_model_is_named_shortly_and_told_of_at_length():
    card = ModelCard("x", "bundled", "bundled 13M, answers from evidence; connect a larger one")
    state = SimpleNamespace(phase="ready", card=card, why="MODEL=auto", trouble=None)
    shown = _frame._model(SimpleNamespace(catalog=SimpleNamespace(state=state)))  # type: ignore[arg-type]
    assert '<span class="name">bundled 13M</span>' in shown
    assert "Answers from evidence; connect a larger one. MODEL=auto" in shown
