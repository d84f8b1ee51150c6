"""Times read the same everywhere."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.present.numbers import DASH
from core.present.times import day, moment, rate, seconds


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, DASH),
        (0, "0\u2009s"),
        (0.0179, "17.9\u2009ms"),
        (0.3, "0.3\u2009s"),
        (59.4, "59.4\u2009s"),
        (60, "1\u2009min"),
        (125, "2\u2009min 5\u2009s"),
        (3_600, "1\u2009h"),
        (3_720, "1\u2009h 2\u2009min"),
        (3 * 86_400, "3\u2009days"),
    ],
)
def test_durations(value, shown):
    assert seconds(value) == shown


def test_moments_are_in_utc():
    assert moment(datetime(2026, 11, 2, 3, 4, tzinfo=UTC)) == "2 Nov 2026, 03:04 UTC"
    assert moment(None) == DASH


@pytest.mark.parametrize(
    ("back", "word"), [(0, "Today"), (1, "Yesterday"), (6, "This week"), (7, "Earlier")]
)
def test_days_in_the_words_of_a_list(back, word):
    when = datetime(2026, 11, 21, 12, tzinfo=UTC) - timedelta(days=back)
    assert day(when, date(2026, 11, 21)) == word


def test_rates():
    assert rate(61.04, "tok") == "61\u2009tok/s"
    assert rate(None, "tok") == DASH
