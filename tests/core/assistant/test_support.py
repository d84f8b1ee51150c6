"""What an answer names must stand in what it cites."""

import pytest

from core.assistant.support import citations, is_supported
from core.documents import Chunk, Evidence

EVIDENCE = [
    Evidence(
        Chunk("a/net.py", 3, 5, "def get(url, retries: int = 3):\n    ...", "function", "get")
    ),
    Evidence(
        Chunk("a/disk.py", 9, 12, 'def save(path):\n    """Write a page."""', "function", "save")
    ),
]


@pytest.mark.parametrize(
    ("answer", "supported"),
    [
        ("`get` [1] has `retries: int = 3`.", True),
        ("`get` [1] has `retries:int=3`.", True),
        ("`get` [1] has `retries: int = 5`.", False),
        ("`get` [2] has `retries: int = 3`.", False),
        ("`save` is in a/disk.py:9-12 [2].", True),
        ("`save` [2]: Write a page.", True),
        ("`save` [2]: Send a letter to every customer.", False),
        ("Write a page.", True),
        ("The retrieved context does not say.", True),
    ],
)
def test_an_answer_is_held_against_what_it_cites(answer: str, supported: bool) -> None:
    assert is_supported(answer, EVIDENCE) is supported


def test_citations_are_those_that_exist_once_each_in_order() -> None:
    assert citations("so [2] and [1], [2], not [7] or [0]", 2) == (2, 1)
