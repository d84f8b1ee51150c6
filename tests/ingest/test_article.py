"""Texts with their headings found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.article import is_heading, markdown

APRIL = """April is the fourth month of the year, and comes between March and May.

April always begins on the same day of the week as July.

The Month

April comes between March and May, making it the fourth month.

April in poetry
Poets use April to mean the end of winter. For example: April showers.

Events in April

Fixed Events

 April 1 - April Fools' Day
 April 2 - Sizdah Be-Dar

References
"""


def test_an_article_gets_its_title_and_its_headings():
    text = markdown(APRIL, "April")
    assert text.startswith("# April\n\nApril is the fourth month")
    heads = [line for line in text.splitlines() if line.startswith("#")]
    assert heads == [
        "# April",
        "## The Month",
        "## April in poetry",
        "## Events in April",
        "## Fixed Events",
    ]


def test_every_word_of_the_text_is_kept():
    words = markdown(APRIL, "April").replace("#", "").split()
    assert words == ["April", *APRIL.split()]


@given(text=st.text(max_size=300), title=st.text(st.characters(categories=["L"]), max_size=10))
def test_nothing_but_marks_and_space_is_added(text: str, title: str):
    kept = "".join(markdown(text, title).split()).replace("#", "")
    assert kept == "".join((title + text).split()).replace("#", "")


def test_a_section_of_its_own_stands_under_the_title():
    assert markdown("Text.", "April", "Poetry") == "# April\n\n## Poetry\n\nText.\n"
    assert markdown("Text.") == "Text.\n"


def test_marked_text_is_left_alone():
    text = "Intro.\n\n## Part\n\nShort Line\n\nMore text."
    assert markdown(text) == f"{text}\n"


@pytest.mark.parametrize("line", ["The Month", "History", "1990s", "歴史", "Early life (1879–1902"])
def test_lines_that_look_like_headings(line: str):
    assert is_heading(line)


@pytest.mark.parametrize(
    "line",
    ["", "It ends.", " indented", "lower case", "- item", "Item:", "word " * 9, "W" * 61, "a, b)"],
)
def test_lines_that_do_not(line: str):
    assert not is_heading(line)
