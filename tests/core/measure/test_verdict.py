"""Verdicts read as they should and never contradict their own numbers."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measure.intervals import Estimate
from core.measure.paired import Paired, paired
from core.measure.verdict import amount, chance, verdict


def found(low: float, mean: float, high: float, p: float, n: int = 600, **more) -> Paired:
    return Paired(n, n, 0.5, 0.5 + mean, Estimate(mean, low, high), p, "McNemar", **more)


def test_a_difference_that_is_shown():
    said = verdict("A", "B", found(0.021, 0.062, 0.103, 0.004))
    assert said.sentence == "B is better by 6.2 points (95 % 2.1 to 10.3, McNemar p=0.004)."
    assert (said.better, said.is_shown) == ("second", True)


def test_the_first_may_be_the_better_one():
    said = verdict("A", "B", found(-0.103, -0.062, -0.021, 0.004))
    assert said.sentence == "A is better by 6.2 points (95 % 2.1 to 10.3, McNemar p=0.004)."
    assert said.better == "first"


def test_of_seconds_less_is_better():
    said = verdict("A", "B", found(-0.9, -0.5, -0.1, 0.0004), "s", "lower")
    assert said.sentence == "B is better by 0.5 s (95 % 0.1 to 0.9 s, McNemar p<0.001)."
    assert said.better == "second"


def test_a_measure_without_a_good_direction_is_only_higher():
    said = verdict("A", "B", found(2, 4, 6, 0.01), "words", "")
    assert said.sentence == "B is higher by 4 words (95 % 2 to 6 words, McNemar p=0.01)."
    assert said.better == ""


def test_no_difference_says_what_would_show_one():
    said = verdict("A", "B", found(-0.04, 0.01, 0.06, 0.7))
    assert said.sentence.startswith(
        "No difference shown (B +1 point, 95 % −4 to 6, McNemar p=0.7); "
    )
    assert re.search(r"; [\d,]+ more samples would detect 5 points\.$", said.sentence)
    # 1.96 + 0.84 standard deviations of sqrt(600) * 0.05 / 1.96 each, against 0.05.
    assert said.more == pytest.approx(((1.96 + 0.8416) / 1.96) ** 2 * 600 - 600, abs=8)


def test_a_run_that_was_large_enough_says_so():
    said = verdict("A", "B", found(-0.01, 0.002, 0.014, 0.7, n=8000))
    assert said.more is None
    assert said.sentence.endswith("; these 8,000 samples would have shown 1.7 points.")


def test_no_difference_at_all_is_no_proof_of_none():
    same = [1.0] * 30 + [0.0] * 10
    said = verdict("A", "B", paired(same, same))
    assert said.sentence.startswith("No difference shown (B 0 points, 95 % −")
    assert said.more and said.more > 50
    assert said.detectable and said.detectable > 0.05


def test_the_corrected_p_decides():
    said = verdict("A", "B", found(0.01, 0.05, 0.09, 0.02, holm=0.08))
    assert said.sentence.startswith("No difference shown")
    assert "p=0.08 after Holm" in said.sentence


def test_samples_that_share_documents_are_named():
    one = Paired(40, 4, 0.0, 0.5, Estimate(0.5, 0.1, 0.9), 0.03, "permutation")
    assert "permutation by document p=0.03" in verdict("A", "B", one).sentence


def test_nothing_in_common():
    assert verdict("A", "B", None).sentence == "Too few samples in common to compare."


@pytest.mark.parametrize(
    ("p", "shown"),
    [(0.0004, "p<0.001"), (0.0042, "p=0.004"), (0.0494, "p=0.049"), (0.31, "p=0.31"), (1, "p=1")],
)
def test_chance(p: float, shown: str):
    assert chance(p) == shown


def test_amounts():
    assert amount(0.01) == "1 point"
    assert amount(-0.0521, signed=True) == "−5.2 points"
    assert amount(1.234, "s", signed=True) == "+1.23 s"
    assert amount(0, signed=True) == "0 points"


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=120))
@settings(max_examples=80, deadline=None)
def test_a_verdict_never_contradicts_its_interval(pairs: list[tuple[bool, bool]]):
    one, two = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    measured = paired(one, two)
    assert measured is not None
    said = verdict("A", "B", measured)
    if said.is_shown:
        assert (said.better == "second") == (two.mean() > one.mean())
        assert not measured.delta.low <= 0 <= measured.delta.high
        assert measured.p <= 0.05
    else:
        assert said.better == ""
