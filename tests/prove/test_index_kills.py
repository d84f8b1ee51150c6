"""The long version of the kills aimed at the writing of a vector index."""

import random

import pytest

from bench import crash

pytestmark = pytest.mark.prove


def test_twenty_kills_aimed_at_the_writing_of_an_index_spoil_nothing(tmp_path):
    seed = random.SystemRandom().randrange(1_000_000)
    outcomes = crash.run(tmp_path, 20, seed, ("keeper",), first=2_000)["keeper"]
    assert [each for each in outcomes if crash.harm(each)] == [], f"seed {seed}"
    # Kills that all came too early or too late would prove nothing.
    assert any(each["repaired"] for each in outcomes), f"seed {seed}"
