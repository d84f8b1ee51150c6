"""A file that counts what is read of it, and ends a read that would never end.

It stands between a compressed stream and the library that takes it apart, because those
libraries read as much as a header asks for. It knows no archive format.
"""

import io
import os
from typing import IO

from core.errors import BadInput, TooLarge
from ingest.found import MEGABYTE

MAX_READ = 16 * MEGABYTE


class Meter(io.BufferedIOBase):
    """A readable, seekable view of a file that refuses to go past `allowed` bytes."""

    def __init__(self, file: IO[bytes], name: str, allowed: int | None = None) -> None:
        self._file = file
        self._name = name
        self._allowed = allowed

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes; a read of more than a header can need is refused."""
        wanted = MAX_READ + 1 if size is None or size < 0 else size
        data = self._file.read(min(wanted, MAX_READ + 1))
        if len(data) > MAX_READ:
            raise BadInput(
                f"{self._name} has headers of more than {MAX_READ // MEGABYTE} MB.",
                "Pack it again with another program.",
            )
        self._check(self._file.tell())
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place, unless the way there is too long to unpack."""
        if whence == os.SEEK_SET:
            self._check(offset)
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Say that places can be gone to."""
        return True

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def _check(self, place: int) -> None:
        if self._allowed is not None and place > self._allowed:
            raise too_large(self._name, self._allowed)


def too_large(name: str, allowed: int) -> TooLarge:
    """Return the refusal of an archive that unpacks to more than is allowed."""
    return TooLarge(
        f"{name} unpacks to more than {allowed / MEGABYTE:,.0f} MB, "
        "which is the cap, or 100 times its size.",
        "Unpack it yourself and give the folder you want.",
    )
