"""Numbers read the same everywhere: three digits, a thin unit, a dash for unmeasured."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.present.numbers import DASH, count, digits, percent, size, with_unit


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.31234, "0.312"),
        (0.3, "0.3"),
        (61.04, "61"),
        (61.25, "61.2"),
        (1234.5, "1,230"),
        (999.96, "1,000"),
        (0.00012345, "0.000123"),
        (-5.5, "−5.5"),
        (0, "0"),
        (math.inf, "∞"),
        (None, DASH),
        (math.nan, DASH),
    ],
)
def test_three_significant_digits(value, shown):
    assert digits(value) == shown


def test_units_stand_after_a_thin_space_and_never_after_a_dash():
    assert with_unit(0.3, "s") == "0.3\u2009s"
    assert with_unit(None, "s") == DASH


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0\u00a0tokens"),
        (1, "1\u00a0token"),
        (412, "412\u00a0tokens"),
        (9_999, "9,999\u00a0tokens"),
        (12_345, "12.3k\u00a0tokens"),
        (999_999, "1M\u00a0tokens"),
        (None, DASH),
    ],
)
def test_counts_are_exact_until_they_are_long(value, shown):
    assert count(value, "token") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0\u2009B"), (71_000_000, "71\u2009MB"), (999_999, "1\u2009MB"), (1500, "1.5\u2009kB")],
)
def test_bytes_are_decimal(value, shown):
    assert size(value) == shown


def test_unmeasured_is_never_zero():
    assert {digits(None), count(None, "token"), size(None), percent(None)} == {DASH}


@given(st.floats(min_value=1e-9, max_value=1e14))
def test_what_is_shown_is_within_half_a_percent(value):
    shown = float(digits(value).replace(",", ""))
    assert shown == pytest.approx(value, rel=0.0051)
