"""`python -m core.jobs list` and `cancel ID`: detached work, from the command line.

It asks the running app where there is one, and the records themselves where there is none.
"""

import argparse
import sys
from typing import Any

import core.process  # noqa: F401  must come first
from core.errors import PlumblineError
from core.jobs.queue import Jobs
from core.server import handover
from core.server.rows import job_row
from core.settings import Settings, load
from core.store.connection import Store


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the process' exit code."""
    parser = argparse.ArgumentParser(prog="python -m core.jobs", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="show every job")
    commands.add_parser("cancel", help="end a job").add_argument("id")
    asked = parser.parse_args(arguments)
    try:
        settings = load()
        print(listed(settings) if asked.command == "list" else cancelled(settings, asked.id))
    except PlumblineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def listed(settings: Settings) -> str:
    """Return all jobs as lines."""

    def alone(store: Store) -> dict[str, Any]:
        return {"jobs": [job_row(job) for job in Jobs(store, settings.data_dir).list()]}

    rows = handover.either(settings, "GET", ("jobs",), alone)["jobs"]
    return "\n".join(_line(row) for row in rows) if rows else "There are no jobs."


def cancelled(settings: Settings, job_id: str) -> str:
    """Cancel a job and return how it stands."""

    def alone(store: Store) -> dict[str, Any]:
        return job_row(Jobs(store, settings.data_dir).cancel(job_id))

    return _line(handover.either(settings, "POST", ("jobs", job_id, "cancel"), alone))


def _line(row: dict[str, Any]) -> str:
    progress = "" if row["progress"] is None else f" {row['progress']:.0%}"
    words = row["error"] or row["status"]
    return f"{row['id']}  {row['kind']}  {row['state']}{progress}  {words}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
