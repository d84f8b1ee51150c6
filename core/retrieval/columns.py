"""Live rows as columns of Python values; what is long stays in Arrow until a row of it is wanted.

It knows which columns repeat their values and which are read whole. It ranks and filters nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    import pyarrow as pa

# Read row after row by every search; each value of the first kind stands in many rows.
_REPEATED = ("path", "kind", "language")
_WHOLE = ("id", "symbol")
_SPAN = ("span_start", "span_end")


class Columns(Mapping[str, Sequence[Any]]):
    """The columns of live rows, a chunk's span as one value."""

    def __init__(self, table: "pa.Table") -> None:
        self._table = table
        self._names = [name for name in table.column_names if name not in _SPAN]
        self._names += ["span"] if _SPAN[0] in table.column_names else []
        self._read: dict[str, Sequence[Any]] = {}

    def __getitem__(self, name: str) -> Sequence[Any]:
        """Return a column."""
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = self._column(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names of the columns."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return how many columns there are."""
        return len(self._names)

    def _column(self, name: str) -> Sequence[Any]:
        if name == "span":
            return _Cells(*(self._table[part] for part in _SPAN))
        if name in _WHOLE:
            return self._table[name].to_pylist()
        if name in _REPEATED:
            return _shared(self._table[name])
        return _Cells(self._table[name])


class _Cells(Sequence[Any]):
    """A column read cell by cell; several are read side by side, as tuples."""

    def __init__(self, *columns: "pa.ChunkedArray") -> None:
        self._columns = columns

    @overload
    def __getitem__(self, at: int) -> Any: ...  # noqa: ANN401
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        """Return a row's value, or those of several rows."""
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        values = [column[at].as_py() for column in self._columns]
        return values[0] if len(values) == 1 else tuple(values)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._columns[0])


def _shared(column: "pa.ChunkedArray") -> list[Any]:
    """Return a column's values, each one object however often it stands there."""
    found: list[Any] = []
    for chunk in column.dictionary_encode().chunks:
        values = chunk.dictionary.to_pylist()
        found += [values[at] for at in chunk.indices.to_pylist()]
    return found
