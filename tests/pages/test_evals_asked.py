"""The addresses of Evals: what they open, and that they come back as they were."""

from urllib.parse import parse_qsl

import pytest

from pages._evals_asked import Asked, go, link, pages, read

PLACES = [
    (Asked(), ""),
    (Asked(view="new"), "view=new"),
    (Asked(view="new", config="c1"), "view=new&config=c1"),
    (Asked(view="run", run="r1"), "run=r1"),
    (Asked(view="run", run="r1", sample="1.1", outcome="wrong"), "run=r1&sample=1.1&outcome=wrong"),
    (Asked(view="compare", compare=("a", "b")), "compare=a,b"),
    (Asked(view="compare", compare=("a", "b"), run="b"), "run=b&compare=a,b"),
    (Asked(view="compare"), "view=compare"),
    (Asked(suite="s", q="x y", sort="-passed", page=3), "suite=s&q=x+y&sort=-passed&page=3"),
    (Asked(deleted=True), "deleted=1"),
    (Asked(view="leaderboard", suite="arith"), "view=leaderboard&suite=arith"),
    (Asked(view="datasets", dataset="mine"), "view=datasets&dataset=mine"),
    (Asked(view="one", sample="3"), "view=one&sample=3"),
    (Asked(view="new", run="r1"), "view=new&run=r1"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "address"), PLACES)
def test_an_address_opens_what_it_was_made_of(asked: Asked, address: str):
    assert link(asked) == address
    assert read(dict(parse_qsl(address))) == asked


def test_what_cannot_be_a_value_is_left_out():
    asked = read({
        "view": "<script>", "run": "../etc", "sample": "-1", "compare": "a,<b>,a", "page": "0",
    })  # fmt: skip
    assert asked == Asked(view="compare", compare=("a",))
    assert read({"page": "9" * 30}) == Asked()
    assert len(read({"q": "x" * 10_000}).q) == 200


def test_a_sample_is_told_by_its_place_and_its_time():
    assert Asked(sample="12").place == (12, 0)
    assert Asked(sample="12.3").place == (12, 3)
    assert Asked().place is None


def test_a_link_is_an_address_too_and_escapes_what_it_holds():
    shown = go(Asked(q='"><script>'), "Go")
    assert "<script>" not in shown
    assert 'data-act="evals"' in shown
    assert 'href="?tab=evals&amp;q=' in shown


def test_a_long_list_is_paged_and_a_short_one_is_not():
    assert pages(Asked(), 20, 20) == ""
    middle = pages(Asked(page=2), 50, 20)
    assert "21–40 of 50" in middle
    assert middle.count("<a ") == 2
    assert pages(Asked(page=3), 50, 20).count("<a ") == 1
