"""The scorers of one run, made once and applied to every sample of it.

It knows which parts a scorer needs and where they come from. What a score says is each
scorer's matter, and what a failing one leaves behind is in eval/boundary.py.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.messages import ModelCard
from core.records import Item, Sample, Score
from core.seams import Generator, SupportScorer
from core.settings import Settings

if TYPE_CHECKING:
    from eval.scorers import Scorer


def criterion_and(names: Sequence[str], criterion: str) -> tuple[str, ...]:
    """Return what a run is scored by, its criterion first, each name once and as it is known."""
    from eval.scorers.making import about

    wanted = [about(name) for name in (criterion, *names)]
    return tuple(dict.fromkeys(each.mark for each in wanted))


def known() -> list[str]:
    """Return the name of every scorer."""
    from eval.scorers import SCORERS

    return list(SCORERS)


class Jury:
    """Scores samples; a model that judges is asked for when the first scorer needs it."""

    def __init__(
        self,
        names: Sequence[str],
        settings: Settings,
        judge: Callable[[], Generator | None],
        card: Callable[[], ModelCard | None],
        support: SupportScorer,
        at_once: Callable[[], int] = lambda: 1,
    ) -> None:
        self._names = tuple(names)
        self._settings = settings
        self._judge = judge
        self._card = card
        self._support = support
        self._at_once = at_once
        self._made: list[Scorer] | None = None
        self._is_told = False

    def scores(self, item: Item, sample: Sample) -> list[Score]:
        """Return what every scorer says of a sample."""
        from eval.scorers import apply

        # Answers from earlier runs are scored before any model is there to be told of.
        if self._made is None or (not self._is_told and self._card() is not None):
            self._is_told = self._card() is not None
            self._made = [self._make(name) for name in self._names]
        return [apply(scorer, item, sample) for scorer in self._made]

    def _make(self, name: str) -> "Scorer":
        from eval.scorers.making import about, make

        needs = about(name).needs
        return make(
            name,
            self._settings,
            generator=self._judge() if needs == "generator" else None,
            support=self._support if needs == "support" else None,
            card=self._card(),
            at_once=self._at_once(),
        )
