"""What servers say of themselves on their Prometheus pages, told in our names.

A page is fetched with a limit on time and size, parsed by Prometheus' own parser, and only the
names in names.py are taken from it. What a page does not name is absent, never 0.
"""

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.errors import BadReply, PlumblineError
from core.telemetry.names import FIGURES, Names, Series

if TYPE_CHECKING:
    from prometheus_client.samples import Sample

    from core.models.wire import Address

LIMIT = 8_000_000
NOTHING = "The page names nothing that is known of TGI, vLLM, LMCache or in your own names."
_EMPTY: Mapping[str, Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Told:
    """What pages told: figures by server; `reason` says why there are none or not all."""

    at: float
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: _EMPTY)
    reason: str = ""

    def figure(self, name: str) -> float | None:
        """Return a figure of the first server that tells it."""
        return next((told[name] for told in self.figures.values() if name in told), None)


def ask(pages: Iterable[tuple["Address", str]], known: Iterable[Names]) -> Told:
    """Read every page; one that fails is a reason and no more."""
    found: dict[str, Mapping[str, float]] = {}
    reasons: list[str] = []
    names = tuple(known)
    for address, path in pages:
        try:
            # The first page that tells of a server counts.
            found = {**figures(_page(address, path), names), **found}
        except PlumblineError as error:
            reasons.append(error.message)
    if not found and not reasons:
        reasons.append(NOTHING)
    return Told(time.time(), MappingProxyType(found), " ".join(reasons))


def figures(page: str, known: Iterable[Names]) -> dict[str, Mapping[str, float]]:
    """Return what a page tells, by server; raises BadReply where it is no Prometheus page."""
    samples = _samples(page)
    told = {}
    for names in known:
        mine = {
            ours: value
            for ours, theirs in names.figures.items()
            if (value := _value(samples, theirs, FIGURES[ours])) is not None
        }
        if mine:
            told[names.server] = MappingProxyType(mine)
    return told


def _samples(page: str) -> list["Sample"]:
    from prometheus_client.parser import text_string_to_metric_families

    try:
        return [one for family in text_string_to_metric_families(page) for one in family.samples]
    except (ValueError, IndexError, KeyError, AttributeError) as error:
        raise BadReply("The server's page of figures cannot be read.") from error


def _value(samples: list["Sample"], theirs: tuple[Series, ...], how: str) -> float | None:
    ways = [(series, name) for series in theirs for name in series.spelt]
    for series, name in ways:
        mine = [one.value for one in samples if one.name == name and series.has(one.labels)]
        good = [value for value in mine if math.isfinite(value)]
        if good:
            return sum(good) if how == "sum" else max(good)
    return None


def _page(address: "Address", path: str) -> str:
    from core.models import wire

    status, text = wire.text(address, path, LIMIT)
    if status == 404:
        raise BadReply(f"{address.host} has no page of figures.")
    if status != 200:
        raise BadReply(f"{address.host} answered {status} for its page of figures.")
    if len(text) >= LIMIT:
        raise BadReply(f"The page of figures of {address.host} is larger than {LIMIT:,} bytes.")
    return text
