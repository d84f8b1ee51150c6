"""Runs from a command line: the façade of the app that owns DATA_DIR, or one of its own.

It knows the same questions as eval/desk.py. With no app the command becomes the owner, and opens
a port of this machine so that its workers can search.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from core.jobs.queue import Jobs
from core.records import Answered, Outcome, Page, Run, RunProgress
from core.retrieval.library import Library
from core.server import handover
from core.settings import Settings
from core.store.connection import Store
from core.store.lock import Lock, Owner
from eval.config import RunConfig, parse
from eval.estimate import Estimated
from eval.service import Runs
from eval.wire import answered_of, page_of, progress_of, run_of

if TYPE_CHECKING:
    from eval.compare import Comparison, Side

TIMEOUT_S = 600.0
PIECE = 100
Told = dict[str, Any]


class Remote:
    """The runs of the app that owns DATA_DIR, over loopback."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    def submit(self, given: RunConfig | Told, *, key: str = "") -> Run:
        """Queue a run; the same key is the same run."""
        return run_of(self._ask("submit", config=parse(given).told(), key=key))

    def sweep(self, given: Told) -> list[Run]:
        """Queue a run for each combination under `matrix`."""
        return [run_of(each) for each in self._ask("sweep", config=given)["runs"]]

    def get(self, id: str) -> Run:
        """Return a run by its id, or the newest of a name."""
        return run_of(self._ask("get", id=id))

    def list(self, page: int = 1, size: int = 20, **wanted: object) -> Page[Run]:
        """Return a page of runs."""
        told = self._ask("list", page=page, size=size, **wanted)
        return page_of(told, tuple(run_of(each) for each in told["rows"]))

    def samples(self, id: str, page: int = 1, size: int = 50, **wanted: object) -> Page[Answered]:
        """Return a page of a run's samples."""
        told = self._ask("samples", id=id, page=page, size=size, **wanted)
        return page_of(told, tuple(answered_of(each) for each in told["rows"]))

    def sample(self, id: str, position: int, epoch: int = 0) -> Answered:
        """Return one sample."""
        return answered_of(self._ask("sample", id=id, position=position, epoch=epoch))

    def walk(self, id: str) -> Iterator[Answered]:
        """Yield every sample of a run in order."""
        position, epoch = -1, 0
        while True:
            place = {"position": position, "epoch": epoch}
            rows = self._ask("walk", id=id, size=PIECE, **place)["rows"]
            if not rows:
                return
            for row in rows:
                answered = answered_of(row)
                position, epoch = answered.sample.position, answered.sample.epoch
                yield answered

    def grid(self, id: str) -> "list[tuple[int, int, Outcome]]":
        """Return what became of every sample: position, epoch, outcome."""
        return [(p, e, what) for p, e, what in self._ask("grid", id=id)["cells"]]

    def report(self, id: str) -> Told:
        """Return what a run comes to."""
        return self._ask("report", id=id)

    def canonical(self, id: str) -> Iterator[str]:
        """Yield the report without clock times."""
        yield self._ask("canonical", id=id)["text"]

    def progress(self, id: str) -> RunProgress:
        """Say how far a run is."""
        return progress_of(self._ask("progress", id=id))

    def cancel(self, id: str) -> Run:
        """End a run; what is answered is kept."""
        return run_of(self._ask("cancel", id=id))

    def resume(self, id: str) -> Run:
        """Go on with a run."""
        return run_of(self._ask("resume", id=id))

    def delete(self, id: str) -> Run:
        """Put a run away."""
        return run_of(self._ask("delete", id=id))

    def restore(self, id: str) -> Run:
        """Bring a run back."""
        return run_of(self._ask("restore", id=id))

    def rescore(self, id: str, scorer: str) -> Run:
        """Score stored answers again."""
        return run_of(self._ask("rescore", id=id, scorer=scorer))

    def label(
        self, id: str, position: int, epoch: int, passed: bool, name: str, reason: str
    ) -> Answered:
        """Let a person's word count instead of the score."""
        said = {"passed": passed, "name": name, "reason": reason}
        return answered_of(self._ask("label", id=id, position=position, epoch=epoch, **said))

    def unlabel(self, id: str, position: int, epoch: int) -> Answered:
        """Take a label back."""
        return answered_of(self._ask("unlabel", id=id, position=position, epoch=epoch))

    def side(self, id: str) -> "Side":
        """Return a run as one side of a comparison."""
        from eval.sides import side_of

        return side_of(self._ask("side", id=id))

    def compare(self, a: str, b: str) -> "Comparison":
        """Compare two runs on the same samples."""
        from eval.compare import compare

        return compare(self.side(a), self.side(b))

    def cached(self) -> dict[str, int]:
        """Return how many earlier answers are kept, and how often they were used."""
        return self._ask("earlier")

    def prune(self, days: float | None = None) -> int:
        """Forget earlier answers."""
        return self._ask("prune", days=days)["pruned"]

    def estimate(self, given: RunConfig | Told) -> Estimated:
        """Say what a run would take, and what it could show."""
        return Estimated(**self._ask("estimate", config=parse(given).told()))

    def _ask(self, name: str, **body: object) -> Told:
        return handover.ask(self._owner, "POST", ("evals", name), body, TIMEOUT_S)


@contextmanager
def asking(settings: Settings) -> Iterator[Runs | Remote]:
    """Open the runs of the app that owns DATA_DIR, or own them for the while."""
    held = handover.grip(settings)
    if isinstance(held, Owner):
        yield Remote(held)
        return
    with ExitStack() as ending:
        ending.callback(held.release)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        yield _own(settings, held, ending)


def _own(settings: Settings, lock: Lock, ending: ExitStack) -> Runs:
    from core.server import logs
    from core.server.loopback import serving
    from eval.routes import internal

    # Requests of one's own worker are no news.
    logs.configure("warning")
    store = Store.open(settings.data_dir, settings.store_memory)
    ending.callback(store.close)
    jobs = Jobs(store, settings.data_dir)
    library = Library(settings, store, attended=False)
    ending.callback(library.close)
    runs = Runs(settings, store, jobs, library, alone=True)
    routes = [internal(runs)]
    lock.announce(ending.enter_context(serving(settings, routes, lock.owner.token)))
    ending.callback(jobs.stop)
    ending.callback(runs.stop)
    jobs.start()
    runs.start()
    return runs
