"""A process that owns a DATA_DIR, submits a job, says what happens, and is there to be killed.

`python -m tests.core.jobs.owner DATA_DIR TARGET [yield]`; TARGET - submits nothing.
"""

import sys
from contextlib import ExitStack
from pathlib import Path

from core.jobs.queue import Jobs
from core.store.connection import Store


def main() -> None:
    """Submit, print the job's id, and hold on, holding jobs back if asked to."""
    folder, target = Path(sys.argv[1]), sys.argv[2]
    jobs = Jobs(Store.open(folder), folder)
    jobs.start()
    if target != "-":
        job = jobs.submit("test", target, {"total": 200}, "ann")
        sys.stdout.write(f"{job.id}\n")
        sys.stdout.flush()
    with ExitStack() as stack:
        if sys.argv[3:]:
            sys.stdin.readline()
            stack.enter_context(jobs.yielding())
            sys.stdout.write("yielding\n")
            sys.stdout.flush()
        sys.stdin.read()


main()
