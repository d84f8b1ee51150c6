"""Samples of runs with their scores and labels, taken in by the batch, read by the page.

It knows rows and how many there may be: what is added up is read by the column. What an outcome
means and what is made of the figures is known above.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import NotFound
from core.records import Answered, Item, Label, Outcome, Page, Sample, Score
from core.store.connection import Row, Store, insert_many
from core.store.packing import item_of, packed, sample_of
from core.store.transaction import Cursor
from core.store.values import (
    aware,
    body,
    from_json,
    line,
    maybe_aware,
    new_id,
    now,
    stored,
    to_json,
)

if TYPE_CHECKING:
    import pyarrow as pa

PIECE = 500
_SORTS = {"position": "s.position", "seconds": "s.seconds", "tokens": "s.tokens_out"}
_ITEMS = "JOIN run_items i ON i.run_id = s.run_id AND i.position = s.position"
_SAMPLE = f"SELECT i.item, s.sample, s.outcome, s.position, s.epoch FROM samples s {_ITEMS}"
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Taken:
    """A sample as it comes in: with its scores and what counts."""

    sample: Sample
    scores: tuple[Score, ...]
    outcome: Outcome


class SampleRows:
    """What came out of every run."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take_in(self, run_id: str, taken: Sequence[Taken]) -> None:
        """Keep samples with their scores; an answer that is there stays before an error."""
        with self._store.writing() as cursor:
            kept = _good(cursor, run_id, {each.sample.batch for each in taken})
            fresh = [each for each in taken if _place(each.sample) not in kept]
            if fresh:
                _forget(cursor, run_id, [_place(each.sample) for each in fresh])
                insert_many(cursor, "samples", [_sample_row(run_id, each) for each in fresh])
                rows = [_score_row(run_id, each.sample, s) for each in fresh for s in each.scores]
                insert_many(cursor, "scores", rows)
            cursor.execute(
                "UPDATE runs SET "
                "done = (SELECT count(*) FROM samples WHERE run_id = runs.id), "
                "failed = (SELECT count(*) FROM samples WHERE run_id = runs.id AND error <> '') "
                "WHERE id = ?",
                [run_id],
            )

    def rescore(self, run_id: str, found: Sequence[tuple[Sample, Score, Outcome | None]]) -> None:
        """Keep more scores of samples that are there; an outcome that is given replaces."""
        with self._store.writing() as cursor:
            for sample, score, _ in found:
                cursor.execute(
                    "DELETE FROM scores WHERE run_id = ? AND position = ? AND epoch = ? "
                    "AND scorer = ? AND version = ?",
                    [run_id, *_place(sample), score.scorer, score.version],
                )
        with self._store.writing() as cursor:
            insert_many(cursor, "scores", [_score_row(run_id, s, score) for s, score, _ in found])
            for sample, _, outcome in found:
                if outcome is not None:
                    _set_outcome(cursor, run_id, _place(sample), outcome)

    def page(
        self,
        run_id: str,
        page: int = 1,
        size: int = 50,
        *,
        outcome: str = "",
        kind: str = "",
        text: str = "",
        sort: str = "position",
        descending: bool = False,
    ) -> Page[Answered]:
        """Return a page of samples, with everything that is known of each."""
        tests, values = ["s.run_id = ?"], [run_id]
        if outcome:
            tests.append("s.outcome = ?")
            values.append(line(outcome))
        if kind:
            tests.append("i.kind = ?")
            values.append(line(kind))
        if text:
            tests.append("(contains(lower(i.item), ?) OR contains(lower(s.sample), ?))")
            values += [text.lower()] * 2
        # Documents are long: the places of a page are found first, and what stands there is read.
        joined = f" FROM samples s {_ITEMS}" if kind or text else " FROM samples s"
        found = f"{joined} WHERE {' AND '.join(tests)}"
        total = int(self._store.rows(f"SELECT count(*){found}", values)[0][0])
        order = f"{_SORTS.get(sort, 's.position')} {'DESC' if descending else 'ASC'} NULLS LAST"
        page, size = max(1, page), max(1, min(size, 500))
        places = self._store.rows(
            f"SELECT s.position, s.epoch{found} ORDER BY {order}, s.position, s.epoch "
            "LIMIT ? OFFSET ?",
            [*values, size, (page - 1) * size],
        )
        return Page(tuple(self._at(run_id, places)), total, page, size)

    def _at(self, run_id: str, places: Sequence[Row]) -> list[Answered]:
        """Return the samples at these places, in their order."""
        rows = self._store.rows(
            f"{_SAMPLE} WHERE s.run_id = ? AND list_contains(?, s.position)",
            [run_id, sorted({position for position, _ in places})],
        )
        there = {(row[3], row[4]): row for row in rows}
        return self._answered(run_id, [there[place] for place in places if place in there])

    def one(self, run_id: str, position: int, epoch: int = 0) -> Answered:
        """Return one sample."""
        rows = self._store.rows(
            f"{_SAMPLE} WHERE s.run_id = ? AND s.position = ? AND s.epoch = ?",
            [run_id, position, epoch],
        )
        if not rows:
            raise NotFound(f"Sample {position} of this run is not there.", "It may still be made.")
        return self._answered(run_id, rows)[0]

    def walk(self, run_id: str, after: Place = (-1, 0), piece: int = PIECE) -> Iterator[Answered]:
        """Yield every sample in order from after a place on, a piece at a time."""
        while True:
            rows = self._store.rows(
                f"{_SAMPLE} WHERE s.run_id = ? AND (s.position, s.epoch) > (?, ?) "
                "ORDER BY s.position, s.epoch LIMIT ?",
                [run_id, *after, piece],
            )
            if not rows:
                return
            yield from self._answered(run_id, rows)
            after = rows[-1][3], rows[-1][4]

    def grid(
        self, run_id: str, first: int = 0, most: int | None = None
    ) -> list[tuple[int, int, Outcome]]:
        """Return what became of every sample, in order, or of some from the first on."""
        sql = (
            "SELECT position, epoch, outcome FROM samples WHERE run_id = ? "
            "ORDER BY position, epoch LIMIT ? OFFSET ?"
        )
        return [
            (position, epoch, what)
            for position, epoch, what in self._store.rows(sql, [run_id, most, first])
        ]

    def places(self, run_id: str, item_ids: Sequence[str]) -> dict[str, int]:
        """Return where these items stand in a run."""
        sql = (
            "SELECT item_id, min(position) FROM samples "
            "WHERE run_id = ? AND list_contains(?, item_id) GROUP BY item_id"
        )
        rows = self._store.rows(sql, [run_id, sorted(set(item_ids))])
        return {id: int(position) for id, position in rows}

    def columns(self, run_id: str) -> "pa.Table":
        """Return what is added up of every sample, in order."""
        return self._store.arrow(
            "SELECT s.position, s.epoch, i.item_id, i.kind, i.cluster, s.outcome, s.error, "
            "s.seconds, s.first_token_s, s.tokens_in, s.tokens_out, s.cached FROM samples s "
            "JOIN run_items i ON i.run_id = s.run_id AND i.position = s.position "
            "WHERE s.run_id = ? ORDER BY s.position, s.epoch",
            [run_id],
        )

    def scores(self, run_id: str) -> "pa.Table":
        """Return every score of a run, in order."""
        return self._store.arrow(
            'SELECT scorer, version, position, epoch, "value", passed, why FROM scores '
            "WHERE run_id = ? ORDER BY scorer, version, position, epoch",
            [run_id],
        )

    def whole(self, run_id: str) -> list[int]:
        """Return the batches whose every sample has an answer."""
        sql = "SELECT batch FROM samples WHERE run_id = ? GROUP BY batch HAVING max(error) = ''"
        return sorted(row[0] for row in self._store.rows(sql, [run_id]))

    def label(self, run_id: str, place: Place, passed: bool, name: str, reason: str) -> Label:
        """Let a person's word count instead of the score; an earlier one is kept as undone."""
        moment, id = stored(now()), new_id()
        with self._store.writing() as cursor:
            _undo(cursor, run_id, place)
            cursor.execute(
                "INSERT INTO labels VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                [id, run_id, *place, passed, line(name), body(reason, "The reason"), moment],
            )
            _set_outcome(cursor, run_id, place, "correct" if passed else "wrong")
        return self.labels(run_id, place)[-1]

    def unlabel(self, run_id: str, place: Place, outcome: Outcome) -> None:
        """Take a label back; the outcome that the score says counts again."""
        with self._store.writing() as cursor:
            _undo(cursor, run_id, place)
            _set_outcome(cursor, run_id, place, outcome)

    def labels(self, run_id: str, place: Place | None = None) -> list[Label]:
        """Return the labels of a run, or of one sample, the oldest first, undone ones too."""
        position, epoch = place or (None, None)
        rows = self._store.rows(
            "SELECT * FROM labels WHERE run_id = ? AND (? IS NULL OR (position = ? AND epoch = ?))"
            " ORDER BY created, id",
            [run_id, position, position, epoch],
        )
        return [_label(row) for row in rows]

    def _answered(self, run_id: str, rows: Sequence[Row]) -> list[Answered]:
        if not rows:
            return []
        places = [(row[3], row[4]) for row in rows]
        scores = self._of_places(
            run_id,
            "scores",
            'item_id, scorer, version, "value", passed, why, details',
            places,
            _score,
        )
        labels: dict[Place, list[Label]] = {}
        for each in self.labels(run_id):
            labels.setdefault((each.position, each.epoch), []).append(each)
        return [
            Answered(
                item_of(from_json(row[0])),
                sample_of(from_json(row[1])),
                tuple(scores.get((row[3], row[4]), ())),
                row[2],
                tuple(labels.get((row[3], row[4]), ())),
            )
            for row in rows
        ]

    def _of_places(
        self,
        run_id: str,
        table: str,
        columns: str,
        places: Sequence[Place],
        made: Callable[..., Any],
    ) -> dict[Place, list[Any]]:
        found: dict[Place, list[Any]] = {}
        rows = self._store.rows(
            f"SELECT position, epoch, {columns} FROM {table} WHERE run_id = ? "
            "AND list_contains(?, position) ORDER BY position, epoch, scorer, version",
            [run_id, sorted({position for position, _ in places})],
        )
        for row in rows:
            found.setdefault((row[0], row[1]), []).append(made(run_id, *row[1:]))
        return found


class ItemRows:
    """What every run asks."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def walk(self, run_id: str, piece: int = PIECE) -> Iterator[tuple[int, Item]]:
        """Yield the items of a run with their positions, in order."""
        after = -1
        while True:
            rows = self._store.rows(
                "SELECT position, item FROM run_items WHERE run_id = ? AND position > ? "
                "ORDER BY position LIMIT ?",
                [run_id, after, piece],
            )
            if not rows:
                return
            yield from ((position, item_of(from_json(item))) for position, item in rows)
            after = rows[-1][0]

    def some(self, run_id: str, positions: Sequence[int]) -> dict[int, Item]:
        """Return some of the items by their positions."""
        rows = self._store.rows(
            "SELECT position, item FROM run_items WHERE run_id = ? AND list_contains(?, position)",
            [run_id, sorted(set(positions))],
        )
        return {position: item_of(from_json(item)) for position, item in rows}


def _place(sample: Sample) -> Place:
    return sample.position, sample.epoch


def _good(cursor: Cursor, run_id: str, batches: set[int]) -> set[Place]:
    sql = (
        "SELECT position, epoch FROM samples "
        "WHERE run_id = ? AND error = '' AND list_contains(?, batch)"
    )
    return {(row[0], row[1]) for row in cursor.execute(sql, [run_id, sorted(batches)]).fetchall()}


def _forget(cursor: Cursor, run_id: str, places: Sequence[Place]) -> None:
    # What is there of them are errors. Most often there is nothing, and nothing is deleted.
    sql = "SELECT position, epoch FROM samples WHERE run_id = ? AND error <> ''"
    there = {(row[0], row[1]) for row in cursor.execute(sql, [run_id]).fetchall()}
    for place in there & set(places):
        for table in ("samples", "scores"):
            cursor.execute(
                f"DELETE FROM {table} WHERE run_id = ? AND position = ? AND epoch = ?",
                [run_id, *place],
            )


def _set_outcome(cursor: Cursor, run_id: str, place: Place, outcome: str) -> None:
    cursor.execute(
        "UPDATE samples SET outcome = ? WHERE run_id = ? AND position = ? AND epoch = ?",
        [outcome, run_id, *place],
    )


def _undo(cursor: Cursor, run_id: str, place: Place) -> None:
    cursor.execute(
        "UPDATE labels SET undone = ? "
        "WHERE run_id = ? AND position = ? AND epoch = ? AND undone IS NULL",
        [stored(now()), run_id, *place],
    )


def _sample_row(run_id: str, taken: Taken) -> dict[str, object]:
    sample = taken.sample
    return {
        "run_id": run_id,
        "position": sample.position,
        "epoch": sample.epoch,
        "item_id": sample.item_id,
        "batch": sample.batch,
        "outcome": taken.outcome,
        "error": sample.error,
        "cached": sample.cached,
        "seconds": sample.seconds,
        "first_token_s": sample.first_token_s,
        "tokens_in": _sum(usage.tokens_in for usage in sample.usage),
        "tokens_out": _sum(usage.tokens_out for usage in sample.usage),
        "sample": to_json(packed(sample)),
    }


def _sum(counts: Iterator[int | None]) -> int | None:
    told = list(counts)
    known = [count for count in told if count is not None]
    return sum(known) if told and len(known) == len(told) else None


def _score_row(run_id: str, sample: Sample, score: Score) -> dict[str, object]:
    return {
        "run_id": run_id,
        "position": sample.position,
        "epoch": sample.epoch,
        "scorer": score.scorer,
        "version": score.version,
        "item_id": sample.item_id,
        "value": score.value,
        "passed": score.passed,
        "why": body(score.why),
        "details": to_json(score.details),
    }


def _score(run_id: str, epoch: int, item_id: str, *rest: Any) -> Score:  # noqa: ANN401
    scorer, version, value, passed, why, details = rest
    return Score(run_id, item_id, scorer, version, epoch, value, passed, why, from_json(details))


def _label(row: Row) -> Label:
    id, run_id, position, epoch, passed, name, reason, created, undone = row
    moment = aware(created)
    return Label(id, run_id, position, epoch, passed, name, reason, moment, maybe_aware(undone))
