"""Intervals against published and hand-made values."""

import pytest

from core.measure.intervals import paired_difference, wilson


@pytest.mark.parametrize(
    ("hits", "n", "expected"),
    [(81, 263, (0.2553, 0.3662)), (0, 20, (0.0, 0.1611)), (20, 20, (0.8389, 1.0))],
)
def test_wilson(hits: int, n: int, expected: tuple[float, float]) -> None:
    assert wilson(hits, n) == pytest.approx(expected, abs=5e-4)


def test_nothing_counted_has_no_interval() -> None:
    assert wilson(0, 0) is None
    assert paired_difference([], []) is None


def test_paired_difference_is_over_the_same_samples() -> None:
    first, second = [False] * 30 + [True] * 20, [True] * 50
    delta, low, high = paired_difference(first, second) or (0, 0, 0)
    assert delta == pytest.approx(0.6)
    assert 0.4 < low < 0.6 < high < 0.8
    assert paired_difference(first, first) == (0.0, 0.0, 0.0)


def test_none_and_all_have_an_end_that_is_exact():
    none, all_ = wilson(0, 100), wilson(50, 50)
    assert none is not None and none[0] == 0.0
    assert all_ is not None and all_[1] == 1.0
