"""Functions that jobs run in the tests, inside real worker processes."""

import os
import subprocess
import sys
import time
from pathlib import Path

from core.errors import ModelMissing, Stopped
from core.jobs.work import Work


def wait_for(path: Path) -> None:
    """Return once the test has made this file."""
    while not path.exists():
        time.sleep(0.02)


def count(work: Work) -> None:
    """Emit numbers, say how far, and end early when asked."""
    total = int(work.args["total"])
    for number in range(total):
        if work.cancelled():
            return
        work.emit({"number": number, "attempt": work.attempt})
        work.report((number + 1) / total, f"number {number}")


def count_slowly(work: Work) -> None:
    """Emit 200 numbers over some seconds."""
    for number in range(200):
        work.emit({"number": number})
        work.report(number / 200, f"number {number}")
        time.sleep(0.03)


def gated(work: Work) -> None:
    """Emit `before`, wait for the file `go` in the job's folder, emit `after`."""
    work.emit({"step": "before"})
    while not (work.folder / "go").exists():
        if work.cancelled():
            work.log("asked to end")
            return
        time.sleep(0.02)
    work.emit({"step": "after"})


def diary(work: Work) -> None:
    """Write down entering and leaving in a file all jobs share."""
    book = Path(work.args["book"])
    with book.open("a") as file:
        file.write(f"in {work.args['name']}\n")
    if work.args.get("gate"):
        wait_for(Path(work.args["gate"]))
    with book.open("a") as file:
        file.write(f"out {work.args['name']}\n")


def busy(work: Work) -> None:
    """Count in a file without ever asking anything, until the file `go` appears."""
    number = 0
    while not (work.folder / "go").exists():
        number += 1
        (work.folder / "count").write_text(str(number))


def stubborn(work: Work) -> None:
    """Start a program, name it, and never end."""
    program = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    work.emit({"program": program.pid})
    while True:
        time.sleep(600)


def surroundings(work: Work) -> None:
    """Tell what the worker looks like from inside."""
    work.emit(
        {
            "duckdb": "duckdb" in sys.modules,
            "nice": os.nice(0),
            "pad": os.environ.get("MALLOC_TOP_PAD_", ""),
            "stdin": sys.stdin.read(),
            "leads_session": os.getsid(0) == os.getpid(),
            "args": work.args,
            "stop": work.stop.is_set(),
        }
    )


def awaits_stop(work: Work) -> None:
    """Wait on the event that generators take, and say that it came."""
    work.emit({"step": "waiting"})
    work.stop.wait()
    work.emit({"step": "stopped"})
    raise Stopped("The caller pressed stop.")


def fails(work: Work) -> None:
    """Fail with words that are hard to store."""
    work.emit({"step": "before"})
    raise ValueError("no \ud800 way \x00 out")


def fails_in_our_words(work: Work) -> None:
    """Fail the way Plumbline does."""
    raise ModelMissing("There is no folder nowhere.", "Set HUB_MODEL.")


def exits(work: Work) -> None:
    """Leave through the back door."""
    sys.exit("enough")


def dies(work: Work) -> None:
    """End as the kernel ends what takes too much memory."""
    os.kill(os.getpid(), 9)


def leaves(work: Work) -> None:
    """End without unwinding, after a last line of output."""
    sys.stderr.write("first line\nsomething broke\n")
    sys.stderr.flush()
    os._exit(3)


def second_time_lucky(work: Work) -> None:
    """Fail once, then complete."""
    work.emit({"attempt": work.attempt})
    if work.attempt == 1:
        raise RuntimeError("not yet")


def leaves_others_behind(work: Work) -> None:
    """Fork, start a program, and end while both live on."""
    program = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    forked = os.fork()
    if forked == 0:
        time.sleep(600)
        os._exit(0)
    work.emit({"left": [program.pid, forked]})
