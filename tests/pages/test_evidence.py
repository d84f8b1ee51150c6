"""The evidence panel: the cited first, each line with its number, each passage with its mark."""

import re

from pages import _evidence
from pages._marks import Marks

FOUND = [
    {"n": n, "path": f"{n}.py", "first_line": 40, "last_line": 41, "text": "    x = 1\n    y = 2\n"}
    for n in range(1, 5)
]
WORDS = "One [1], four [4] and two [2]."
MARKS: Marks = [
    {"start": 0, "end": 7, "mark": "supported", "score": 1.0, "chunks": [1], "lines": [40, 40]}
]


def test_what_is_cited_comes_first_and_the_rest_is_told_apart():
    shown = _evidence.panel(FOUND, WORDS, lit=2, position=3)
    assert re.findall(r'<li class="passage[ lit]*" data-n="(\d)"', shown) == ["1", "2", "4", "3"]
    assert shown.index("Also found") < shown.index('passage" data-n="3"')
    assert "3 of 4\u00a0sources cited" in shown and 'data-position="3"' in shown
    assert shown.count("passage lit") == 1
    assert "Also found" not in _evidence.panel(FOUND[:2], WORDS)


def test_an_answer_without_evidence_is_not_reproached():
    assert "cites nothing" not in _evidence.panel([], "Words.")


def test_lines_carry_their_number_in_the_file():
    shown = _evidence.panel(FOUND[:1], WORDS)
    assert re.findall(r'data-first="(\d+)"', shown) == ["40", "41"]
    assert re.sub(r"<[^>]+>", "", shown).endswith("x = 1\ny = 2\n")


def test_blocks_of_documentation_carry_the_lines_they_show():
    page = {**FOUND[0], "path": "a.md", "text": "# Head\n\nTwo\nlines.\n\n- one\n- two\n"}
    shown = _evidence.panel([page], WORDS)
    assert '<h4 data-first="40" data-last="40">' in shown
    assert '<p data-first="42" data-last="43">Two' in shown
    assert '<li data-first="46" data-last="46">' in shown


def test_a_passage_says_what_it_supports_and_others_say_nothing():
    shown = _evidence.panel(FOUND, WORDS, MARKS)
    assert shown.count('class="sign supported"') == 1
    assert shown.index("sign supported") < shown.index('passage" data-n="2"')


def test_what_was_just_found_is_shown_before_anything_is_cited():
    shown = _evidence.found(FOUND[:2])
    assert "2\u00a0passages found." in shown and "cited." not in shown
    assert shown.count('class="passage"') == 2
