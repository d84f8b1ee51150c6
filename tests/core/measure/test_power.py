"""Sample sizes against textbooks, G*Power and statsmodels, and against each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measure.paired import mcnemar
from core.measure.power import (
    detectable,
    detectable_mean,
    needed,
    needed_mean,
    power,
    power_mean,
)


def test_pairs_needed_as_in_the_textbook():
    # Chow, Shao, Wang: Sample Size Calculations in Clinical Research (2nd ed., 2008), 6.1.3:
    # 20 % and 50 % of pairs change one way and the other; 80 % power, 5 % level: 59 pairs.
    assert needed(0.3, differing=0.7) == 59


def test_paired_means_as_g_power_has_them():
    # G*Power 3 (Faul et al., Behavior Research Methods 2007), difference of two dependent means,
    # two-sided, effect 0.5, level 5 %: 34 pairs for a power of 0.8 (actual 0.8078), 54 for 0.95.
    assert needed_mean(0.5, 1.0) == 34
    assert power_mean(34, 0.5, 1.0) == pytest.approx(0.8078, abs=2e-3)
    assert needed_mean(0.5, 1.0, share=0.95) == 54


@pytest.mark.parametrize(("n", "effect"), [(12, 0.8), (40, 0.3), (900, 0.05), (5000, 0.01)])
def test_power_is_near_the_exact_one_of_statsmodels(n: int, effect: float):
    from statsmodels.stats.power import TTestPower

    known = TTestPower().power(effect_size=effect, nobs=n, alpha=0.05)
    assert power_mean(n, effect, 1.0) == pytest.approx(known, abs=0.006)


@given(st.floats(0.02, 0.4), st.floats(0.05, 0.9))
@settings(max_examples=60, deadline=None)
def test_what_is_needed_is_enough_and_no_more(effect: float, differing: float):
    n = needed(effect, differing)
    assert power(n, effect, differing) >= 0.8 - 1e-9
    if n > 2:
        assert power(n - 1, effect, differing) < 0.8
    smallest = detectable(n, differing)
    assert smallest is not None
    assert smallest <= effect + 1e-6


@given(st.floats(0.02, 2), st.floats(0.1, 1))
@settings(max_examples=40, deadline=None)
def test_means_too(effect: float, spread: float):
    n = needed_mean(effect, spread)
    assert power_mean(n, effect, spread) >= 0.8
    smallest = detectable_mean(n, spread)
    assert smallest is not None
    assert smallest <= effect + 1e-6


def test_too_few_pairs_detect_nothing():
    assert detectable(0) is None
    assert detectable(3) is None
    assert detectable(500) == pytest.approx(0.0685, abs=2e-3)
    assert detectable_mean(1, 1.0) is None
    assert detectable_mean(40, 0.0) is None
    assert power_mean(1, 5.0, 1.0) == 0
    with pytest.raises(ValueError, match="difference of 0"):
        needed(0)


def test_the_promised_power_is_what_runs_have():
    rng = np.random.default_rng(1)
    n = needed(0.15, differing=0.35)
    shown = 0
    for _ in range(600):
        drawn = rng.multinomial(n, [0.10, 0.25, 0.65])
        shown += mcnemar(0, int(drawn[0]), int(drawn[1])).midp <= 0.05
    assert 0.75 <= shown / 600 <= 0.86
