"""The renderer lets nothing through that a browser would act on, whatever it is given."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages._markdown import code, render

TAGS = frozenset(
    "h4 h5 h6 p em strong s code pre ul ol li blockquote hr br table thead tbody tr th td a span "
    "button svg use figure figcaption".split()
)
ATTRIBUTES = frozenset(
    "href target rel class style type data-act data-n aria-label aria-hidden title tabindex "
    "start".split()
)
PIECES = st.sampled_from(
    ["<script>", "<img src=x onerror=a>", "](", "[x](", "javascript:", "![", "`", "```",
     "<svg/onload=a>", "\n", "|", "---", "&#x3C;", "&lt;", "'", '"', ">", "<", "[1]", "$",
     "http://a", "\\", "*", "a"]
)  # fmt: skip


class Reader(HTMLParser):
    """Notes every tag and attribute."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def check(html: str) -> None:
    found = read(html)
    assert set(found.tags) <= TAGS, set(found.tags) - TAGS
    for name, value in found.attributes:
        assert name in ATTRIBUTES, name
        if name == "href":
            assert value.lower().startswith(("http://", "https://", "assets/svg/")), value
        if name == "style":
            assert value in ("text-align:left", "text-align:right", "text-align:center"), value


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=24).map("".join), st.integers(0, 3), st.booleans())
def test_only_harmless_tags_and_attributes_come_out(source: str, citations: int, links: bool):
    check(render(source, citations, links))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["python", "html", "bash", "", "no such language"]))
def test_code_is_text_and_spans(source: str, language: str):
    html = code(source, language)
    assert set(read(html).tags) <= {"span"}


@pytest.mark.parametrize(
    "url", ["javascript:a", "JaVaScRiPt:a", "data:text/html,x", "vbscript:a", "file:///etc", "//x"]
)
def test_links_lead_to_web_addresses_alone(url: str):
    assert "<a" not in render(f"[x]({url})")


def test_a_web_link_opens_apart_and_tells_nobody_where_from():
    html = render("[x](https://example.com/a?b=1&c=2)")
    assert 'href="https://example.com/a?b=1&amp;c=2"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_citations_are_buttons_only_where_there_is_evidence():
    html = render("a [1] b [2] c [3] `[1]`", citations=2)
    assert html.count('class="cite"') == 2
    assert "[3]" in html
    assert "<code>[1]</code>" in html


def test_headings_stand_below_those_of_the_page():
    assert render("# a") == "<h4>a</h4>\n"
    assert render("###### a") == "<h6>a</h6>\n"


def test_an_unfinished_code_block_is_code_while_it_streams():
    assert '<figure class="code">' in render("Look:\n\n```python\nx = 1")


def test_images_are_their_words():
    assert render("![a <b> c](https://example.com/x.png)") == (
        '<p><span class="no-image">[image: a &lt;b&gt; c]</span></p>\n'
    )
