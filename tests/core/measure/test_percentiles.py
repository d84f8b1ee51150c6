"""Percentiles against published tables of ranks, and the sizes from which they are told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measure.percentiles import percentile, percentiles, ranks, supported_from


# Ranks of the 95 % interval of a median: Campbell and Gardner, in Altman et al., Statistics with
# Confidence (2nd ed., 2000), table 18.5.
@pytest.mark.parametrize(
    ("n", "expected"),
    [(6, (1, 6)), (10, (2, 9)), (15, (4, 12)), (20, (6, 15)), (50, (18, 33)), (100, (40, 61))],
)
def test_ranks_of_the_median_as_published(n: int, expected: tuple[int, int]):
    assert ranks(n, 0.5) == expected


@pytest.mark.parametrize(("q", "least"), [(0.5, 6), (0.95, 72), (0.99, 368), (0.05, 72)])
def test_a_percentile_is_told_from_the_size_that_bounds_it(q: float, least: int):
    # Wilks (Annals of Mathematical Statistics 1941, 12:91-96): 1 - q^n, here at 97.5 %.
    assert supported_from(q) == least
    assert 1 - max(q, 1 - q) ** least >= 0.975 > 1 - max(q, 1 - q) ** (least - 1)
    assert ranks(least, q) is not None
    assert ranks(least - 1, q) is None


def test_too_few_is_said_and_is_not_a_number():
    found = percentiles([0.1] * 80)
    assert found["p95"].value == 0.1
    assert found["p99"].value is None
    assert found["p99"].why == "too few: 80 of at least 368"
    assert percentile([], 0.5).why == "too few: 0 of at least 6"


def test_what_was_not_measured_is_not_counted():
    assert percentile([1.0, 2.0, 3.0, 4.0, 5.0, float("nan")], 0.5).n == 5


@given(st.lists(st.floats(0, 1e6), min_size=6, max_size=200), st.sampled_from([0.5, 0.25, 0.75]))
@settings(max_examples=60, deadline=None)
def test_the_interval_holds_the_percentile(values: list[float], q: float):
    found = percentile(values, q)
    if found.value is None:
        assert found.low is found.high is None
        return
    assert min(values) <= found.low <= found.value <= found.high <= max(values)


@pytest.mark.parametrize("q", [0.5, 0.95])
def test_intervals_cover_what_they_promise(q: float):
    rng = np.random.default_rng(5)
    true = -np.log(1 - q)
    hit = 0
    for _ in range(500):
        found = percentile(rng.exponential(size=120), q)
        hit += found.low <= true <= found.high
    assert hit / 500 >= 0.93
