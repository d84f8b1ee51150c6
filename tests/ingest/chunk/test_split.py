"""Rows that do not fit are cut where it costs least, into parts that are worth having."""

from itertools import pairwise

from core.documents import approximate_tokens
from ingest.chunk.lines import Lines, weigher
from ingest.chunk.split import Part, cuts

SIZE = 100


def parts(rows: list[int], costs: dict[int, int]) -> list[int]:
    """Return the rows before which rows of so many words are cut."""
    lines = Lines("".join("a " * words + "\n" for words in rows))
    made = cuts(lines, 0, len(rows), SIZE, weigher(lambda text: len(text.split())), costs)
    assert made[0].first == 0
    assert made[-1].stop == len(rows)
    assert all(one.stop == next_.first for one, next_ in pairwise(made))
    return [part.first for part in made[1:]]


def test_a_little_too_much_is_halved():
    assert parts([10] * 12, dict.fromkeys(range(12), 1)) == [6]


def test_the_shallowest_cut_wins():
    assert parts([10] * 12, {**dict.fromkeys(range(12), 3), 4: 2, 8: 1}) == [8]


def test_a_third_part_is_better_than_a_cut_inside():
    """Two parts could only meet in rows 9 and 10, which begin nothing."""
    assert parts([10] * 19, {3: 1, 7: 1, 14: 1}) == [7, 14]


def test_what_is_cut_in_two_has_no_crumb():
    (only,) = parts([10] * 12, {11: 1, 5: 2, 10: 1})
    assert only == 5


def test_parts_are_filled_where_all_cuts_cost_the_same():
    assert parts([10] * 40, dict.fromkeys(range(40), 1)) == [10, 20, 30]


def test_a_row_that_is_too_long_is_cut_between_words():
    text = "word " * 250 + "\n"
    made = cuts(Lines(text), 0, 1, SIZE, weigher(approximate_tokens), {})
    assert len(made) == 3
    assert all(isinstance(part, Part) and (part.first, part.stop) == (0, 1) for part in made)
    assert all(text[part.start : part.end].startswith("word") for part in made)
