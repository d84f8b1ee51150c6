"""A run as its worker does it: batch after batch is answered, scored and written down.

It knows the order of things and what survives a kill. Questions and batches were fixed before it
began; what it searches and what was answered before it asks the owner, in eval/link.py.
"""

import json
import os
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from core.errors import Corrupt, PlumblineError, Stopped, Unwritable
from core.jobs import journal
from core.jobs.work import Work
from core.records import Item, Sample
from core.settings import Settings, load
from core.store.packing import packed, sample_of
from core.store.values import to_json
from eval import provenance, trial
from eval.boundary import Trouble
from eval.config import RunConfig, parse
from eval.contestant import Contestant
from eval.identity import identity, keys
from eval.jury import Jury
from eval.link import Link
from eval.pace import Throttle
from eval.plan import Batch, Plan
from eval.trial import placed

BULK = "samples.jsonl"
# So many batches are looked up at once among the answers of earlier runs.
AHEAD = 16
# Errors that pass are worth another try when a run is gone on with.
AGAIN = ("overloaded", "unreachable", "bad_reply", "busy", "rate_limited", "source", "model")


def run(work: Work) -> None:
    """Do one attempt at a run: every batch that has no answers yet."""
    config = parse(work.args["config"])
    base = work.args["settings"]
    secrets = Path(work.args["secrets"]) if work.args["secrets"] else None
    settings = load({**base, **config.model.flags()}, env_file=secrets)
    link = Link(settings.data_dir, work.cancelled)
    contestant = Contestant(config, settings, link)
    judge = contestant
    if config.judge.flags():
        other = load({**base, **config.judge.flags()}, env_file=secrets)
        judge = Contestant(config, other, link)
    jury = Jury(
        work.args["scorers"],
        settings,
        lambda: judge.model,
        contestant.loaded_card,
        contestant.support,
        contestant.at_once,
    )
    plan = Plan(settings.data_dir / "runs" / str(work.args["run"]))
    try:
        Course(work, config, plan, contestant, jury, link, settings).follow()
    finally:
        judge.close()
        contestant.close()


@dataclass(slots=True)
class Done:
    """A batch with its answers, and the hash each is kept under; blank ones are not kept."""

    batch: Batch
    items: list[Item]
    samples: list[Sample]
    keys: list[str]


class Course:
    """One attempt, on its way."""

    def __init__(
        self,
        work: Work,
        config: RunConfig,
        plan: Plan,
        contestant: Contestant,
        jury: Jury,
        link: Link,
        settings: Settings,
    ) -> None:
        self._work = work
        self._config = config
        self._plan = plan
        self._contestant = contestant
        self._jury = jury
        self._link = link
        self._settings = settings
        self._run_id = str(work.args["run"])
        self._total = sum(len(batch.positions) for batch in plan.batches)
        self._who = identity(settings) if config.cache else ""
        self._fraction = 0.0
        self._named = False
        self._borrowed = False
        self._left: list[Batch] = []
        self._kept: dict[int, list[Sample] | None] = {}

    def follow(self) -> None:
        """Answer what has no answer yet; each batch is on disk before the next is told."""
        earlier = finished(self._work.folder)
        whole = {int(n): 0 for n in self._work.args["skip"]}
        good = {n: told["failed"] for n, told in earlier.items() if not told["again"]} | whole
        sizes = {batch.n: len(batch.positions) for batch in self._plan.batches}
        counts = {n: (sizes[n], failed) for n, failed in good.items()}
        self._left = [batch for batch in self._plan.batches if batch.n not in good]
        with Bulk(self._work.folder, self._work.emit) as bulk:
            for done in self._answered(self._left):
                self._tell(bulk, done)
                failed = sum(bool(sample.error) for sample in done.samples)
                counts[done.batch.n] = len(done.samples), failed
                self._report(counts, done.samples)
        if self._work.cancelled():
            raise Stopped("The run was asked to end.")

    def _answered(self, batches: Sequence[Batch]) -> Iterator[Done]:
        """Yield batches as they are done; the model is loaded at the first that needs it."""
        left = iter(batches)
        for batch in left:
            done = self._known(batch)
            if done is None:
                rest = [batch, *left]
                kind = self._contestant.kind
                yield from self._many(rest) if kind == "many" else self._one_by_one(rest)
                return
            yield done

    def _one_by_one(self, batches: Sequence[Batch]) -> Iterator[Done]:
        for batch in batches:
            if self._work.cancelled():
                return
            done = self._known(batch)
            if done is None:
                items = self._plan.items(batch)
                done = Done(batch, items, self._batch(batch, items), self._keys(batch, items))
            yield done

    def _batch(self, batch: Batch, items: list[Item]) -> list[Sample]:
        contestant, params = self._contestant, self._config.params(batch.epoch)
        if contestant.kind == "batches" and contestant.model is not None:
            making = contestant.answerer
            return trial.together(making, contestant.model, items, params, self._config.batch)
        return [self._single(item, batch.epoch) for item in items]

    def _single(self, item: Item, epoch: int, throttle: Throttle | None = None) -> Sample:
        contestant, params, stop = self._contestant, self._config.params(epoch), self._work.stop

        def once() -> Sample:
            heard = contestant.overheard()
            return trial.asked(contestant.answerer, heard, item, params, stop)

        def in_turn() -> Sample:
            assert throttle is not None
            with throttle.turn():
                return once()

        if throttle is None:
            return trial.tried(once, item, self._config.retries, stop)

        def heard(trouble: Trouble | None) -> None:
            throttle.heard(trouble)
            words = throttle.words(trouble)
            if words:
                self._work.report(self._fraction, words)

        return trial.tried(in_turn, item, self._config.retries, stop, heard)

    def _many(self, batches: Sequence[Batch]) -> Iterator[Done]:
        """Answer several batches at once, as many calls at a time as the server copes with."""
        most, throttle = (
            self._config.concurrency,
            Throttle(self._config.concurrency, self._work.stop),
        )
        ready: SimpleQueue[Done | BaseException] = SimpleQueue()
        left = iter(batches)
        under_way = 0
        with ThreadPoolExecutor(most, "ask") as pool:
            ahead = max(1, -(-most // self._config.batch)) + 1
            while True:
                while under_way < ahead and (batch := next(left, None)) is not None:
                    self._begin(batch, pool, throttle, ready)
                    under_way += 1
                if not under_way:
                    return
                done = ready.get()
                under_way -= 1
                if isinstance(done, BaseException):
                    self._work.stop.set()
                    raise done
                yield done

    def _begin(
        self,
        batch: Batch,
        pool: ThreadPoolExecutor,
        throttle: Throttle,
        ready: "SimpleQueue[Done | BaseException]",
    ) -> None:
        known = self._known(batch)
        if known is not None:
            ready.put(known)
            return
        items = self._plan.items(batch)
        done = Done(batch, items, [], self._keys(batch, items))
        found: dict[int, Sample] = {}
        lock = threading.Lock()

        def take(n: int, future: "Future[Sample]") -> None:
            error = future.exception()
            with lock:
                if error is not None:
                    if found is not None and -1 not in found:
                        found[-1] = trial.failed(items[n], Trouble("stopped", str(error)))
                        ready.put(error)
                    return
                found[n] = future.result()
                if len(found) == len(items) and -1 not in found:
                    done.samples = [found[k] for k in range(len(items))]
                    ready.put(done)

        for n, item in enumerate(items):
            future = pool.submit(self._single, item, batch.epoch, throttle)
            future.add_done_callback(lambda told, n=n: take(n, told))

    def _keys(self, batch: Batch, items: Sequence[Item]) -> list[str]:
        return keys(self._config, items, batch.epoch, self._who, self._work.args["revision"])

    def _known(self, batch: Batch) -> Done | None:
        """Return a batch whose every question was answered the same way before."""
        if not self._who:
            return None
        if batch.n not in self._kept:
            self._look_up(batch)
        samples = self._kept.pop(batch.n)
        if samples is None:
            return None
        items = self._plan.items(batch)
        return Done(batch, items, samples, [""] * len(items))

    def _look_up(self, batch: Batch) -> None:
        """Ask for the answers of this batch and of those after it."""
        first = bisect_left(self._left, batch.n, key=lambda each: each.n)
        ahead = self._left[first : first + AHEAD]
        items = {each.n: self._plan.items(each) for each in ahead}
        wanted = {each.n: self._keys(each, items[each.n]) for each in ahead}
        answer = self._link.ask("cached", {"groups": list(wanted.values())})
        told = answer["samples"]
        if told and not self._borrowed:
            self._borrowed = True
            self._work.emit({"cached_from": answer["run"]})
        for n, hashes in wanted.items():
            self._kept[n] = None
            if all(each in told for each in hashes):
                pairs = zip(hashes, items[n], strict=True)
                self._kept[n] = [_taken(told[each], item) for each, item in pairs]

    def _tell(self, bulk: "Bulk", done: Done) -> None:
        if not self._named and any(not sample.cached for sample in done.samples):
            self._named = True
            told = provenance.of_worker(self._contestant, self._settings)
            self._work.emit({"provenance": told})
        batch, rows, again = done.batch, [], False
        for n, sample in enumerate(done.samples):
            sample = placed(sample, self._run_id, batch.positions[n], batch.epoch, batch.n)
            scores = self._jury.scores(done.items[n], sample)
            again = again or sample.error in AGAIN
            key = "" if sample.error else done.keys[n]
            told = {"sample": packed(sample), "scores": [packed(score) for score in scores]}
            rows.append({**told, "key": key})
        failed = sum(bool(sample.error) for sample in done.samples)
        about = {"batch": batch.n, "done": len(rows), "failed": failed, "again": again}
        bulk.append(rows, about)

    def _report(self, counts: dict[int, tuple[int, int]], samples: Sequence[Sample]) -> None:
        done = sum(each for each, _ in counts.values())
        failed = sum(each for _, each in counts.values())
        words = f"{done:,} of {self._total:,} samples"
        self._fraction = done / self._total
        self._work.report(self._fraction, f"{words}, {failed:,} failed." if failed else f"{words}.")
        if failed and failed > self._config.error_budget * self._total:
            last = next((s.error_text for s in reversed(samples) if s.error), "")
            raise PlumblineError(
                f"{failed:,} of {self._total:,} samples failed, more than error_budget allows "
                f"({self._config.error_budget:.0%}). The last one: {last}",
                "Put right what failed and resume the run; what is answered is kept.",
            )


def _taken(told: dict[str, Any], item: Item) -> Sample:
    return replace(sample_of(told), item_id=item.id, cached=True)


class Bulk:
    """The file that holds the samples; the journal says which bytes of it count."""

    def __init__(self, folder: Path, emit: Callable[[dict[str, Any]], None]) -> None:
        self._emit = emit
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(folder / BULK, flags, 0o600)

    def __enter__(self) -> "Bulk":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def append(self, rows: Sequence[dict[str, Any]], about: dict[str, Any]) -> None:
        """Write the samples of a batch; once this returns they survive a kill."""
        data = b"".join(to_json(row).encode() + b"\n" for row in rows)
        start = os.fstat(self._descriptor).st_size
        whole = data
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
            os.fsync(self._descriptor)
        except OSError as error:
            raise Unwritable(
                f"The answers could not be written: {error.strerror or error}.",
                "Free some space on the disk of DATA_DIR and resume the run.",
            ) from error
        self._emit({**about, "from": start, "upto": start + len(whole)})


def rows_of(folder: Path, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the samples of a batch that the journal tells of."""
    try:
        with (folder / BULK).open("rb") as file:
            file.seek(told["from"])
            data = file.read(told["upto"] - told["from"])
        return [json.loads(line) for line in data.split(b"\n") if line]
    except (OSError, ValueError) as error:
        raise Corrupt(
            f"What batch {told['batch']} answered cannot be read: {error}.", "Run it anew."
        ) from error


def finished(folder: Path) -> dict[int, dict[str, Any]]:
    """Return what earlier attempts told of each batch, the last word of each."""
    found: dict[int, dict[str, Any]] = {}
    offset = 0
    while True:
        batch = journal.read("", folder, offset)
        if batch.upto == offset:
            return found
        offset = batch.upto
        for record in batch.records:
            if record.kind == "result" and "batch" in record.data:
                found[int(record.data["batch"])] = record.data
