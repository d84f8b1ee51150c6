"""The kept index survives kills aimed at its writing; `make bench-crash` runs a hundred."""

import random

import pytest

from bench import crash


@pytest.mark.slow
def test_kills_aimed_at_the_writing_of_an_index_spoil_nothing(tmp_path):
    seed = random.SystemRandom().randrange(1_000_000)
    outcomes = crash.run(tmp_path, 3, seed, ("keeper",), first=500)["keeper"]
    assert [crash.harm(each) for each in outcomes] == [0, 0, 0], f"seed {seed}: {outcomes}"


def test_harm_is_counted_by_kills():
    fine = {"readable": True, "lost": 0, "wrong": 0}
    gone = {"readable": False, "why": "segmentation fault"}
    torn = {"readable": True, "lost": 7, "wrong": 2, "seconds": 1.26, "repaired": True}
    torn |= {"served_at_once": False, "rebuilt": True}
    assert [crash.harm(each) for each in (fine, gone, torn)] == [0, 1, 1]
    assert crash.summed([fine, gone, gone]) == {"unreadable": 2, "lost": 0, "wrong": 0}
    assert crash.summed([fine, torn]) == {
        "unreadable": 0,
        "lost": 1,
        "wrong": 1,
        "served_at_once": 0,
        "repaired": 1,
        "rebuilt": 1,
        "open_and_repair_p50_s": 1.26,
        "open_and_repair_max_s": 1.26,
    }
