"""Markdown and reStructuredText are cut at headings, other text at paragraphs."""

import pytest

from core.documents import Chunk
from ingest.chunk import Cutting
from tests.ingest.chunk.documents import assert_partition, chunks

MARKDOWN = """\
---
title: x
# not a heading
---

# Guide[[guide]]

## `Install` the [thing](http://example.org/x)

Run it.

````sh
# not a heading
```
still code
````

~~~
# nor this
~~~

<!--
# nor that
-->

### Details #

Some.

Under
-----

- a list
---

| a | b |
|---|---|
"""


def titles(found: list[Chunk]) -> list[tuple[str, str, int, int]]:
    return [(chunk.symbol, chunk.context, chunk.start, chunk.end) for chunk in found]


def test_markdown_is_cut_at_headings_and_nowhere_else():
    found = chunks("a.md", MARKDOWN)
    assert titles(found) == [
        ("Install the thing", "Guide", 1, 24),
        ("Details", "Guide › Install the thing", 26, 28),
        ("Under", "Guide", 30, 37),
    ]
    assert {chunk.kind for chunk in found} == {"section"}
    assert_partition(MARKDOWN, found)


def test_an_opening_without_heading_is_a_section_without_name():
    found = chunks("a.md", "Hello.\n\n# One\n\ntext\n")
    assert titles(found) == [("", "", 1, 1), ("One", "", 3, 5)]


def test_a_page_without_headings_is_one_section():
    assert titles(chunks("a.md", "Hello.\n\nYou.\n")) == [("", "", 1, 3)]


def test_a_heading_at_the_end_is_kept():
    assert titles(chunks("a.md", "# One\n\ntext\n\n## Two\n")) == [
        ("One", "", 1, 3),
        ("Two", "One", 5, 5),
    ]


def test_a_fence_that_never_closes_hides_the_rest():
    assert titles(chunks("a.md", "# One\n\n```\n# two\n")) == [("One", "", 1, 4)]


RST = """\
.. _label:

=====
Title
=====

Intro.

Part
----

=====  =====
a      b
=====  =====

Deep
~~~~

Text.

Über
----
Text.
"""


def test_restructured_text_is_cut_at_underlined_titles():
    found = chunks("a.rst", RST)
    assert titles(found) == [
        ("Title", "", 1, 7),
        ("Part", "Title", 9, 14),
        ("Deep", "Title › Part", 16, 19),
        ("Über", "Title", 21, 23),
    ]
    assert_partition(RST, found)


def test_a_long_section_is_cut_between_paragraphs_not_in_code():
    code = "```\n" + "x = 1\n\n" * 5 + "```\n\n"
    text = "# One\n\n" + ("word " * 20 + "\n\n" + code) * 6
    found = chunks("a.md", text, Cutting("code", 80))
    assert len(found) > 4
    assert {chunk.symbol for chunk in found} == {"One"}
    for chunk in found:
        assert chunk.text.startswith(("# One", "word", "```\nx"))
    assert_partition(text, found)


@pytest.mark.parametrize(
    ("path", "text", "opening"),
    [
        ("a.txt", ("one two three\nfour five\n\n" * 30), "one two"),
        ("a.yaml", ("key:\n  - one\n  - two: 3\n    four: 5\n" * 30), "key:"),
        ("a.css", ("a {\n  color: red;\n\n  top: 0;\n}\n\n" * 30), "a {"),
    ],
)
def test_other_text_is_cut_at_paragraphs_and_outermost_rows(path: str, text: str, opening: str):
    found = chunks(path, text, Cutting("code", 64))
    assert len(found) > 3
    assert {chunk.kind for chunk in found} == {"text"}
    assert all(chunk.text.startswith(opening) for chunk in found)
    assert_partition(text, found)


def test_a_short_text_is_one_chunk():
    assert len(chunks("a.toml", "[a]\nb = 1\n\n[c]\nd = 2\n", Cutting("code", 64))) == 1


def test_a_rule_below_a_fence_is_no_heading():
    assert titles(chunks("a.md", "Hello.\n\n```\nx\n```\n---\n")) == [("", "", 1, 6)]
