"""How a number reads: three significant digits, a thin space before its unit.

It knows digits and units. It does not know what is being counted, and it never turns an
unmeasured value into a zero: None is a dash.
"""

import math

DASH = "—"
THIN = "\u2009"
TIED = "\u00a0"
BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
COUNT_UNITS = ("", "k", "M", "B", "T")


def digits(value: float | None, significant: int = 3) -> str:
    """Return a number with so many significant digits and no idle zeros."""
    if value is None or math.isnan(value):
        return DASH
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    places = significant - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    text = f"{rounded:,.{max(places, 0)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def with_unit(value: float | None, unit: str) -> str:
    """Return a number and its unit, or a dash."""
    shown = digits(value)
    return shown if shown == DASH else f"{shown}{THIN}{unit}"


def count(value: int | None, noun: str = "", plural: str = "") -> str:
    """Return a whole number with its noun: exact below ten thousand, then shortened."""
    if value is None:
        return DASH
    shown = f"{value:,}" if abs(value) < 10_000 else _scaled(value, COUNT_UNITS, "")
    word = noun if abs(value) == 1 else plural or f"{noun}s"
    return f"{shown}{TIED}{word}" if noun else shown


def percent(share: float | None) -> str:
    """Return a share between 0 and 1 as a percentage."""
    return with_unit(None if share is None else share * 100, "%")


def size(value: float | None) -> str:
    """Return bytes in decimal units."""
    return DASH if value is None else _scaled(value, BYTE_UNITS, THIN)


def _scaled(value: float, units: tuple[str, ...], space: str) -> str:
    """Divide by a thousand until three digits are left in front, rounding included."""
    step = 0
    while step < len(units) - 1 and abs(float(f"{value:.3g}")) >= 1000:
        value /= 1000
        step += 1
    return f"{digits(value)}{space}{units[step]}"
