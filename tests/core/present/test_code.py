"""Rows of code hold the text they were given, safe, with the words of a query marked."""

import itertools
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.present.code import LONGEST_COLOURED, excerpt, lit, places, rows

SOURCE = """class Hook:
    '''A hook.'''

    def registerHook(self, x="</script>"):
        return x
"""
LANGUAGES = ("", "python", "javascript", "markdown", "cpp", "html", "json", "nonsense")


def plain(row: str) -> str:
    return unescape(re.sub(r"</?(span|mark)[^>]*>", "", row))


def lines(text: str) -> list[str]:
    made = [line.rstrip("\r") for line in text.split("\n")]
    return made[:-1] if len(made) > 1 and not made[-1] else made


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_are_the_lines_of_the_text(language):
    assert [plain(row) for row in rows(SOURCE, language, ["hook", "x"])] == lines(SOURCE)


@given(
    st.text(alphabet=st.sampled_from("ab_Z \n\r<>&\"'#`{}()=:1é中\t"), max_size=80),
    st.sampled_from(LANGUAGES),
    st.lists(st.text(alphabet="abZ<中", min_size=1, max_size=3), max_size=3),
)
def test_whatever_the_text_nothing_is_lost_and_nothing_gets_out(text, language, terms):
    made = rows(text, language, terms)
    assert "".join(map(plain, made)).replace("\r", "") == "".join(lines(text)).replace("\r", "")
    assert set(re.findall(r"</?(\w+)", "".join(made))) <= {"span", "mark"}
    assert all(row.count("<span") == row.count("</span>") for row in made)


def test_code_is_coloured_and_terms_are_marked_inside_the_colours():
    made = rows(SOURCE, "python", ["Hook"])
    assert made[0] == ('<span class="k">class</span> <span class="nc"><mark>Hook</mark></span>:')
    assert '<span class="nf">register</span><span class="nf"><mark>Hook</mark></span>(' in made[3]
    assert "&lt;/script&gt;" in made[3]


@pytest.mark.parametrize(
    ("text", "term", "found"),
    [
        ("hook hooks hook_a unhook", "hook", [(0, 4), (11, 15)]),
        ("addHook HookList Hooks", "Hook", [(3, 7), (8, 12)]),
        ("HTTPServer", "HTTP", [(0, 4)]),
        ("a.b(c)", "a.b", [(0, 3)]),
        ("我们在搜索代码", "搜索", [(3, 5)]),
        ("x", " ", []),
        ("v2 v22", "v2", [(0, 2), (3, 5)]),
    ],
)
def test_a_term_is_a_word_or_a_part_of_an_identifier(text, term, found):
    assert places(text, [term]) == found


def test_the_longest_term_wins_where_two_overlap():
    assert places("forward_hook", ["hook", "forward_hook", "forward"]) == [(0, 12)]


def test_a_mark_may_reach_over_tokens():
    assert "".join(rows("os.path", "python", ["os.path"])).count("<mark>") == 3


def test_lines_with_a_term_are_known():
    assert lit(SOURCE, ["hook", "Hook"]) == [0, 1, 3]


def test_a_very_long_text_is_shown_plain():
    assert "<span" not in rows("x = 1\n" * LONGEST_COLOURED, "python")[0]


def test_an_excerpt_opens_with_the_first_line_and_keeps_what_is_wanted():
    assert excerpt(0, [], 5) == []
    assert excerpt(5, [], 5) == [(0, 5)]
    assert excerpt(6, [], 5) == [(0, 6)]
    assert excerpt(100, [], 5) == [(0, 5)]
    assert excerpt(100, [50], 6) == [(0, 1), (48, 53)]
    assert excerpt(100, [2], 6) == [(0, 6)]


@given(st.integers(0, 200), st.lists(st.integers(-5, 250), max_size=20), st.integers(1, 30))
def test_an_excerpt_is_in_order_within_bounds_and_small(total, wanted, budget):
    spans = excerpt(total, wanted, budget)
    flat = [i for first, last in spans for i in range(first, last)]
    assert flat == sorted(set(flat))
    assert all(0 <= i < total for i in flat)
    assert not total or 0 in flat
    assert len(flat) <= 2 * budget + 1
    assert all(b[0] - a[1] >= 2 for a, b in itertools.pairwise(spans))
