"""Who owns a DATA_DIR: one process at a time, named in a file only its user can read.

It knows the lock file and its words. It does not open the database and serves no route;
a command line reads the token here to talk to the owner.
"""

import json
import os
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import OwnedElsewhere, Unwritable
from core.store.flock import HeldFile
from core.store.identity import ProcessId

NAME = "plumbline.lock"
PATIENCE = 3.0
_HINT = "Open that address, stop that process, or choose another folder with DATA_DIR."


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that owns a DATA_DIR, and how to reach it."""

    pid: int
    started: datetime
    host: str
    port: int
    url: str
    token: str


class Lock:
    """Ownership of a DATA_DIR, held until released or until the process ends."""

    def __init__(self, held: HeldFile, token: str) -> None:
        self._held = held
        self._token = token
        self._started = datetime.now(UTC)
        self.owner: Owner

    @classmethod
    def acquire(cls, data_dir: Path, url: str) -> "Lock":
        """Own the folder, or say in words who does."""
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            lock = cls(_take(data_dir / NAME), secrets.token_urlsafe(32))
            lock.announce(url)
        except OSError as error:
            raise _unusable(data_dir, error) from error
        return lock

    def announce(self, url: str) -> None:
        """Write down the address, once more when the port becomes known."""
        me = ProcessId.own()
        written = {
            "pid": me.pid,
            "born": me.born,
            "started": self._started.isoformat(),
            "url": url,
            "token": self._token,
        }
        self._held.write(json.dumps(written).encode())
        self.owner = _owner(written)

    def release(self) -> None:
        """Give the folder up; a second call does nothing."""
        # The file stays: removing it would let a third process lock a file with no name.
        if self._held.is_open:
            self._held.write(b"")
            self._held.close()


def owner_of(data_dir: Path) -> Owner | None:
    """Return the living owner of the folder, or None; takes no lock."""
    written = _read(data_dir / NAME)
    if written is None:
        return None
    try:
        alive = ProcessId(int(written["pid"]), float(written["born"])).alive()
        return _owner(written) if alive else None
    except (KeyError, TypeError, ValueError):
        return None


def _take(path: Path) -> HeldFile:
    deadline = time.monotonic() + PATIENCE
    while True:
        held = HeldFile(path)
        if held.take():
            return held
        held.close()
        owner = owner_of(path.parent)
        if owner is not None:
            raise _owned(path.parent, owner)
        # Held, but no living owner is written down: somebody is starting or stopping.
        if time.monotonic() > deadline:
            raise OwnedElsewhere(
                f"DATA_DIR {path.parent} is locked by a process that cannot be seen from here.",
                "Another container may be using it. Choose another folder with DATA_DIR.",
            )
        time.sleep(0.05)


def _unusable(data_dir: Path, error: OSError) -> Unwritable:
    hint = "Choose a folder on a local disk that you may write to with DATA_DIR."
    why = error.strerror or str(error)
    if isinstance(error, FileExistsError):
        why = "a file is in its place"
    # An error that names no file, or the lock file, came after the folder was there.
    made = error.filename is None or Path(error.filename).name == NAME
    done = "written" if made else "created"
    return Unwritable(f"DATA_DIR {data_dir} cannot be {done}: {why}.", hint)


def _owned(data_dir: Path, owner: Owner) -> OwnedElsewhere:
    who = "this process" if owner.pid == os.getpid() else f"process {owner.pid}"
    since = owner.started.strftime("%Y-%m-%d %H:%M:%S UTC")
    return OwnedElsewhere(
        f"DATA_DIR {data_dir} is in use by {who} since {since}, at {owner.url}.", _HINT
    )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        written = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return written if isinstance(written, dict) else None


def _owner(written: dict[str, Any]) -> Owner:
    url = str(written["url"])
    parts = urlsplit(url)
    return Owner(
        pid=int(written["pid"]),
        started=datetime.fromisoformat(str(written["started"])),
        host=parts.hostname or "",
        port=parts.port or 0,
        url=url,
        token=str(written["token"]),
    )
