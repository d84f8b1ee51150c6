"""How an ingest's worker asks its owner: a record one way, a file in the job's folder the other.

Both may die at any moment: a question is a record that survives, an answer is a file that is
there whole or not at all, and whoever comes next finds either. It knows no question.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import StateError, Stopped, Unwritable
from core.jobs.work import Work
from core.store.lock import owner_of

POLL_S = 0.05
# A worker whose owner is gone waits so long for the next one, and then ends.
PATIENCE_S = 300.0
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Question:
    """What a worker wants to know: the question's name, its number in this attempt, its data."""

    name: str
    n: int
    data: dict[str, Any]


class Asking:
    """The worker's end."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._asked = 0

    def ask(self, name: str, **data: object) -> dict[str, Any]:
        """Ask and wait for the answer; an owner that died may be followed by another."""
        self._asked += 1
        self._work.emit({"ask": name, "n": self._asked, **data})
        path = _path(self._work.folder, self._work.attempt, self._asked)
        alone_since = None
        while not path.exists():
            if self._work.cancelled():
                raise Stopped("The ingest was asked to end.")
            owned = owner_of(self._work.folder.parent.parent) is not None
            alone_since = None if owned else alone_since or time.monotonic()
            if alone_since is not None and time.monotonic() - alone_since > PATIENCE_S:
                raise Stopped("Nobody is there to take in what the ingest made.")
            time.sleep(POLL_S)
        told = json.loads(path.read_text(encoding="utf-8"))
        if REFUSED in told:
            raise StateError(told[REFUSED], told["hint"])
        return told


def asked(record: dict[str, Any]) -> Question | None:
    """Return the question a worker's record holds, if it holds one."""
    if "ask" not in record:
        return None
    data = {name: value for name, value in record.items() if name not in ("ask", "n")}
    return Question(str(record["ask"]), int(record["n"]), data)


def answered(folder: Path, attempt: int, n: int) -> bool:
    """Say whether a question has its answer."""
    return _path(folder, attempt, n).exists()


def answer(folder: Path, attempt: int, n: int, told: dict[str, Any]) -> None:
    """Answer a question; once this returns the answer survives a kill."""
    whole(_path(folder, attempt, n), json.dumps(told).encode())


def refuse(folder: Path, attempt: int, n: int, message: str, hint: str) -> None:
    """Answer a question by ending the ingest, in words."""
    answer(folder, attempt, n, {REFUSED: message, "hint": hint})


def whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; a full disk is said in words."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise full(path.name, error) from error


def full(name: str, error: OSError) -> Unwritable:
    """Return why a file of the job could not be written."""
    return Unwritable(
        f"{name} could not be written: {error.strerror or error}.",
        "Free some space on the disk of DATA_DIR and run the same command again; "
        "what is done is kept.",
    )


def _path(folder: Path, attempt: int, n: int) -> Path:
    return folder / f"answer-{attempt}-{n}.json"
