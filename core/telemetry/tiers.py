"""What keeping conversations on flash costs the drive: written bytes, carried on for a day.

What was written is counted; that it goes on the same way is an assumption, so the result is
modelled and says so.
"""

from dataclasses import dataclass

DAY_S = 86_400.0
# What was seen for less time says nothing of a day.
LEAST_S = 60.0
FORMULA = (
    "bytes written so far / seconds so far · 86,400 s, over the size of the file system: "
    "a projection that takes the time so far for typical"
)


@dataclass(frozen=True, slots=True)
class Projection:
    """How much of the drive would be written in a day at the pace so far."""

    bytes_per_day: float
    drive_writes_per_day: float
    written_bytes: int
    capacity_bytes: int
    over_s: float
    origin: str = "modelled"
    formula: str = FORMULA


def drive_writes(written_bytes: int, seconds: float, capacity_bytes: int) -> Projection | None:
    """Carry on what was written for a day; None where it is too early or nothing was written."""
    if written_bytes <= 0 or seconds < LEAST_S or capacity_bytes <= 0:
        return None
    daily = written_bytes / seconds * DAY_S
    return Projection(daily, daily / capacity_bytes, written_bytes, capacity_bytes, seconds)
