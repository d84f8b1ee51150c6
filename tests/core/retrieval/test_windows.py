"""Windows follow one another, cover every token, and end where lines or words end."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from core.retrieval.windows import Tokens, slices, windows


@dataclass
class Made:
    ids: list[int]
    offsets: list[tuple[int, int]]
    word_ids: list[int | None]


def read(text: str) -> Tokens:
    """Tokenise at white space, and long words into pieces of three letters."""
    made = Made([], [], [])
    place = 0
    for number, word in enumerate(text.split()):
        place = text.index(word, place)
        for start in range(0, len(word), 3):
            piece = word[start : start + 3]
            made.ids.append(len(piece))
            made.offsets.append((place + start, place + start + len(piece)))
            made.word_ids.append(number)
        place += len(word)
    return Tokens.read(text, made)


@given(st.text("abc \n", max_size=300), st.integers(1, 20))
def test_every_token_is_in_exactly_one_window(text: str, size: int):
    tokens = read(text)
    found = windows(tokens, size)
    assert [place for first, last in found for place in range(first, last)] == list(
        range(len(tokens.ids))
    )
    assert all(last - first <= size for first, last in found)
    assert "".join(slices(tokens, size)) == text


def test_a_window_ends_with_a_line_where_one_ends_late_enough():
    text = "a b c d e f\ng h i j"
    assert slices(read(text), 8) == ["a b c d e f\n", "g h i j"]


def test_a_line_that_ends_early_does_not_shorten_the_window():
    assert slices(read("a\nb c d e f g h i j"), 8) == ["a\nb c d e f g h ", "i j"]


def test_a_word_is_kept_whole_where_it_fits():
    assert slices(read("aaa bbbccc"), 2) == ["aaa ", "bbbccc"]


def test_a_word_longer_than_the_window_is_cut():
    assert slices(read("aaabbbccc"), 2) == ["aaabbb", "ccc"]
