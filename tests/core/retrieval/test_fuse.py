"""Ranks are brought together by weight; scores do not matter."""

import pytest

from core.retrieval.fuse import fuse


def test_scores_are_weighted_reciprocal_ranks():
    found = dict(fuse({"a": [(1, 9.0), (2, 8.0)], "b": [(2, 0.1)]}, {"a": 1.0, "b": 2.0}, 60))
    assert found == {1: pytest.approx(1 / 61), 2: pytest.approx(1 / 62 + 2 / 61)}


def test_what_both_put_high_comes_first():
    both = {"a": [(1, 3.0), (2, 2.0), (3, 1.0)], "b": [(4, 3.0), (2, 2.0), (5, 1.0)]}
    assert fuse(both, {"a": 1.0, "b": 1.0})[0][0] == 2


def test_the_size_of_scores_does_not_matter():
    small = {"a": [(1, 0.1), (2, 0.01)], "b": [(2, 0.2)]}
    large = {"a": [(1, 1e6), (2, 1e5)], "b": [(2, 7.0)]}
    assert fuse(small, {"a": 1, "b": 1}) == fuse(large, {"a": 1, "b": 1})


def test_nothing_fuses_to_nothing():
    assert fuse({"a": [], "b": []}, {"a": 1, "b": 1}) == []
