"""The ways to cut have names, and refuse what makes no sense."""

import pytest

from core.errors import BadInput
from ingest.chunk import Cutting, cutting, strategies


def test_the_default_is_by_definition():
    assert strategies()[0] == "code"
    assert cutting("code") == Cutting()


@pytest.mark.parametrize(
    ("name", "size", "shared"),
    [("window-800", 800, 120), ("window-512", 512, 77), ("window-256", 256, 50),
     ("window-128", 128, 19)],
)  # fmt: skip
def test_windows_have_the_size_and_overlap_of_the_usual_recipes(name: str, size: int, shared: int):
    made = cutting(name)
    assert (made.name, made.size, round(made.size * made.overlap)) == ("window", size, shared)


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(BadInput, match="'sentences'") as refused:
        cutting("sentences")
    assert all(name in refused.value.hint for name in strategies())


@pytest.mark.parametrize("size", [0, 15, -1])
def test_a_size_too_small_is_refused(size: int):
    with pytest.raises(BadInput, match=f"{size} tokens"):
        Cutting("code", size)


@pytest.mark.parametrize("overlap", [-0.1, 1, 1.5])
def test_an_overlap_that_never_moves_on_is_refused(overlap: float):
    with pytest.raises(BadInput, match="share"):
        Cutting("window", 100, overlap)


def test_another_strategy_is_refused():
    with pytest.raises(BadInput, match="'lines'"):
        Cutting("lines", 100)  # pyright: ignore[reportArgumentType]
