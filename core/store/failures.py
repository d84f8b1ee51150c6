"""What DuckDB's errors mean, said once in our words.

It knows exception types and texts. It opens nothing and moves nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from core.errors import BadInput, Busy, Corrupt, PlumblineError, StateError, Unwritable

_DAMAGE = (
    "not a valid duckdb database",
    "could not read enough bytes",
    "checksum",
    "corrupt",
    "replaying wal",
    "failed to deserialize",
    "serialization error",
    "could not read all",
)
_NEWER = ("version number", "newer version", "storage version")
_LOCKED = ("could not set lock", "conflicting lock", "different configuration")
_UNWRITABLE = ("permission denied", "read-only file system", "no space left", "is a directory")


def is_newer(error: duckdb.Error) -> bool:
    """Say whether the file was written by a DuckDB newer than ours."""
    return _says(error, _NEWER)


def is_locked(error: duckdb.Error) -> bool:
    """Say whether another process has the file open."""
    return _says(error, _LOCKED)


def is_unwritable(error: duckdb.Error) -> bool:
    """Say whether the folder or the disk refuses."""
    return _says(error, _UNWRITABLE)


def is_damage(error: duckdb.Error) -> bool:
    """Say whether the bytes of the file make no sense."""
    kinds = (duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
    return isinstance(error, kinds) or _says(error, _DAMAGE)


def in_words(error: duckdb.Error) -> PlumblineError:
    """Return our error for one of DuckDB's."""
    if is_unwritable(error):
        return Unwritable(
            "The record store cannot be written: the disk is full or read-only.",
            "Free some space, or choose another folder with DATA_DIR.",
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return StateError(
            "The record store ran out of the memory it may use.", "Raise STORE_MEMORY."
        )
    if isinstance(error, duckdb.TransactionException):
        return Busy("Two writers changed the same record at once.", "Try again.")
    if isinstance(error, duckdb.ConstraintException):
        return BadInput("A record with this identifier is already kept, or a value is missing.")
    # Only closing the store interrupts a query.
    if isinstance(error, duckdb.ConnectionException | duckdb.InterruptException):
        return StateError("The record store is closed.", "Start the app again.")
    if is_damage(error):
        return Corrupt(
            "Part of the record file is damaged.",
            "Stop the app and start it again: the next start checks the file and, if it must, "
            "moves it aside. Nothing is deleted.",
        )
    return StateError(
        f"The record store failed ({type(error).__name__}).", "The log has the details."
    )


@contextmanager
def mapped() -> Iterator[None]:
    """Turn DuckDB's errors into ours."""
    try:
        yield
    except duckdb.Error as error:
        raise in_words(error) from error


def _says(error: duckdb.Error, phrases: tuple[str, ...]) -> bool:
    text = str(error).lower()
    return any(phrase in text for phrase in phrases)
