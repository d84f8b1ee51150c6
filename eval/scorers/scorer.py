"""What a scorer is: its description, what it may use, and what it finds.

It knows the shape of all scorers and none of them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from core.measure.verdict import POINTS, Better
from core.messages import ModelCard
from core.records import Item, Sample, Score
from core.seams import Generator, SupportScorer
from core.settings import Settings

_ODD = re.compile(r"[^\w.]+")
Needs = Literal["", "generator", "support"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a scorer finds. No value is unscored, and `why` says why."""

    value: float | None
    passed: bool | None = None
    why: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """What a scorer may use beside the sample; `at_once` answers were made side by side."""

    options: Mapping[str, Any] = field(default_factory=dict)
    settings: Settings | None = None
    generator: Generator | None = None
    support: SupportScorer | None = None
    card: ModelCard | None = None
    at_once: int = 1


@dataclass(frozen=True, slots=True)
class Case:
    """A sample, what was asked, and what may be used to score it."""

    item: Item
    sample: Sample
    given: Given


Find = Callable[[Case], Found]


@dataclass(frozen=True, slots=True)
class About:
    """A scorer as it is listed: what it measures, in which unit, which direction is better.

    `options` are its settings with their defaults. A new `version` is due whenever a stored
    sample could get another score than before.
    """

    name: str
    title: str
    does: str
    find: Find
    version: str = "1"
    unit: str = POINTS
    better: Better = "higher"
    needs: Needs = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Return the name with its version."""
        return f"{self.name}@{self.version}"


class Scorer(Protocol):
    """Says how good a sample is, always in the same way."""

    name: str
    version: str

    def score(self, item: Item, sample: Sample) -> Score:
        """Return the score of one sample."""
        ...


class Made:
    """A scorer with all it needs."""

    def __init__(self, about: About, given: Given) -> None:
        self.about, self.given = about, given
        self.name, self.version = about.name, about.version
        if given.support is not None and about.needs == "support":
            self.version += "-" + _ODD.sub("-", given.support.name()).strip("-")

    def score(self, item: Item, sample: Sample) -> Score:
        """Return the score of one sample, with the settings it was made with."""
        found = self.about.find(Case(item, sample, self.given))
        used = dict(self.given.options)
        return Score(
            sample.run_id,
            item.id,
            self.name,
            self.version,
            sample.epoch,
            found.value,
            found.passed,
            found.why,
            {**found.details, **({"settings": used} if used else {})},
        )
