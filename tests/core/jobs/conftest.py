"""A queue in a folder of its own, and waiting for what other processes do."""

import time
from collections.abc import Callable

import pytest

from core.jobs.queue import Jobs
from core.store.connection import Store

TASKS = "tests.core.jobs.tasks"
PATIENCE_S = 60


def until(true: Callable[[], object]) -> None:
    """Return once it holds; a test that waits longer than a minute has failed."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "this never came true"
        time.sleep(0.02)


class Bench:
    """A queue with short names for what tests do with it."""

    def __init__(self, folder):
        self.folder = folder
        self.store = Store.open(folder)
        self.jobs = Jobs(self.store, folder, waiting_limit=5, grace=0.3)

    def submit(self, function, priority=0, **args):
        return self.jobs.submit("test", f"{TASKS}:{function}", args, "ann", priority)

    def finished(self, id):
        until(lambda: self.jobs.get(id).is_over)
        return self.jobs.get(id)

    def done(self, function, **args):
        return self.finished(self.submit(function, **args).id)

    def results(self, id):
        return [record.data for record in self.jobs.records(id, kind="result")]

    def reached(self, id, count=1):
        until(lambda: len(self.results(id)) >= count)

    def go(self, id):
        (self.jobs.folder(id) / "go").touch()

    def close(self):
        self.jobs.stop()
        self.store.close()


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def running(bench):
    bench.jobs.start()
    return bench
