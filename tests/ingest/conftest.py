"""Ingests in this process: the worker's function in a thread, the owner's answers beside it."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import PlumblineError
from core.jobs import journal
from core.jobs.journal import Journal
from core.jobs.order import Order
from core.jobs.work import Work
from core.records import Job
from core.retrieval.library import Library
from core.settings import load
from core.store.connection import Store
from ingest import work
from ingest.intake import Intake
from ingest.service import TARGET, settings_for
from ingest.sources import parse

Meet = Callable[[dict[str, Any]], object]


def nothing(record: dict[str, Any]) -> None:
    """Let a record pass."""


class Died(Exception):
    """The worker or the owner is gone, as if killed."""


class Bench:
    """One DATA_DIR, whose owner can be replaced by another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = load({"data_dir": str(folder)}, env_file=None)
        self.store = Store.open(folder)
        self.library = Library(self.settings, self.store)
        self.corpora = self.library.corpora

    def job(self, source: Path | str, name: str = "mine", **more: Any) -> Job:
        """Make the job that a submit would."""
        options = {"include": (), "exclude": (), "corpus": False, "cutting": "code", "embed": False}
        options |= more
        found = parse(
            str(source),
            include=options["include"],
            exclude=options["exclude"],
            corpus=options["corpus"],
        )
        args = {
            "corpus": name,
            "source": found.spec(),
            "cutting": options["cutting"],
            "embed": options["embed"],
            "settings": settings_for(self.settings, stranger=False),
        }
        id = uuid.uuid4().hex
        settings = {"cutting": args["cutting"], "embed": args["embed"]}
        self.corpora.create(name, found.title, found.spec(), settings, id)
        now = datetime.now(UTC)
        return Job(id, "ingest", TARGET, args, "running", "", now, started=now, attempt=1)

    def again(self, job: Job) -> Job:
        """Return the job at its next attempt."""
        return replace(job, attempt=job.attempt + 1, started=datetime.now(UTC))

    def folder_of(self, job: Job) -> Path:
        """Return the job's folder, made."""
        folder = self.folder / "jobs" / job.id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def start(self, job: Job, emitted: Meet = nothing, emitting: Meet = nothing) -> "Run":
        """Start the worker's function; tell of each record before and after it is written."""
        folder = self.folder_of(job)
        order = Order(job.id, job.target, job.args, job.attempt, job.environment)
        work = _Work(order, folder, Journal(folder, job.attempt), folder.parent / "pause")
        work.meets = emitting, emitted
        return Run(work)

    def follow(self, job: Job, run: "Run", intake: Intake | None = None) -> Intake:
        """Take in what the worker writes until it ends."""
        folder = self.folder_of(job)
        intake = intake or Intake(job, folder, self.library)
        while True:
            alive = run.is_alive()
            found = journal.read(job.id, folder, 0).records
            intake.take([record for record in found if record.kind == "result"])
            if not alive:
                return intake
            time.sleep(0.005)

    def run(self, source: Path | str, name: str = "mine", **more: Any) -> dict[str, Any]:
        """Ingest from start to end; return the report."""
        job = self.job(source, name, **more)
        run = self.start(job)
        self.follow(job, run)
        if run.error is not None:
            raise run.error
        return self.corpora.get(name).report

    def reopened(self) -> "Bench":
        """Return the same folder under a new owner."""
        self.close()
        return Bench(self.folder)

    def close(self) -> None:
        """Let go."""
        self.library.close()
        self.store.close()


class Run:
    """A worker's function in a thread."""

    def __init__(self, order: Work) -> None:
        self.work = order
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._main, daemon=True)
        self._thread.start()

    def _main(self) -> None:
        try:
            work.run(self.work)
        except (PlumblineError, OSError, Died) as error:
            self.error = error

    def is_alive(self) -> bool:
        """Say whether it has not ended."""
        return self._thread.is_alive()


class _Work(Work):
    """Work whose every record a test can meet."""

    meets: tuple[Meet, Meet] = (nothing, nothing)

    def emit(self, record: dict[str, Any]) -> None:
        """Write down a result."""
        before, after = self.meets
        before(record)
        super().emit(record)
        after(record)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a small folder of code and prose."""
    root = tmp_path / "project"
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "basket.py").write_text(
        "def add_item(basket, item):\n    basket.append(item)\n    return basket\n\n\n"
        "def total_price(basket):\n    return sum(item.price for item in basket)\n"
    )
    (root / "shop" / "mail.py").write_text(
        'class Courier:\n    """Brings parcels."""\n\n    def deliver_parcel(self, address):\n'
        "        return self.van.drive(address)\n"
    )
    (root / "README.md").write_text("# Shop\n\nHow baskets are packed and parcels delivered.\n")
    return root
