"""Windows follow lines, share what they should and are filled as far as lines allow."""

from itertools import pairwise

from core.documents import approximate_tokens
from ingest.chunk import Cutting, cutting
from tests.ingest.chunk.documents import chunks

ROWS = "".join(f"value = {'abc ' * (n % 7)}\n" for n in range(600))


def test_windows_begin_and_end_at_lines():
    found = chunks("a.py", ROWS, cutting("window-128"))
    assert len(found) > 20
    assert all(chunk.text.startswith("value") and chunk.text.endswith("\n") for chunk in found)
    assert {chunk.kind for chunk in found} == {"text"}
    assert {chunk.language for chunk in found} == {"python"}


def test_windows_are_filled_and_share_their_overlap():
    made = Cutting("window", 128, 0.25)
    found = chunks("a.py", ROWS, made)
    data = ROWS.encode()
    for one, following in pairwise(found):
        assert 128 - 10 <= approximate_tokens(one.text) <= 128
        shared = data[following.span[0] : one.span[1]].decode()
        assert 32 - 10 <= approximate_tokens(shared) <= 32
        assert (following.start, one.end) == (
            data.count(b"\n", 0, following.span[0]) + 1,
            data.count(b"\n", 0, one.span[1]),
        )


def test_windows_without_overlap_share_nothing():
    found = chunks("a.py", ROWS, Cutting("window", 128))
    assert all(a.span[1] == b.span[0] for a, b in pairwise(found))


def test_the_last_window_is_not_inside_the_one_before():
    found = chunks("a.py", ROWS, cutting("window-256"))
    assert found[-1].span[1] == len(ROWS)
    assert found[-2].span[1] < found[-1].span[1]


def test_paragraphs_of_one_long_line_are_filled_and_shared_too():
    text = "".join("word " * 200 + ".\n" for _ in range(20))
    found = chunks("a.txt", text, cutting("window-256"))
    for one, following in pairwise(found):
        assert approximate_tokens(one.text) > 200
        assert 0 < one.span[1] - following.span[0] <= 50 * 5


def test_a_short_file_is_one_window():
    (only,) = chunks("a.py", "x = 1\n\n\n", cutting("window-800"))
    assert (only.start, only.end, only.text) == (1, 1, "x = 1\n\n\n")


def test_a_long_line_ahead_leaves_less_room_to_share():
    text = "a\n" + "".join("word " * 44 + "\n" for _ in range(6))
    found = chunks("a.txt", text, Cutting("window", 100, 0.9))
    assert [(chunk.start, chunk.end) for chunk in found] == [(1, 3), (3, 4), (4, 5), (5, 6), (6, 7)]
