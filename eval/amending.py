"""What may be said of answers afterwards: other scores of them, and what a person thinks.

It knows that nothing is overwritten: every version of a score stays, and a label can be taken
back. No answer is made again.
"""

from collections.abc import Callable

from core.errors import BadInput, Conflict
from core.records import Answered, Outcome, Run, Sample, Score
from core.seams import Generator, SupportScorer
from core.settings import Settings
from core.store.runs import RunRows
from eval import report
from eval.jury import Jury, criterion_and
from eval.outcomes import outcome, overruled
from eval.reading import Reading

PIECE = 200


class Amending(Reading):
    """Changes to what is said of answers."""

    rows: RunRows
    settings: Settings
    support: SupportScorer
    judging: Callable[[], Generator | None] = staticmethod(lambda: None)

    def rescore(self, id: str, scorer: str, owner: str | None = None) -> Run:
        """Score stored answers by NAME or NAME@VERSION; earlier versions stay beside it."""
        run = self.rights.writable(id, owner)
        if run.state in ("queued", "running"):
            raise Conflict(f"The run {run.name!r} is {run.state}.", "Wait until it is over.")
        mark = criterion_and((), scorer)[0]
        jury = Jury((mark,), self.settings, self.judging, lambda: None, self.support)
        piece: list[tuple[Sample, Score, Outcome | None]] = []
        for answered in self.samples_kept.walk(run.id):
            score = jury.scores(answered.item, answered.sample)[0]
            said = None
            if score.scorer == run.criterion:
                judged = outcome(answered.item, answered.sample, [score], run.criterion)
                said = overruled(judged, answered.labels)
            piece.append((answered.sample, score, said))
            if len(piece) >= PIECE:
                self.samples_kept.rescore(run.id, piece)
                piece = []
        if piece:
            self.samples_kept.rescore(run.id, piece)
        marks = [each for each in run.provenance.get("scorers", []) if each != mark]
        known = {**run.provenance, "scorers": [*marks, mark]}
        self.rows.amend(run.id, provenance=known)
        return self._summed(run.id)

    def label(
        self,
        id: str,
        position: int,
        epoch: int,
        passed: bool,
        name: str,
        reason: str,
        owner: str | None = None,
    ) -> Answered:
        """Let a person's word count instead of the score, under a name and with a reason."""
        run = self.rights.writable(id, owner)
        if not name.strip() or not reason.strip():
            raise BadInput("A label needs a name and a reason.", "Say who judges, and why.")
        self.samples_kept.one(run.id, position, epoch)
        self.samples_kept.label(run.id, (position, epoch), passed, name, reason)
        self._summed(run.id)
        return self.samples_kept.one(run.id, position, epoch)

    def unlabel(self, id: str, position: int, epoch: int, owner: str | None = None) -> Answered:
        """Take a label back; what the score says counts again."""
        run = self.rights.writable(id, owner)
        answered = self.samples_kept.one(run.id, position, epoch)
        said = outcome(answered.item, answered.sample, answered.scores, run.criterion)
        self.samples_kept.unlabel(run.id, (position, epoch), said)
        self._summed(run.id)
        return self.samples_kept.one(run.id, position, epoch)

    def _summed(self, id: str) -> Run:
        run = self.rows.get(id)
        if run.state not in ("queued", "running"):
            self.rows.amend(id, summary=report.aggregates(run, self.samples_kept))
        return self.rows.get(id)
