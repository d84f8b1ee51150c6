"""Bootstrap and sign-flip tests against published numbers, other ways of computing them, and
their own promises."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measure.intervals import t_interval
from core.measure.resampling import bootstrap, clustered, sign_flip, sign_test

# Darwin's maize: crossed minus self-fertilised, in eighths of an inch. Fisher, The Design of
# Experiments (1935), section 21: 863 of the 32,768 arrangements reach the sum or go beyond it.
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]

values = st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=2, max_size=60)


def test_fisher_on_darwins_maize():
    assert sign_flip(MAIZE) == pytest.approx(2 * 863 / 32768)


def test_drawn_signs_come_near_the_exact_ones():
    drawn = sign_flip([*MAIZE, *([1e-7] * 3)], seed=4)
    assert drawn == pytest.approx(2 * 863 / 32768, abs=0.01)


def test_equal_differences_are_the_sign_test():
    # Fagerland, Lydersen, Laake (BMC Med Res Methodol 2013, 13:91), table 3: 1 against 7.
    assert sign_flip([1] * 7 + [-1] + [0] * 13) == pytest.approx(0.070, abs=5e-4)
    assert sign_test(1, 7) == pytest.approx(2 * 9 / 256)
    assert sign_test(0, 0) == 1
    assert sign_flip([0.0, 0.0]) == 1


def test_many_differences_are_normal():
    rng = np.random.default_rng(1)
    deltas = rng.normal(0.05, 1, 2000)
    z = deltas.sum() / math.sqrt((deltas**2).sum())
    few = sign_flip(deltas[:400], seed=1)
    close = deltas[:400].sum() / math.sqrt((deltas[:400] ** 2).sum())
    assert sign_flip(deltas) == pytest.approx(math.erfc(abs(z) / math.sqrt(2)))
    assert few == pytest.approx(math.erfc(abs(close) / math.sqrt(2)), abs=0.02)


def test_flipping_by_cluster_is_more_careful():
    deltas, names = [1.0] * 20, ["a"] * 10 + ["b"] * 10
    assert sign_flip(deltas) < 0.001
    assert sign_flip(deltas, names) == 0.5


@given(values)
@settings(max_examples=40, deadline=None)
def test_a_p_value_is_one_and_does_not_know_the_direction(deltas: list[float]):
    p = sign_flip(deltas)
    assert 0 < p <= 1
    assert sign_flip([-delta for delta in deltas]) == pytest.approx(p, abs=0.03)


@given(values)
@settings(max_examples=40, deadline=None)
def test_a_bootstrap_interval_lies_between_the_extremes_around_the_mean(given_values: list[float]):
    found = bootstrap(given_values, rounds=400)
    assert found is not None
    assert found.mean == pytest.approx(np.mean(given_values), abs=1e-9)
    assert min(given_values) - 1e-9 <= found.low <= found.high <= max(given_values) + 1e-9


@pytest.mark.parametrize("n", [60, 400, 8000])
def test_bootstrap_and_t_agree_where_both_hold(n: int):
    given_values = np.random.default_rng(n).normal(3, 2, n)
    found, known = bootstrap(given_values), t_interval(given_values.tolist())
    assert found and known
    half = (known.high - known.low) / 2
    assert found.low == pytest.approx(known.low, abs=0.15 * half)
    assert found.high == pytest.approx(known.high, abs=0.15 * half)


def test_few_different_values_give_the_interval_of_a_share():
    found = bootstrap([1.0] * 60_000 + [0.0] * 40_000)
    assert found is not None
    half = 1.96 * math.sqrt(0.6 * 0.4 / 100_000)
    assert (found.low, found.high) == pytest.approx((0.6 - half, 0.6 + half), abs=2e-4)


def test_copies_of_a_value_in_a_cluster_add_no_certainty():
    rng = np.random.default_rng(3)
    means = rng.normal(0, 1, 80)
    alone = bootstrap(means, seed=1)
    copied = bootstrap(np.repeat(means, 10), np.repeat([f"d{i}" for i in range(80)], 10), seed=1)
    assert alone and copied
    assert copied.low == pytest.approx(alone.low, abs=0.02)
    assert copied.high == pytest.approx(alone.high, abs=0.02)


def test_the_clustered_error_is_the_one_of_statsmodels():
    import statsmodels.api as sm

    rng = np.random.default_rng(8)
    names = rng.integers(0, 40, 300)
    measured = rng.normal(0, 1, 300) + rng.normal(0, 1, 40)[names]
    fit = sm.OLS(measured, np.ones(300)).fit()
    robust = fit.get_robustcov_results("cluster", groups=names, use_correction=False)
    found = clustered(measured, [f"d{name}" for name in names]).error
    groups = len(set(names.tolist()))
    assert found == pytest.approx(float(robust.bse[0]) * math.sqrt(groups / (groups - 1)))


def test_a_blank_cluster_is_a_value_of_its_own():
    assert clustered([1, 2, 3, 4], ["", "a", "", "a"]).sums.tolist() != [4, 6]
    assert sorted(clustered([1, 2, 3, 4], ["", "a", "", "a"]).sums.tolist()) == [1, 3, 6]


def test_one_cluster_tells_nothing():
    assert bootstrap([1.0, 2.0, 3.0], ["a", "a", "a"]) is None
    assert bootstrap([1.0]) is None
    assert bootstrap([]) is None
    with pytest.raises(ValueError, match="3 values have 1 clusters"):
        bootstrap([1.0, 2.0, 3.0], ["a"])


def test_intervals_cover_what_they_promise():
    rng = np.random.default_rng(11)
    hit = 0
    for seed in range(300):
        level = rng.normal(0, 1, 40)
        names = np.repeat([f"d{i}" for i in range(40)], 3)
        found = bootstrap(np.repeat(level, 3) + rng.normal(0, 1, 120), names, seed, 500)
        hit += bool(found and found.low <= 0 <= found.high)
    assert 0.90 <= hit / 300 <= 0.985
