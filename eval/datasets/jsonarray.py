"""The elements of a JSON array, one after the other, without reading the whole file.

It takes a file that is an array, or an object with an array in it (`{"data": […]}`). It knows
JSON; it does not know what an element means.
"""

import json
from collections.abc import Iterator
from typing import Any, TextIO

from core.errors import BadInput

CHUNK = 262_144
_SPACE = " \t\r\n"
_AFTER = frozenset(f",:]}}{_SPACE}")


class Reader:
    """A text of which only what is not yet decoded is held."""

    def __init__(self, file: TextIO, name: str, limit: int) -> None:
        self._file, self._name, self._limit = file, name, limit
        self._text, self._at, self._ended = "", 0, False
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """Return the next sign that is no space; blank at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, sign: str) -> None:
        """Go behind a sign that has to be next."""
        if self.peek() != sign:
            raise self.broken()
        self._at += 1

    def value(self) -> Any:  # noqa: ANN401
        """Decode the value that is next."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self.broken() from error
            except ValueError as error:
                if not self._more():
                    raise self.broken() from error
            else:
                # A number goes on where nothing that could follow it was read yet: 3 of 3.5.
                if self._text[end : end + 1] in _AFTER or not self._more():
                    self._at = end
                    return value

    def broken(self) -> BadInput:
        """Say where the file is not JSON."""
        near = self._text[self._at : self._at + 30].strip()
        said = f"at {near!r}" if near else "at its end"
        return BadInput(f"{self._name} is not JSON {said}.", "Give an array of objects.")

    def _more(self) -> bool:
        if self._ended:
            return False
        if len(self._text) - self._at > self._limit:
            raise BadInput(
                f"A value in {self._name} has more than {self._limit:,} characters.",
                "Make it smaller.",
            )
        # What is asked for grows with what is held, so that a long value is not read in many steps.
        read = self._file.read(max(CHUNK, len(self._text) - self._at))
        self._text, self._at = self._text[self._at :] + read, 0
        self._ended = not read
        return bool(read)


def elements(file: TextIO, name: str, limit: int) -> Iterator[Any]:
    """Yield the elements of the first array: the file itself, or the first member that is one."""
    reader = Reader(file, name, limit)
    if reader.peek() == "{":
        _go_to_array(reader, name)
    reader.take("[")
    while reader.peek() != "]":
        yield reader.value()
        if reader.peek() == ",":
            reader.take(",")
        elif reader.peek() != "]":
            raise reader.broken()


def _go_to_array(reader: Reader, name: str) -> None:
    reader.take("{")
    while reader.peek() == '"':
        reader.value()
        reader.take(":")
        if reader.peek() == "[":
            return
        reader.value()
        if reader.peek() == ",":
            reader.take(",")
    raise BadInput(f"{name} holds no array of rows.", 'Write [{…}, …] or {"data": [{…}, …]}.')
