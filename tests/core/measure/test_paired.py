"""Paired comparisons against published tables, statsmodels, and their own promises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measure.paired import (
    Paired,
    holm,
    mcnemar,
    newcombe,
    paired,
    permutation,
)

booleans = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=80)


# Fagerland, Lydersen, Laake: The McNemar test for binary matched-pairs data: mid-p and asymptotic
# are better than exact conditional. BMC Medical Research Methodology 2013, 13:91, tables 1 to 3.
@pytest.mark.parametrize(
    ("table", "exact", "midp"),
    [((1, 1, 7, 12), 0.070, 0.039), ((59, 6, 16, 80), 0.052, 0.035)],
)
def test_mcnemar_as_published(table: tuple[int, int, int, int], exact: float, midp: float):
    found = mcnemar(*table)
    assert found.exact == pytest.approx(exact, abs=5e-4)
    assert found.midp == pytest.approx(midp, abs=5e-4)
    assert found.n == sum(table)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (3, 3), (0, 5), (12, 40), (1000, 1103)])
def test_mcnemar_equals_that_of_statsmodels(first: int, second: int):
    from statsmodels.stats.contingency_tables import mcnemar as known

    found = mcnemar(10, first, second, 5)
    assert found.exact == pytest.approx(known([[10, first], [second, 5]], exact=True).pvalue)
    assert 0 < found.midp <= found.exact <= 1


# Newcombe: Improved confidence intervals for the difference between binomial proportions based on
# paired data. Statistics in Medicine 1998, 17:2635-2650, table II, method 10; and the second of
# the tables above as Fagerland, Lydersen, Laake: Statistical Analysis of Contingency Tables
# (2017), chapter 8, and its R package contingencytables have it.
@pytest.mark.parametrize(
    ("table", "expected"),
    [((36, 12, 2, 0), (0.2, 0.0569, 0.3404)), ((59, 6, 16, 80), (-0.0621, -0.1186, -0.0046))],
)
def test_newcombe_as_published(table: tuple[int, ...], expected: tuple[float, float, float]):
    both, first, second, neither = table
    found = newcombe(mcnemar(both, first, second, neither))
    assert found is not None
    assert (-found.mean, -found.high, -found.low) == pytest.approx(expected, abs=5e-5)


@given(booleans)
@settings(max_examples=60, deadline=None)
def test_newcombe_holds_the_difference_and_turns_with_it(pairs: list[tuple[bool, bool]]):
    one, two = zip(*pairs, strict=True)
    there, back = paired(one, two), paired(two, one)
    assert there and back and there.table and back.table
    assert -1 <= there.delta.low <= there.delta.mean <= there.delta.high <= 1
    assert there.delta.low == pytest.approx(-back.delta.high, abs=1e-12)
    assert there.p == pytest.approx(back.p)
    assert there.table.midp <= there.table.exact
    assert there.delta.high - there.delta.low > 0


@given(booleans)
@settings(max_examples=40, deadline=None)
def test_permutation_of_passes_is_mcnemars_exact_test(pairs: list[tuple[bool, bool]]):
    one, two = zip(*pairs, strict=True)
    cells = [sum(pair == cell for pair in pairs) for cell in ((True, False), (False, True))]
    assert permutation(one, two) == pytest.approx(mcnemar(0, *cells).exact)


# Few examples: statsmodels collects all garbage of the process each time.
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=6, deadline=None)
def test_holm_equals_that_of_statsmodels(pvalues: list[float]):
    from statsmodels.stats.multitest import multipletests

    found = holm({str(place): p for place, p in enumerate(pvalues)})
    known = multipletests(pvalues, method="holm")[1]
    assert list(found.values()) == pytest.approx(list(known))


def test_holm_by_hand():
    # Holm (Scandinavian Journal of Statistics 1979, 6:65-70): p times how many are left.
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06}
    )
    assert holm({}) == {}


def test_what_either_lacks_is_left_out_of_both():
    nan = float("nan")
    found = paired([1, 0, nan, 1], [1, 1, 1, nan])
    assert found is not None
    assert (found.n, found.first, found.second) == (2, 0.5, 1.0)


def test_samples_of_one_document_are_tested_by_document():
    one = [0.0] * 40
    two = [1.0] * 20 + [0.0] * 20
    alone = paired(one, two)
    names = [f"d{i // 10}" for i in range(40)]
    together = paired(one, two, names)
    assert alone and together
    assert (alone.test, together.test) == ("McNemar", "permutation")
    assert alone.is_shown and not together.is_shown
    assert together.clusters == 4
    assert together.spread > alone.spread
    spread = paired(one, two, [f"d{i}" for i in range(40)])
    assert spread is not None
    assert spread.test == "McNemar"


def test_measures_are_compared_by_their_size():
    rng = np.random.default_rng(2)
    one = rng.random(200)
    found = paired(one, one + rng.normal(0.05, 0.02, 200))
    assert found is not None
    assert found.test == "permutation"
    assert found.table is None
    assert found.is_shown
    assert found.delta.mean == pytest.approx(0.05, abs=0.01)


def test_too_few_samples_are_no_comparison():
    assert paired([], []) is None
    assert paired([1.0], [0.0]) is None
    assert paired([1.0, 0.0], [0.0, 0.0], ["a", "a"]) is None
    with pytest.raises(ValueError, match="cannot be paired"):
        paired([1.0], [0.0, 1.0])


def test_equal_ways_are_shown_to_differ_as_often_as_promised():
    rng = np.random.default_rng(6)
    shown = 0
    for _ in range(400):
        found = paired(rng.random(60) < 0.5, rng.random(60) < 0.5)
        shown += isinstance(found, Paired) and found.is_shown
    assert shown / 400 <= 0.075
