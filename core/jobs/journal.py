"""The file a worker writes what it did to, one JSON line each, on disk before the call returns.

It knows lines and bytes. A half-written last line was never acknowledged: it is not read, and
the next attempt cuts it off.
"""

import json
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import TooLarge
from core.records import JobRecord
from core.store.values import to_json

NAME = "records.jsonl"
LINE_LIMIT = 8_000_000
BATCH_BYTES = 4_000_000


class Journal:
    """The writing end, inside the worker."""

    def __init__(self, folder: Path, attempt: int) -> None:
        self._attempt = attempt
        self._lock = threading.RLock()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(folder / NAME, flags, 0o600)
        os.ftruncate(self._descriptor, _whole_lines(folder / NAME))
        _sync_folder(folder)

    def append(self, kind: str, data: dict[str, Any]) -> None:
        """Write one record; once this returns it survives a kill."""
        moment = datetime.now(UTC).isoformat()
        entry = {"at": moment, "attempt": self._attempt, "kind": kind, "data": data}
        line = to_json(entry).encode() + b"\n"
        if len(line) > LINE_LIMIT:
            raise TooLarge(
                f"A record of {len(line):,} bytes is beyond {LINE_LIMIT:,}.",
                "Write what is large to a file in the job's folder and record its name.",
            )
        with self._lock:
            _write_whole(self._descriptor, line)
            os.fsync(self._descriptor)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some whole lines of a journal and the byte after the last of them."""

    records: list[JobRecord]
    upto: int


def read(job_id: str, folder: Path, offset: int) -> Batch:
    """Return the next whole lines from a byte on; an empty batch when there are none."""
    records: list[JobRecord] = []
    try:
        with (folder / NAME).open("rb") as file:
            file.seek(offset)
            end = offset
            while end - offset < BATCH_BYTES:
                line = file.readline(LINE_LIMIT + 1)
                if not line.endswith(b"\n"):
                    break
                records.append(_record(job_id, end, line))
                end += len(line)
    except FileNotFoundError:
        end = offset
    return Batch(records, end)


def _record(job_id: str, n: int, line: bytes) -> JobRecord:
    try:
        entry = json.loads(line)
        moment = datetime.fromisoformat(entry["at"])
        data = dict(entry["data"].items())
        return JobRecord(job_id, n, int(entry["attempt"]), str(entry["kind"]), moment, data)
    except (ValueError, KeyError, TypeError, AttributeError):
        words = {"text": f"The record at byte {n} could not be read."}
        return JobRecord(job_id, n, 0, "log", datetime.now(UTC), words)


def _whole_lines(path: Path) -> int:
    """Return the length of the file up to its last newline."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65_536)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0


def _write_whole(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _sync_folder(folder: Path) -> None:
    # A new file's name is in its folder, which reaches the disk on its own.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
