"""A run as the owner follows it: what its worker wrote is taken in, and its end is settled.

Everything it does can be done again. It does not know the queue, nor how anything is answered.
"""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from core.records import JobRecord, Run
from core.store.packing import sample_of, score_of
from core.store.results import Results
from core.store.runs import RunRows
from core.store.samples import ItemRows, SampleRows, Taken
from eval.outcomes import outcome, overruled
from eval.work import rows_of

PIECE = 500


class Intake:
    """What the attempts at one run bring."""

    def __init__(
        self,
        run: Run,
        job_id: str,
        folder: Path,
        runs: RunRows,
        items: ItemRows,
        samples: SampleRows,
        results: Results,
    ) -> None:
        self.after = -1
        self.job_id = job_id
        self._run = run
        self._folder = folder
        self._runs = runs
        self._items = items
        self._samples = samples
        self._results = results
        # What an owner before this one took in need not be read again.
        self._whole = set(samples.whole(run.id))

    def take(self, records: Sequence[JobRecord]) -> int:
        """Take in a worker's records in order, and return how many samples they held."""
        left, taken = iter(records), 0
        while piece := list(islice(left, PIECE)):
            rows: list[dict[str, Any]] = []
            for record in piece:
                if record.data.get("batch") in self._whole:
                    continue
                if "batch" in record.data:
                    rows += rows_of(self._folder, record.data)
                elif "provenance" in record.data:
                    self._told(record.data["provenance"])
                elif "cached_from" in record.data:
                    self._borrowed(str(record.data["cached_from"]))
                if len(rows) >= PIECE:
                    taken += self._keep(rows)
                    rows = []
                self.after = record.n if not rows else self.after
            taken += self._keep(rows)
            self.after = piece[-1].n
        return taken

    def _keep(self, rows: Sequence[dict[str, Any]]) -> int:
        if not rows:
            return 0
        made = [(sample_of(row["sample"]), row) for row in rows]
        items = self._items.some(self._run.id, [sample.position for sample, _ in made])
        labels = self._samples.labels(self._run.id)
        taken = []
        for sample, row in made:
            scores = tuple(score_of(score) for score in row["scores"])
            said = outcome(items[sample.position], sample, scores, self._run.criterion)
            place = (sample.position, sample.epoch)
            mine = [label for label in labels if (label.position, label.epoch) == place]
            taken.append(Taken(sample, scores, overruled(said, mine)))
        self._samples.take_in(self._run.id, taken)
        kept = {row["key"]: row["sample"] for _, row in made if row.get("key")}
        if kept:
            self._results.keep(self._run.id, kept)
        return len(taken)

    def _told(self, made: dict[str, Any]) -> None:
        run = self._runs.get(self._run.id)
        known = {**run.provenance, "made": made}
        self._runs.amend(run.id, provenance=known, model=str(made["model"]["name"]))

    def _borrowed(self, earlier: str) -> None:
        """Take over who answered from the run whose answers are used again."""
        run = self._runs.get(self._run.id)
        if "made" not in run.provenance:
            made = self._runs.get(earlier).provenance.get("made", {})
            known = {**run.provenance, "made": {**made, "cached_from": earlier}}
            name = str(made.get("model", {}).get("name", ""))
            self._runs.amend(run.id, provenance=known, model=name)
