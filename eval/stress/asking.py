"""Stress runs from a command line: asked of the app that owns DATA_DIR, or done by the command.

It knows the questions of desk.py by name only.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from core.errors import OwnedElsewhere
from core.jobs.queue import Jobs
from core.server import handover, logs
from core.settings import Settings
from core.store.connection import Store
from core.store.lock import Lock, Owner, owner_of
from eval.stress.desk import Desk
from eval.stress.service import Stress

TIMEOUT_S = 120.0
Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


@contextmanager
def asking(settings: Settings) -> Iterator[Ask]:
    """Give a way to ask the owner of DATA_DIR, or be the owner for the while."""
    owner = owner_of(settings.data_dir)
    if owner is not None:
        yield _remote(owner)
        return
    with ExitStack() as ending:
        try:
            lock = Lock.acquire(settings.data_dir, "")
        except OwnedElsewhere:
            # Somebody became the owner between the look and the grip.
            owner = owner_of(settings.data_dir)
            if owner is None:
                raise
            yield _remote(owner)
            return
        ending.callback(lock.release)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        logs.configure("warning")
        store = Store.open(settings.data_dir, settings.store_memory)
        ending.callback(store.close)
        jobs = Jobs(store, settings.data_dir)
        ending.callback(jobs.stop)
        jobs.start()
        yield Desk(Stress(settings, jobs)).answer


def _remote(owner: Owner) -> Ask:
    def ask(name: str, body: dict[str, Any]) -> dict[str, Any]:
        return handover.ask(owner, "POST", ("stress", name), body, TIMEOUT_S)

    return ask
