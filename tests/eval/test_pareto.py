"""The best runs for their cost."""

import pytest

from eval.pareto import pareto, pass_rate
from tests.eval.test_compare import side


def runs(**points: tuple[int, float]):
    return [
        side(
            name,
            [1.0] * hits + [0.0] * (100 - hits),
            metrics={"latency": [seconds + n / 1000 for n in range(100)]},
        )
        for name, (hits, seconds) in points.items()
    ]


def test_no_other_is_as_good_for_less():
    points = pareto(runs(fast=(40, 1.0), good=(70, 3.0), bad=(40, 2.0), slow=(70, 4.0)))
    assert [point.name for point in points if point.is_best] == ["fast", "good"]
    for point in points:
        assert point.passed.low < point.passed.mean < point.passed.high
        assert point.cost.low < point.cost.mean < point.cost.high


def test_equals_are_both_best():
    assert all(point.is_best for point in pareto(runs(a=(40, 1.0), b=(40, 1.0))))


def test_a_run_without_a_cost_has_no_place():
    assert pareto(runs(a=(40, 1.0)), "price") == ()
    assert pareto([side("A", [1.0, None], metrics={"latency": [None, None]})]) == ()


def test_the_pass_rate_is_by_document_where_samples_share_one():
    alone = pass_rate(side("A", [1.0] * 20 + [0.0] * 20))
    names = [f"d{n // 10}" for n in range(40)]
    together = pass_rate(side("A", [1.0] * 20 + [0.0] * 20, clusters=names))
    assert alone and together
    assert alone.low == pytest.approx(0.352, abs=1e-3)
    assert together.low < alone.low
    own = pass_rate(side("A", [1.0] * 20 + [0.0] * 20, clusters=[f"d{n}" for n in range(40)]))
    assert own == alone
    assert pass_rate(side("A", [None, None])) is None
