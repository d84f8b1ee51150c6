"""A search is read from fields and addresses, checked in words, and its link reopens it."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.retrieval.found import MAX_K, MAX_QUERY, MODES, Filters
from pages._search_asked import Asked, link, read

NAMES = st.text(alphabet="abcXYZ019_+#", min_size=1, max_size=8)
GLOBS = st.text(alphabet="abc*/?.[]!-", min_size=1, max_size=12)


def test_an_empty_form_is_the_defaults_and_nothing_is_wrong():
    assert read({}) == (Asked(), {})
    assert read({"q": "  ", "k": "", "path": " , ", "language": [], "kind": ""}) == (Asked(), {})


@given(
    st.builds(
        Asked,
        text=st.text(max_size=200).map(str.strip),
        corpus=st.from_regex(r"[a-z][a-z.-]{0,20}[a-z]", fullmatch=True) | st.just(""),
        mode=st.sampled_from(MODES),
        versus=st.sampled_from(MODES) | st.none(),
        top_k=st.integers(1, MAX_K),
        filters=st.builds(
            Filters,
            paths=st.lists(GLOBS, unique=True, max_size=4).map(tuple),
            languages=st.lists(NAMES, unique=True, max_size=3).map(tuple),
            kinds=st.lists(NAMES, unique=True, max_size=3).map(tuple),
        ),
    )
)
def test_a_link_reopens_the_search_it_was_made_of(asked: Asked):
    text = asked.text.encode(errors="replace").decode()
    asked = Asked(text, asked.corpus, asked.mode, asked.versus, asked.top_k, asked.filters)
    assert read(dict(parse_qsl(link(asked)))) == (asked, {})


def test_the_link_of_a_plain_search_is_short():
    assert link(Asked("a b", "lib")) == "q=a+b&corpus=lib"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("q", "x" * (MAX_QUERY + 1), "4,001 characters; at most 4,000"),
        ("q", "x" * 100_000, "100,000 characters"),
        ("k", "0", "“0” results cannot be shown; ask for a whole number from 1 to 100"),
        ("k", "1000000", "“1000000” results"),
        ("k", "-3", "“-3”"),
        ("k", "2.5", "“2.5”"),
        ("k", "٣", "“٣”"),
        ("mode", "magic", "“magic” is not a way to search"),
        ("versus", "<b>", "“<b>” is not a way to search"),
        ("corpus", "../etc", "“../etc” is not the name of a corpus"),
        ("path", " ".join(f"p{i}" for i in range(21)), "21\u00a0paths in the filter; at most 20"),
        ("path", "x" * 201, "up to 200 characters"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(field, value, said):
    asked, wrong = read({"q": "fine", field: value})
    assert list(wrong) == [field]
    assert said in wrong[field]
    assert asked.top_k == 5
    assert asked.corpus == ""


def test_filters_come_as_lists_or_as_words_and_odd_ones_are_left_out():
    chosen = {"language": ["python", "c++", "<x>"], "kind": "function,method,,function"}
    asked, wrong = read(chosen | {"path": "src/**  *.md, src/**"})
    assert asked.filters == Filters(("src/**", "*.md"), ("python", "c++"), ("function", "method"))
    assert asked.narrowed
    assert wrong == {}
    assert read(chosen | {"path": ["src/**", "", "*.md"]}) == (asked, {})


def test_the_query_of_the_other_mode_differs_in_its_mode_alone():
    asked = Asked("x", "lib", "lexical", "dense", 7)
    assert asked.query().mode == "lexical"
    assert asked.query("dense") == Asked("x", "lib", "dense", None, 7).query()
