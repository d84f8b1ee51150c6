"""An item and its line say the same, and a version is of what is said."""

import pytest

from core.records import Gold, Item
from eval.datasets.rows import Version, item_of_line, line_of, row_of

WHOLE = Item(
    id="a",
    question="Größe?",
    references=("1", "2"),
    kind="k",
    choices=("1", "3"),
    contexts=("c",),
    gold=(Gold("p", (3, 9), "f"), Gold("q")),
    cluster="p",
    answerable=False,
    details={"n": [1, None]},
)


@pytest.mark.parametrize("item", [WHOLE, Item("b", "Q?"), Item("c", "Q?", ("x",))])
def test_there_and_back(item: Item):
    assert item_of_line(line_of(item)) == item


def test_what_is_not_there_is_not_written():
    assert row_of(Item("b", "Q?")) == {"id": "b", "question": "Q?"}


def test_the_version_is_of_the_lines_in_their_order():
    lines = [line_of(WHOLE), line_of(Item("b", "Q?"))]
    assert str(Version(lines)) == str(Version(lines))
    assert str(Version(lines)) != str(Version(reversed(lines)))
    assert str(Version(["ab"])) != str(Version(["a", "b"]))
    grown = Version()
    for line in lines:
        grown.add(line)
    assert str(grown) == str(Version(lines))
