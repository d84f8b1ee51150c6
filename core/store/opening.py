"""Opening the record file: creating it whole, refusing what is not ours, moving damage aside.

It knows file names and what may be wrong with them. It knows no table of ours.
"""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from core.errors import OwnedElsewhere, StateError, Unwritable
from core.store import failures

NAME = "plumbline.duckdb"
CHECKED_WHOLE = 64 * 1024 * 1024
Options = dict[str, str | bool | int | float | list[str]]


def options(memory: str) -> Options:
    """Return how every connection is set up."""
    return {
        "memory_limit": memory,
        "threads": max(1, min(4, os.cpu_count() or 1)),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "lock_configuration": True,
    }


def prepare_folder(data_dir: Path) -> None:
    """Create the folder and prove that it can be written."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        probe = data_dir / f".writable-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise Unwritable(
            f"DATA_DIR {data_dir} cannot be written: {error.strerror or error}.",
            "Choose a folder you may write to with DATA_DIR.",
        ) from error


def connect(path: Path, setup: Options) -> tuple[duckdb.DuckDBPyConnection, tuple[str, ...]]:
    """Open the file, or move what is damaged aside and open a new one; say what was moved."""
    notices: list[str] = []
    if not path.exists():
        notices += _orphaned_log(path)
        _create(path, setup)
    while True:
        try:
            return _opened(path, setup), tuple(notices)
        except duckdb.Error as error:
            _refuse_unless_damaged(error, path)
            notices.append(_aside(path, error))
            if not path.exists():
                _create(path, setup)


def ask_for_check(path: Path) -> None:
    """Have the next start read the whole file, however large it is."""
    with suppress(OSError):
        _wish(path).touch()


def _opened(path: Path, setup: Options) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(path, config=setup)
    try:
        if path.stat().st_size <= CHECKED_WHOLE or _wish(path).exists():
            _read_everything(connection)
            _wish(path).unlink(missing_ok=True)
    except duckdb.Error:
        connection.close()
        raise
    return connection


def _read_everything(connection: duckdb.DuckDBPyConnection) -> None:
    # A damaged block is only noticed when it is read; better now than in a chat.
    for schema, table in connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal"
    ).fetchall():
        connection.execute(f'SELECT bit_xor(hash(t)) FROM "{schema}"."{table}" t').fetchall()


def _create(path: Path, setup: Options) -> None:
    # Created under another name first: a kill half way leaves nothing that looks damaged.
    fresh = path.with_name(path.name + ".new")
    for leftover in (fresh, _log(fresh)):
        leftover.unlink(missing_ok=True)
    try:
        duckdb.connect(fresh, config=setup).close()
    except duckdb.Error as error:
        _refuse_unless_damaged(error, path)
        raise failures.in_words(error) from error
    fresh.rename(path)


def _refuse_unless_damaged(error: duckdb.Error, path: Path) -> None:
    if failures.is_locked(error):
        raise OwnedElsewhere(
            f"{path} is open in another process.",
            "Stop that process, or choose another folder with DATA_DIR.",
        ) from error
    if failures.is_newer(error):
        raise StateError(
            f"{path} was written by a newer DuckDB than {duckdb.__version__}.",
            "Update Plumbline, or choose another folder with DATA_DIR.",
        ) from error
    if failures.is_unwritable(error):
        raise Unwritable(
            f"{path} cannot be opened for writing.",
            "Check its permissions and the free disk space, or choose another DATA_DIR.",
        ) from error
    if not failures.is_damage(error):
        raise failures.in_words(error) from error


def _aside(path: Path, error: duckdb.Error) -> str:
    log, only_log = _log(path), "replaying wal" in str(error).lower()
    target = _free_name(path)
    if only_log and log.exists():
        log.rename(_log(target))
        return (
            f"The last changes in {log.name} were damaged and were moved to {_log(target).name}; "
            "what was kept before them is still here."
        )
    path.rename(target)
    if log.exists():
        log.rename(_log(target))
    return (
        f"The record file was damaged and was moved to {target.name}; "
        "a new one was started. Nothing was deleted."
    )


def _orphaned_log(path: Path) -> list[str]:
    log = _log(path)
    if not log.exists():
        return []
    target = _log(_free_name(path))
    log.rename(target)
    return [f"{log.name} had no record file beside it and was moved to {target.name}."]


def _free_name(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    base = path.with_name(f"{path.name}.damaged-{stamp}")
    target, number = base, 2
    while target.exists() or _log(target).exists():
        target, number = base.with_name(f"{base.name}-{number}"), number + 1
    return target


def _wish(path: Path) -> Path:
    return path.with_name(path.name + ".check")


def _log(path: Path) -> Path:
    return path.with_name(path.name + ".wal")
