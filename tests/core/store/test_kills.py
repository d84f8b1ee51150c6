"""Nothing acknowledged is lost to a kill -9; `make prove` runs the long version."""

import random

import pytest

from tests.core.store import kills

KILLS = 4


@pytest.mark.slow
def test_acknowledged_rows_survive_kills(tmp_path):
    seed = random.SystemRandom().randrange(1_000_000)
    _, lost = kills.survive(tmp_path, KILLS, seed)
    assert lost == [], f"seed {seed}"
    # Writers that never got to write would prove nothing: one more lives until it has.
    life_s = kills.LIFE_S
    while not (said := kills.kill_once(tmp_path, seed, life_s)).messages:
        life_s *= 2
    assert list(kills.missing(tmp_path, [said])) == []
