"""How a time reads: durations, moments, days.

It knows clocks and calendars. Moments are kept in UTC and shown as such unless told otherwise.
"""

from datetime import UTC, date, datetime

from core.present.numbers import DASH, THIN, digits, with_unit

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def seconds(value: float | None) -> str:
    """Return a duration in the unit that suits it: ms, s, min, h, days."""
    if value is None:
        return DASH
    if abs(value) < 0.1:
        return with_unit(value * 1000, "ms") if value else f"0{THIN}s"
    if abs(value) < 60:
        return with_unit(value, "s")
    return _long(round(value))


def moment(when: datetime | None) -> str:
    """Return a moment to the minute, in UTC."""
    if when is None:
        return DASH
    told = when.astimezone(UTC)
    return f"{told.day} {MONTHS[told.month - 1]} {told.year}, {told:%H:%M} UTC"


def day(when: datetime, today: date | None = None) -> str:
    """Return how far back a moment is, in the words of a list."""
    now = today or datetime.now(UTC).date()
    back = (now - when.astimezone(UTC).date()).days
    if back <= 0:
        return "Today"
    if back == 1:
        return "Yesterday"
    return "This week" if back < 7 else "Earlier"


def rate(value: float | None, unit: str) -> str:
    """Return how many per second."""
    shown = digits(value)
    return shown if shown == DASH else f"{shown}{THIN}{unit}/s"


def _long(value: int) -> str:
    minutes, rest = divmod(value, 60)
    if minutes < 60:
        return f"{minutes}{THIN}min" + (f" {rest}{THIN}s" if rest else "")
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}{THIN}h" + (f" {minutes}{THIN}min" if minutes else "")
    days, hours = divmod(hours, 24)
    return f"{days}{THIN}days" + (f" {hours}{THIN}h" if hours else "")
