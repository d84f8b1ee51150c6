"""Runs as they are read: their samples by the page, what they come to, how two of them compare.

It knows who may read what. It changes nothing.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.records import Answered, Outcome, Page, Run
from core.store.samples import ItemRows, SampleRows
from eval import report
from eval.rights import Rights

if TYPE_CHECKING:
    from eval.compare import Comparison, Side


class Reading:
    """What is read of runs; None as owner reads all."""

    rights: Rights
    items: ItemRows
    samples_kept: SampleRows

    def get(self, id: str, owner: str | None = None) -> Run:
        """Return a run by its id, or the newest of a name."""
        return self.rights.shown(self.rights.readable(id, owner), owner)

    def samples(
        self,
        id: str,
        owner: str | None = None,
        page: int = 1,
        size: int = 50,
        *,
        outcome: str = "",
        kind: str = "",
        text: str = "",
        sort: str = "position",
        descending: bool = False,
    ) -> Page[Answered]:
        """Return a page of a run's samples with everything that is known of each."""
        return self.samples_kept.page(
            self.get(id, owner).id,
            page,
            size,
            outcome=outcome,
            kind=kind,
            text=text,
            sort=sort,
            descending=descending,
        )

    def sample(self, id: str, position: int, epoch: int = 0, owner: str | None = None) -> Answered:
        """Return one sample."""
        return self.samples_kept.one(self.get(id, owner).id, position, epoch)

    def walk(
        self, id: str, owner: str | None = None, after: tuple[int, int] = (-1, 0)
    ) -> Iterator[Answered]:
        """Yield every sample of a run in order, a piece at a time, from after a place on."""
        return self.samples_kept.walk(self.get(id, owner).id, after)

    def grid(
        self, id: str, owner: str | None = None, first: int = 0, most: int | None = None
    ) -> list[tuple[int, int, Outcome]]:
        """Return what became of every sample: position, epoch, outcome; or of some in order."""
        return self.samples_kept.grid(self.get(id, owner).id, first, most)

    def places(self, id: str, items: Sequence[str], owner: str | None = None) -> dict[str, int]:
        """Return where these items stand in a run."""
        return self.samples_kept.places(self.get(id, owner).id, items)

    def report(self, id: str, owner: str | None = None) -> dict[str, Any]:
        """Return what a run comes to, as far as it is; see eval/report.py for its parts."""
        run = self.get(id, owner)
        if run.summary:
            return run.summary
        return report.aggregates(run, self.samples_kept)

    def canonical(self, id: str, owner: str | None = None) -> Iterator[str]:
        """Yield the report without clock times, piece by piece."""
        return report.canonical(self.get(id, owner), self.samples_kept)

    def side(self, id: str, owner: str | None = None) -> "Side":
        """Return a run as one side of a comparison."""
        from eval.sides import side

        return side(self.get(id, owner), self.samples_kept)

    def compare(self, a: str, b: str, owner: str | None = None) -> "Comparison":
        """Compare two runs on the same samples; refuses what cannot be compared, with why."""
        from eval.compare import compare

        return compare(self.side(a, owner), self.side(b, owner))
