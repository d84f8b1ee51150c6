"""The scorers of one run, made once and applied to every sample of it.

It knows which parts a scorer needs and where they come from. What a score says is each
scorer's matter, and what a failing one leaves behind is in eval/boundary.py.
"""

from collections.abc import Callable, Sequence

from core.messages import ModelCard
from core.records import Item, Sample, Score
from core.seams import Generator, SupportScorer
from core.settings import Settings
from eval.scorers import SCORERS, Scorer, apply, make
from eval.scorers.making import about


def criterion_and(names: Sequence[str], criterion: str) -> tuple[str, ...]:
    """Return what a run is scored by, its criterion first, each name once and as it is known."""
    wanted = [about(name) for name in (criterion, *names)]
    return tuple(dict.fromkeys(each.mark for each in wanted))


def known() -> list[str]:
    """Return the name of every scorer."""
    return list(SCORERS)


class Jury:
    """Scores samples; a model that judges is asked for when the first scorer needs it."""

    def __init__(
        self,
        names: Sequence[str],
        settings: Settings,
        judge: Callable[[], Generator | None],
        card: Callable[[], ModelCard | None],
    ) -> None:
        self._names = tuple(names)
        self._settings = settings
        self._judge = judge
        self._card = card
        self._made: list[Scorer] | None = None

    def scores(self, item: Item, sample: Sample) -> list[Score]:
        """Return what every scorer says of a sample."""
        if self._made is None:
            self._made = [self._make(name) for name in self._names]
        return [apply(scorer, item, sample) for scorer in self._made]

    def _make(self, name: str) -> Scorer:
        needs = about(name).needs
        return make(
            name,
            self._settings,
            generator=self._judge() if needs == "generator" else None,
            support=_support() if needs == "support" else None,
            card=self._card(),
        )


def _support() -> SupportScorer | None:
    """Return what tells whether evidence supports a claim."""
    from core.assistant.scorer import Agreement

    return Agreement()
