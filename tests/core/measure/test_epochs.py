"""Parts of the variance against a published table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measure.epochs import epochs

# Shrout and Fleiss: Intraclass correlations: uses in assessing rater reliability. Psychological
# Bulletin 1979, 86:420-428, tables 2 to 4: within mean square 6.26, between 11.24, ICC(1,1) .17.
RATINGS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_shrout_and_fleiss():
    found = epochs(RATINGS)
    assert found is not None
    assert found.within == pytest.approx(6.26, abs=5e-3)
    assert found.between == pytest.approx((11.24 - 6.26) / 4, abs=5e-3)
    assert found.reliability == pytest.approx(0.17, abs=5e-3)
    assert (found.samples, found.epochs, found.steady) == (6, 4, 0)


def test_epochs_that_agree_have_no_variance_within():
    found = epochs([[1, 1], [0, 0], [1, 1]])
    assert found is not None
    assert (found.within, found.steady, found.reliability) == (0, 1, 1)


def test_one_epoch_or_one_sample_tells_nothing():
    assert epochs([[1], [0]]) is None
    assert epochs([[1, 0]]) is None
    assert epochs([]) is None


def test_epochs_that_are_all_alike_have_no_reliability():
    found = epochs([[1, 1], [1, 1]])
    assert found is not None
    assert found.reliability is None


@given(st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=5), min_size=3, max_size=20))
@settings(max_examples=50, deadline=None)
def test_parts_are_never_negative(rows: list[list[int]]):
    found = epochs(rows)
    if found is None:
        return
    assert found.within >= 0
    assert found.between >= 0
    assert found.mean.low <= found.mean.mean <= found.mean.high
