"""A sample that fails leaves the others alone, and says why."""

import pytest

from core.errors import Overloaded, Stopped
from eval.boundary import Trouble, attempted


def test_what_goes_well_is_handed_on():
    assert attempted(lambda: 7) == 7


def test_a_known_error_keeps_its_words_and_whether_it_passes():
    def fail() -> None:
        raise Overloaded("Too much to do.", "Wait.", retry_after=7)

    told = attempted(fail)
    assert isinstance(told, Trouble)
    assert (told.kind, told.text, told.retry_after) == ("overloaded", "Too much to do. Wait.", 7)
    assert told.retryable
    assert not told.trace


def test_an_unknown_error_keeps_its_trace():
    told = attempted(lambda: [][0])
    assert isinstance(told, Trouble)
    assert told.kind == "IndexError"
    assert "lambda" in told.trace
    assert not told.retryable


def test_a_wish_to_stop_is_passed_on():
    def fail() -> None:
        raise Stopped("The run was asked to end.")

    with pytest.raises(Stopped):
        attempted(fail)
