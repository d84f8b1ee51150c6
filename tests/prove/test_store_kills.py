"""The long version of the kill test: thirty writers in one folder, thirty in fresh ones."""

import random

import pytest

from tests.core.store import kills

pytestmark = pytest.mark.prove


def test_thirty_kills_in_one_folder(tmp_path):
    seed = random.SystemRandom().randrange(1_000_000)
    rows, lost = kills.survive(tmp_path, 30, seed)
    assert lost == [], f"seed {seed}"
    assert rows > 1000, f"seed {seed}: the writers hardly wrote"


def test_thirty_kills_while_the_file_is_new(tmp_path):
    seed = random.SystemRandom().randrange(1_000_000)
    dice = random.Random(seed)
    for number in range(30):
        folder = tmp_path / str(number)
        said = kills.kill_once(folder, seed + number, dice.uniform(0.15, 0.6))
        assert list(kills.missing(folder, [said])) == [], f"seed {seed}, kill {number}"
