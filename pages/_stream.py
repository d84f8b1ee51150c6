"""Running answers: one thread per answer, polled by the page, stoppable at once.

A page's generator sleeps inside the model while it waits for the next word; here it never does,
so a stop or a closed tab is noticed within a tick. It knows events and time, not how they look.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from core.assistant.comparison import Turn
from core.assistant.sessions import Event
from core.errors import PlumblineError
from core.messages import PageStop, Stop
from core.server.logs import logger

TICK = 0.1
QUIET = 0.5
PARTING = 0.5

Ask = Callable[[Stop], Iterator[Event | Turn]]
Outcome = TypeVar("Outcome")


@dataclass
class Batch:
    """What arrived since the last tick; `error` or `done` ends it."""

    events: list[Event | Turn] = field(default_factory=list)
    error: PlumblineError | None = None
    done: bool = False


Arrivals = queue.SimpleQueue[Event | Turn | PlumblineError | None]


@dataclass
class _Run:
    """An answer being written: its stop, what arrives, and the thread that writes it."""

    stop: PageStop
    arrivals: Arrivals
    worker: threading.Thread


class Running:
    """The answers being written now, one per open page."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}
        self._guard = threading.Lock()

    def stop(self, session: str) -> None:
        """End the answer of a page, if there is one."""
        with self._guard:
            run = self._runs.get(session)
        if run:
            run.stop.set()

    def leave(self, session: str) -> None:
        """End the answer of a page that is closed or shows something else now.

        Its run yields nothing more. What was written is stored before this returns, unless the
        model takes longer than a moment to notice.
        """
        with self._guard:
            run = self._runs.pop(session, None)
        if run:
            run.stop.leave()
            run.arrivals.put(None)
            run.worker.join(PARTING)

    def busy(self, session: str) -> bool:
        """Say whether an answer is being written for a page."""
        with self._guard:
            return session in self._runs

    def run(self, session: str, ask: Ask) -> Iterator[Batch]:
        """Yield what arrives, at least every half second, until the answer ends or is left."""
        stop, arrivals = PageStop(), Arrivals()
        worker = threading.Thread(target=_pump, args=(ask, stop, arrivals), daemon=True)
        run = _Run(stop, arrivals, worker)
        with self._guard:
            self._runs[session] = run
            worker.start()
        try:
            for batch in _batches(arrivals):
                if stop.left:
                    return
                yield batch
            stop.set()
        finally:
            stop.leave()
            with self._guard:
                if self._runs.get(session) is run:
                    del self._runs[session]


def attempt(call: Callable[[], Outcome]) -> Outcome | PlumblineError:
    """Return what a call gives, or what went wrong with it in words; the rest is logged."""
    try:
        return call()
    except PlumblineError as error:
        return error
    except Exception as error:  # noqa: BLE001  the boundary of every page event
        logger().error("page event", error=type(error).__name__, exc_info=error)
        return PlumblineError("Something unexpected went wrong.", "The log says what.")


def _pump(ask: Ask, stop: Stop, arrivals: Arrivals) -> None:
    failed = attempt(lambda: deque(map(arrivals.put, ask(stop)), maxlen=0))
    if isinstance(failed, PlumblineError):
        arrivals.put(failed)
    arrivals.put(None)


def _batches(arrivals: Arrivals) -> Iterator[Batch]:
    while True:
        batch = Batch()
        _gather(arrivals, batch)
        yield batch
        if batch.done:
            return


def _gather(arrivals: Arrivals, batch: Batch) -> None:
    """Wait for something, then collect for one tick."""
    deadline = time.monotonic() + QUIET
    while (left := deadline - time.monotonic()) > 0:
        try:
            item = arrivals.get(timeout=left)
        except queue.Empty:
            return
        if item is None:
            batch.done = True
            return
        if isinstance(item, PlumblineError):
            batch.error = item
        else:
            batch.events.append(item)
        deadline = min(deadline, time.monotonic() + TICK)
