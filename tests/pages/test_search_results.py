"""What a search gave is said first, with its times; what it did not find is said as plainly."""

import re
from urllib.parse import parse_qsl

import pytest

from core.errors import Busy
from core.retrieval.found import Filters
from pages import _search_results as shown
from pages._search_asked import Asked
from tests.pages.made import hit, results
from tests.pages.test_search_hits import words

ASKED = Asked("add a hook", "lib", "hybrid")


def test_the_first_words_count_and_say_how():
    html = shown.found(ASKED, results(hit("a"), hit("b")))
    assert words(html).startswith("2 results, found by words and meaning together")
    assert 'role="status"' in html


def test_every_time_is_there_with_its_unit_and_where_it_is_from():
    html = shown.found(ASKED, results(hit()))
    told = words(html)
    assert (
        "11\u2009ms in all lexical 2\u2009ms dense 8\u2009ms measured".replace("\u2009", " ")
        in told
    )
    assert re.findall(r"width:([\d.]+)%", html) == ["18.18", "72.73"]


def test_a_stage_without_a_name_of_ours_is_shown_under_its_own():
    html = shown.found(ASKED, results(hit(), seconds={"magic": 1.5}))
    assert "1.5 s in all magic 1.5 s" in words(html)


def test_the_address_reopens_the_search_whatever_it_holds():
    asked = Asked('a "quoted" & <b>', "lib", filters=Filters(("src/**",)))
    address = re.search(r'data-link="([^"]*)"', shown.found(asked, results(hit())))
    assert address
    assert dict(parse_qsl(address[1].replace("&amp;", "&")))["q"] == asked.text
    assert "<b>" not in shown.failed(Busy("<b>", "Wait."), asked)


def test_no_relevant_context_names_the_nearest_misses():
    html = shown.found(ASKED, results(misses=(hit("m"),)))
    assert "No relevant context found" in html
    assert "Nearest misses" in html
    assert "hooks.py" in html
    assert "filters" not in html
    assert html.count(">miss</span>") == 1
    assert 'class="hits misses"' in html


def test_misses_of_a_narrowed_search_name_the_filters_with_a_way_out():
    asked = Asked("x", "lib", filters=Filters(("src/**",)))
    html = shown.found(asked, results(misses=(hit("m"),)))
    assert "path src/**." in html
    assert 'data-act="clear-filters"' in html


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ((), (), "No relevant context found by lexical and dense"),
        ((hit("a"),), (), "1 result found by lexical, none by dense"),
        ((), (hit("a"), hit("b")), "2 results found by dense, none by lexical"),
    ],
)
def test_side_by_side_says_where_nothing_was_relevant(left, right, said):
    one = results(*left, used="lexical", misses=() if left else (hit("m"),))
    other = results(*right, used="dense", misses=() if right else (hit("m"),))
    html = shown.beside(ASKED, one, other)
    assert said in words(html)
    assert html.count("Nearest misses") == (not left) + (not right)


def test_filters_that_match_nothing_are_named_with_a_way_out():
    asked = Asked("x", "lib", filters=Filters(("src/<b>",), ("python",), ("class", "method")))
    html = shown.found(asked, results())
    assert "path src/&lt;b&gt;; language python; kind class or method." in html
    assert 'data-act="clear-filters"' in html


@pytest.mark.parametrize(("used", "hint"), [("lexical", True), ("dense", False)])
def test_nothing_found_says_what_to_try(used, hint):
    html = shown.found(ASKED, results(used=used))
    assert "Nothing found" in html
    assert ("a mode that goes by meaning" in html) is hint


def test_another_mode_than_asked_for_is_explained():
    found = results(hit(), used="lexical", asked="reranked", notice="Vectors are being <made>.")
    html = shown.found(ASKED, found)
    assert "◐ Vectors are being &lt;made&gt;." in html
    assert "found by shared words" in html


def test_two_modes_stand_side_by_side_with_what_moved():
    left = results(hit("a"), hit("b"), used="lexical")
    right = results(hit("b"), hit("c"), used="dense")
    html = shown.beside(ASKED, left, right)
    assert "1 of 2 results are found by both lexical and dense" in words(html)
    assert html.count('class="side"') == 2
    assert html.count("only here") == 2
    assert "↑1" in html
    assert html.count(">measured</span>") == 2


def test_two_modes_that_became_one_say_so():
    left = results(hit("a"), used="lexical")
    right = results(hit("a"), used="lexical", asked="dense", notice="No vectors.")
    html = shown.beside(ASKED, left, right)
    assert "Both sides are lexical" in html
    assert "Lexical, instead of dense" in html


def test_examples_are_buttons_and_without_them_there_is_a_sentence():
    html = shown.nothing_yet(Asked(), ["find <x>"], "Start here.")
    assert 'data-text="find &lt;x&gt;"' in html
    assert "Write it." in shown.nothing_yet(Asked(), (), "Write it.")
    assert 'data-act="add"' in shown.nothing_to_search()


def test_an_error_says_what_to_do_and_can_be_tried_again():
    html = shown.failed(Busy("The index is being mended.", "Wait a minute."), ASKED)
    assert "✕ The index is being mended." in html
    assert 'data-act="search-again"' in html
    assert "q=add+a+hook" in html
