"""Marks stand after their sentence, beside their passage, and mean what is stored."""

import re

import pytest

from pages import _marks
from pages._markdown import render


def mark(start: int, end: int, kind: str = "supported", **more):
    return {"text": "", "start": start, "end": end, "mark": kind, "score": 0.9, "chunks": [1],
            "lines": [3, 4]} | more  # fmt: skip


def marked(source: str, **kinds: list[str]):
    """Return marks for these pieces of a text, in order."""
    found = [(source.index(words), words, kind) for kind, all_ in kinds.items() for words in all_]
    return [mark(start, start + len(words), kind) for start, words, kind in sorted(found)]


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def test_each_sentence_is_followed_by_its_mark_and_plain_ones_by_none():
    source = "It is 8 [1]. **Bold claims.** Hello there."
    marks = marked(
        source, supported=["It is 8 [1]."], unsupported=["**Bold claims.**"], plain=["Hello there."]
    )
    html = render(source, 1, True, marks)
    assert plain(html) == "It is 8 1. ✓ Bold claims. ○ Hello there."
    assert 'data-n="1" data-first="3" data-last="4"' in html
    assert "Supported by evidence 1, score 0.9" in html
    assert "<strong>Bold claims.</strong>" in html


def test_code_keeps_its_fence_and_its_words_and_is_marked_below():
    source = "So:\n\n```python\nx = 1\n```\n\nDone `a. B` now."
    marks = marked(source, partly=["```python\nx = 1\n```"], supported=["Done `a. B` now."])
    html = render(source, 1, True, marks)
    assert html.count("<figure") == 1 and "◐" in html.split("</figure>")[1]
    assert plain(html).endswith("Done a. B now. ✓")


@pytest.mark.parametrize(
    ("source", "pieces"),
    [
        ("# Head\n\n- one is so.\n- two is so.", ["Head", "one is so.", "two is so."]),
        ("| a | b |\n|---|---|\n| c | d |", ["a | b |\n|---|---", "c | d"]),
        ("> Quoted. [1]", ["Quoted. [1]"]),
    ],
)
def test_marks_change_nothing_of_headings_lists_tables_and_quotes(source, pieces):
    with_marks = render(source, 1, True, marked(source, supported=pieces))
    without = render(source, 1)
    assert with_marks.count("<button") - without.count("<button") == len(pieces)
    for tag in ("h4", "li", "td", "th", "blockquote", "table"):
        assert with_marks.count(f"<{tag}") == without.count(f"<{tag}")
    assert plain(with_marks.replace("✓", "")) == plain(without)


@pytest.mark.parametrize("forged", ["\ufdd00\ufdd1", "&#xFDD0;0&#xFDD1;", "&#64976;0&#64977;"])
def test_a_text_cannot_write_a_mark_of_its_own(forged):
    html = render(
        f"False. {forged} End.", 0, True, [mark(0, 0, "plain"), mark(0, 6, "unsupported")]
    )
    assert html.count("<button") == html.count("sign unsupported") == 1


def test_places_that_do_not_exist_do_no_harm():
    assert "✓" in render("Short.", 0, True, [mark(0, 900)])


def test_a_passage_says_how_many_sentences_it_supports():
    marks = [mark(0, 1), mark(1, 2, "partly"), mark(2, 3, chunks=[2, 1]), mark(3, 4, "unsupported")]
    assert plain(_marks.of_passage(1, marks)) == "✓ supports 1&nbsp;sentence".replace("&nbsp;", " ")
    assert plain(_marks.of_passage(2, marks)) == "✓ supports 1 sentence"
    assert _marks.of_passage(3, marks) == _marks.of_passage(1, None) == ""
    assert plain(_marks.of_passage(1, [mark(0, 1, "partly")])) == "◐ partly supports 1 sentence"


def test_marks_are_counted_in_signs_and_in_words_and_nothing_is_not_zero():
    marks = [mark(0, 1), mark(1, 2), mark(2, 3, "unsupported"), mark(3, 4, "plain")]
    assert plain(_marks.tally(marks).replace("&nbsp;", " ")) == "✓ 2 ○ 1"
    assert _marks.tally(marks, words=True) == "2 of 3\u00a0sentences supported"
    assert _marks.tally([mark(0, 1, "plain")]) == _marks.tally(None) == ""
    assert "◐ partly supported" in _marks.legend(marks) and _marks.legend([]) == ""
