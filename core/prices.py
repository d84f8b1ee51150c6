"""What a model costs, as the setting PRICES writes it: `NAME=IN/OUT` or `NAME=X/h`, by commas.

It knows how prices are written. It does not know which model runs, or for how long.
"""

import re
from dataclasses import dataclass

_PRICE = re.compile(r"(.+)=\s*(\d+(?:\.\d+)?)\s*/\s*(h|\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens read and written, or for an hour of the machine."""

    text: str
    read: float = 0.0
    write: float = 0.0
    hour: float | None = None


def table(text: str) -> dict[str, Price]:
    """Return the price of every model that is written as one."""
    found = [match for entry in _entries(text) if (match := _PRICE.fullmatch(entry))]
    return {match[1].strip(): _price(match[2], match[3]) for match in found}


def strange(text: str) -> list[str]:
    """Return the entries that are no price."""
    return [entry for entry in _entries(text) if not _PRICE.fullmatch(entry)]


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _price(first: str, second: str) -> Price:
    text = f"{first}/{second}"
    if second == "h":
        return Price(text, hour=float(first))
    return Price(text, float(first), float(second))
