"""Ranking figures equal hand-computed ones and scikit-learn's; intervals cover what they should."""

import math
import random

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from core.measure.ranking import (
    Estimate,
    estimate,
    estimates,
    metrics,
    ndcg,
    paired,
    recall,
    reciprocal_rank,
)


def test_recall_counts_what_is_among_the_first():
    assert recall([1, 7, None, 5], 5) == 0.5
    assert recall([6], 5) == 0
    assert recall([None], 5) == 0


def test_reciprocal_rank_is_that_of_the_first_relevant():
    assert reciprocal_rank([4, 2, None]) == 0.5
    assert reciprocal_rank([11]) == 0
    assert reciprocal_rank([None]) == 0


def test_ndcg_by_hand():
    gained = 1 / math.log2(2) + 1 / math.log2(4)
    ideal = 1 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg([3, 1, None]) == pytest.approx(gained / ideal)
    assert ndcg([1]) == 1
    assert ndcg([11]) == 0


def test_ndcg_cannot_ask_for_more_than_its_depth_holds():
    assert ndcg(list(range(1, 16))) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(20))
def test_ndcg_equals_that_of_scikit_learn(seed: int):
    rng = random.Random(seed)
    total, relevant = 30, rng.randint(1, 12)
    places = rng.sample(range(1, total + 1), relevant)
    truth = np.array([[float(rank in places) for rank in range(1, total + 1)]])
    scores = np.array([[float(total - rank) for rank in range(1, total + 1)]])
    assert ndcg(places) == pytest.approx(ndcg_score(truth, scores, k=10))


def test_metrics_have_a_name_each():
    assert metrics([2], (1, 5)) == {
        "recall@1": 0,
        "recall@5": 1,
        "mrr@10": 0.5,
        "ndcg@10": pytest.approx(1 / math.log2(3)),
    }


def test_an_interval_is_the_one_a_share_has():
    found = estimate([1.0] * 60 + [0.0] * 40)
    assert found is not None
    assert found.mean == pytest.approx(0.6)
    half = 1.96 * math.sqrt(0.6 * 0.4 / 100)
    assert found.low == pytest.approx(0.6 - half, abs=0.02)
    assert found.high == pytest.approx(0.6 + half, abs=0.02)
    assert estimate([1.0, 0.0], seed=3) == estimate([1.0, 0.0], seed=3)


def test_nothing_measured_is_no_estimate():
    assert estimate([]) is None
    assert paired([], []) is None
    assert estimates([]) == {}


def test_a_paired_interval_is_narrower_than_two_apart():
    rng = random.Random(5)
    first = [rng.random() for _ in range(200)]
    second = [value + 0.05 for value in first]
    found = paired(first, second)
    assert found is not None
    assert found.mean == pytest.approx(0.05)
    assert found.high - found.low < 0.001
    with pytest.raises(ValueError, match="zip"):
        paired([1.0], [])


def test_estimates_are_made_per_figure():
    assert estimates([{"a": 1.0, "b": 0.0}, {"a": 1.0, "b": 0.0}]) == {
        "a": Estimate(1, 1, 1),
        "b": Estimate(0, 0, 0),
    }
