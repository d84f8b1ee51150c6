"""A run as a page and as a picture that stand alone."""

import re

from eval.stress import picture, sheet
from eval.stress.state import Lane
from tests import stressed


def test_the_page_says_the_sentence_first_and_holds_every_turn():
    page = sheet.html(stressed.state()).decode()
    assert page.index("Without: died at turn 8") < page.index("In memory alone")
    assert page.count("<tr>") == 3 + stressed.DIED - 1 + 2 * stressed.TURNS
    assert "24 times sooner" in page and "a processor" in page


def test_the_page_asks_for_nothing_from_anywhere():
    page = sheet.html(stressed.state()).decode()
    assert re.findall(r"""(?:src|href)\s*=|url\((?!data:)""", page) == []
    assert "<script" not in page
    assert page.count("data:font/woff2") == 2


def test_words_of_a_run_are_never_markup():
    page = sheet.html(stressed.state()).decode()
    assert "<here>" not in page and "&lt;here&gt;" in page


def test_a_stored_run_is_called_that():
    page = sheet.html(stressed.state(replayed=True)).decode()
    assert '<span class="badge">measured</span>' not in page
    assert page.count('<span class="badge">replayed</span>') == 2


def test_the_picture_is_a_png_of_what_there_is():
    assert picture.png(stressed.state()).startswith(b"\x89PNG")
    begun = stressed.state(Lane("memory"), summary="", state="running")
    assert picture.png(begun).startswith(b"\x89PNG")
    assert picture.origin(stressed.state(replayed=True)).startswith("replayed: a stored run · ")
