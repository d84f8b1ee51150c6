"""A found passage says where it stands, shows its matching lines, and how it got its place."""

import re

import pytest

from pages import _search_hits as hits
from tests.pages.made import hit

HOSTILE = "</pre><script>window.pwned=1</script><img src=x onerror=alert(1)>"


BLOCKS = re.compile(
    r"</?(?:li|ul|ol|td|th|tr|dd|dt|p|h\d|div|button|br|summary|span class=\"kind)[^>]*>"
)


def words(html: str) -> str:
    """Return what a reader of the HTML reads, every space a plain one."""
    plain = re.sub(r"<[^>]+>", "", BLOCKS.sub(" ", html)).replace("&nbsp;", " ")
    return re.sub(r"\s+", " ", plain).strip()


def test_a_card_names_file_lines_and_symbol_and_marks_the_words():
    shown = hits.cards([hit()])
    assert "lib/core/hooks.py:12–14" in words(shown)
    assert "method Hooks.add_hook(self, name)" in words(shown)
    assert "<mark>add_hook</mark>" in shown
    assert "<mark>hooks</mark>" in shown
    assert re.findall(r'data-n="(\d+)"', shown) == ["12", "13", "14"]


def test_the_way_to_its_place_is_told_in_the_order_of_the_stages():
    places = [("lexical", 3, 12.5), ("dense", 11, 0.412), ("fused", 2, 0.031), ("reranked", 1, 7)]
    shown = hits.cards([hit("a", *places)])
    assert "lexical 3 → dense 11 → fused 2 → reranked 1" in words(shown)
    for score in ("12.5", "0.412", "0.031"):
        assert shown.count(f"{score}<") == 1
        assert f"score {score}" in shown


def test_a_stage_that_did_not_rank_it_is_a_dash():
    found = [
        hit("a", ("lexical", 3, 1.0), ("fused", 1, 1.0)),
        hit("b", ("dense", 1, 1), ("fused", 2, 1)),
    ]
    first, second = re.findall(r"<summary>(.*?)</summary>", hits.cards(found))
    assert words(first) == "lexical 3 → dense — → fused 1"
    assert words(second) == "lexical — → dense 1 → fused 2"
    assert hits.stages_of(found) == ("lexical", "dense", "fused")


def test_without_stages_nothing_is_told():
    assert "<details" not in hits.ranks((), ())


@pytest.mark.parametrize("field", ["path", "symbol", "text", "kind", "language"])
def test_nothing_of_a_corpus_becomes_markup(field):
    shown = hits.cards([hit(f'"{HOSTILE}', ("<b>", 1, 1.0), **{field: HOSTILE})])
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<b>1" in shown and "<b>&lt;" not in shown
    assert shown.count("<pre") == shown.count("</pre>") == 1


def test_a_long_passage_shows_its_opening_and_what_matched_and_folds_the_rest():
    rows = [f"line{i}" for i in range(60)]
    rows[40] = "hooks"
    shown = hits.cards([hit(text="\n".join(rows), language="text")], budget=6)
    folded = "".join(re.findall(r'class="folded" hidden>(.*?)</span></span>', shown, re.DOTALL))
    for line in ("line0", "line39", "hooks"):
        assert line not in words(folded).split()
    assert "line20" in words(folded).split()
    assert re.findall(r"⋯ (\d+)\u00a0more lines", shown) == ["37", "17"]
    assert len(re.findall('class="row"', shown)) == 60


def test_a_passage_is_shown_without_the_indent_it_has_in_its_file():
    shown = hits.cards([hit(text="        a = 1\n            b = 2\n", language="")])
    assert ">a = 1\n</span>" in shown
    assert ">    b = 2\n</span>" in shown


def test_blank_lines_at_the_end_are_not_shown_and_numbers_stay_true():
    shown = hits.cards([hit(text="a\n\nb\n\n\n", start=98, end=100)])
    assert re.findall(r'data-n="(\d+)"', shown) == ["98", "99", "100"]
    assert "--digits:3" in shown


def test_what_moved_is_said():
    left = [hit(id) for id in "abcd"]
    right = [hit(id) for id in "axdb"]
    told = {id: words(move) for id, move in hits.moves(left, right).items()}
    assert told == {"a": "same place", "x": "only here", "d": "↑1", "b": "↓2"}
    assert {id: words(move) for id, move in hits.only(left, right).items()} == {"c": "only here"}
    assert 'title="Place 4 on the left, 3 here"' in hits.moves(left, right)["d"]
