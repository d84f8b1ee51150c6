"""The process that does one job: `python -m core.jobs.worker JOB_DIR`.

It reads its order, calls the function and writes records. It never opens the database.
"""

import core.process  # isort: skip

import importlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from core.errors import PlumblineError, Stopped
from core.jobs.journal import Journal
from core.jobs.order import PAUSE, Order
from core.jobs.work import POLL_S, Work
from core.store.flock import keep
from core.store.identity import ProcessId

NICENESS = 10
TRACE_LIMIT = 20_000


def main(folder: Path) -> int:
    """Do the job in this folder and say how it ended by exit code."""
    core.process.prepare()
    os.nice(NICENESS)
    _keep_alive_file()
    order = Order.read(folder)
    journal = Journal(folder, order.attempt)
    work = Work(order, folder, journal, folder.parent / PAUSE)
    _listen(work)
    me = ProcessId.own()
    journal.append("started", {"pid": me.pid, "born": me.born})
    threading.Thread(target=_watch, args=(work,), name="watch", daemon=True).start()
    state = _run(order.target, work, journal)
    journal.append("ended", {"state": state})
    return 0 if state == "completed" else 1


def _run(target: str, work: Work, journal: Journal) -> str:
    try:
        _function(target)(work)
    except Stopped:
        return "cancelled"
    except (Exception, SystemExit) as error:  # noqa: BLE001  the boundary of a background job
        journal.append("error", _described(error))
        return "cancelled" if work.cancelled() else "failed"
    return "cancelled" if work.cancelled() else "completed"


def _function(target: str) -> Callable[[Work], None]:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def _described(error: BaseException) -> dict[str, str]:
    ours = isinstance(error, PlumblineError)
    return {
        "type": type(error).__name__,
        "message": error.message if ours else str(error),
        "hint": error.hint if ours else "",
        "trace": "".join(traceback.format_exception(error))[-TRACE_LIMIT:],
    }


def _keep_alive_file() -> None:
    # The owner handed over a held file as stdin. It must be let go when this process ends, so it
    # moves to a descriptor that nothing started from here inherits.
    keep(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _listen(work: Work) -> None:
    def end(_signum: int, _frame: FrameType | None) -> None:
        work.ask_to_end()

    def wait(_signum: int, _frame: FrameType | None) -> None:
        work.wait_once()

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGUSR1, wait)
    # Libraries that do not expect an interrupted call must not see one.
    signal.siginterrupt(signal.SIGUSR1, False)


def _watch(work: Work) -> None:
    # A function deep in a computation asks nobody; the signal makes its thread wait between
    # two bytecodes, and an owner that dies while it waits lets it go on.
    main_thread = threading.main_thread().ident or 0
    while not work.stop.is_set():
        if work.cancelled():
            work.stop.set()
        elif work.is_paused() and not work.is_waiting:
            signal.pthread_kill(main_thread, signal.SIGUSR1)
        time.sleep(POLL_S)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
