"""Sentences are found in Markdown as models write it, each where it stands."""

import pytest

from core.assistant.sentences import sentences

CASES = {
    "One is here. Two is there.": ["One is here.", "Two is there."],
    "It is `a.b. C` [1]. Then more.": ["It is `a.b. C` [1].", "Then more."],
    "It ends here. [1] [2] The next.": ["It ends here. [1] [2]", "The next."],
    "Use it, e.g. With care. Then go.": ["Use it, e.g. With care.", "Then go."],
    "Version 1.2 of it. 5 tries follow.": ["Version 1.2 of it.", "5 tries follow."],
    "# Head\n\n- first one\n- second. And third.": ["Head", "first one", "second.", "And third."],
    "1. One thing\n2. Two things": ["One thing", "Two things"],
    "> quoted words [3]\n\n| a | b |\n| 1 | 2 |": ["quoted words [3]", "a | b", "1 | 2"],
    "One line\nand its end. Two.": ["One line\nand its end.", "Two."],
    "": [],
    "   \n ": [],
}


@pytest.mark.parametrize("text", CASES)
def test_sentences_stand_where_they_say(text: str) -> None:
    found = sentences(text)
    assert [each.text for each in found] == CASES[text]
    assert all(text[each.start : each.end] == each.text for each in found)


def test_a_fenced_block_is_one_and_takes_the_citation_after_it() -> None:
    text = "See this:\n\n```python\nx = 1. Y\n\nz = [2]\n```\n\n[1]\n\nThat is all."
    lead, code, rest = sentences(text)
    assert (lead.text, rest.text) == ("See this:", "That is all.")
    assert code.code and code.words == "x = 1. Y\n\nz = [2]"
    assert code.text.endswith("[1]") and text[code.start : code.end] == code.text
    assert sentences("```\nnever closed")[0].words == "never closed"


def test_words_are_without_citations() -> None:
    (one,) = sentences("It is 3 [1][2].")
    assert one.cited == (1, 2) and one.words == "It is 3 ."
