"""A day of writing is carried on from what was written, and not from too little."""

import pytest

from core.telemetry.tiers import drive_writes

GB = 1_000_000_000


def test_what_was_written_in_an_hour_is_carried_on_for_a_day():
    found = drive_writes(2 * GB, 3600, 96 * GB)
    assert found is not None
    assert found.bytes_per_day == pytest.approx(48 * GB)
    assert found.drive_writes_per_day == pytest.approx(0.5)
    assert (found.origin, found.written_bytes, found.over_s) == ("modelled", 2 * GB, 3600)
    assert "projection" in found.formula


@pytest.mark.parametrize(
    ("written", "seconds", "capacity"), [(0, 3600, GB), (GB, 59.9, GB), (GB, 3600, 0)]
)
def test_too_little_gives_no_projection(written: int, seconds: float, capacity: int):
    assert drive_writes(written, seconds, capacity) is None
