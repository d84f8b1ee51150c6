"""The settings drawer: blanks are defaults, and what is wrong is said, not mended."""

import pytest

from core.assistant.options import Options
from core.errors import BadInput
from pages._options import as_options, summary


def test_blank_fields_are_the_defaults():
    assert as_options(None, None, None, None, None) == Options()
    assert as_options("", 0, 1, None, " ") == Options()


def test_fields_become_options():
    given = as_options("Be brief.", 0.7, 0.9, 64, "42")
    assert given == Options("Be brief.", 0.7, 0.9, 64, 42)


@pytest.mark.parametrize("seed", ["x", "4.2", "-1", "1e3"])
def test_a_seed_must_be_a_whole_number(seed):
    with pytest.raises(BadInput, match="whole number"):
        as_options("", 0, 1, None, seed)


def test_the_summary_names_what_differs():
    assert "temperature 0" in summary(Options())
    assert "top-p" not in summary(Options())
    told = summary(Options("x", 0.25, 0.9, 64, 7))
    for part in ("temperature 0.25", "top-p 0.9", "64\u00a0tokens", "seed 7", "system prompt"):
        assert part in told
    assert "needs a look" in summary(None)
