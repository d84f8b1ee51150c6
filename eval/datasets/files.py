"""The rows of a data file, one after the other: CSV, JSON lines, JSON and Parquet.

It knows formats, encodings and where a row stands. A row that cannot be read is told with the
reason, and reading goes on behind it. It does not know what a row means, and it never holds more
of a file than some rows.
"""

import codecs
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from core.errors import BadInput, NotFound
from eval.datasets import jsonarray

Form = Literal["csv", "jsonl", "json", "parquet"]
Cells = dict[str, Any]
Row = tuple[int, Cells | str]

FIELD_LIMIT = 1_000_000
LINE_LIMIT = 8_000_000
PARQUET_ROWS = 500
SAMPLE = 65_536
DELIMITERS = ",;\t|"
FORMS: dict[str, Form] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
}
UNITS: dict[Form, str] = {"csv": "line", "jsonl": "line", "json": "row", "parquet": "row"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def form_of(name: str) -> Form:
    """Return the format that a file's name tells."""
    form = FORMS.get(Path(name).suffix.lower())
    if form is None:
        raise BadInput(
            f"{Path(name).name!r} does not say its format.",
            f"Name it with one of {', '.join(FORMS)}, or give the format.",
        )
    return form


def rows(path: Path, form: Form, encoding: str = "") -> Iterator[Row]:
    """Yield each row with the line (or the number) it stands at; a text says why it is bad."""
    try:
        used = encoding or _marked(path)
        codecs.lookup(used)
        yield from _READERS[form](path, used)
    except LookupError as error:
        raise BadInput(f"{encoding!r} is no encoding.", "Such as utf-8 or cp1252.") from error
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path.name}.", "Check the path.") from error
    except (IsADirectoryError, PermissionError) as error:
        raise BadInput(f"{path.name} cannot be read.", "Give a file that may be read.") from error


def _marked(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
    return next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")


def _csv(path: Path, encoding: str) -> Iterator[Row]:
    # A byte that the encoding does not have becomes half a surrogate pair, which marks its row.
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        sample = file.read(SAMPLE)
        file.seek(0)
        csv.field_size_limit(FIELD_LIMIT)
        pieces = iter(lambda: file.readline(LINE_LIMIT), "")
        reader = csv.reader(pieces, delimiter=_delimiter(sample), strict=True)
        head: list[str] | None = None
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, _told(error)
                continue
            if head is None:
                head = _head(path, cells)
            elif any(cells):
                yield line, _row(head, cells, encoding)


def _delimiter(sample: str) -> str:
    """Return what the first line is parted by: that which makes the most cells of it."""
    first = sample.splitlines()[:1]
    return max(DELIMITERS, key=lambda each: len(next(csv.reader(first, delimiter=each), ())))


def _head(path: Path, cells: list[str]) -> list[str]:
    head = [cell.strip() for cell in cells]
    twice = sorted({name for name in head if head.count(name) > 1})
    if twice or not any(head):
        said = f"has the column {twice[0]!r} twice" if any(head) else "names no columns"
        raise BadInput(f"The first line of {path.name} {said}.", "Give every column a name.")
    return head


def _row(head: list[str], cells: list[str], encoding: str) -> Cells | str:
    if len(cells) != len(head):
        return f"it has {len(cells)} cells, and there are {len(head)} columns"
    row = dict(zip(head, cells, strict=True))
    for name, cell in row.items():
        if not cell.isascii() and any("\udc80" <= sign <= "\udcff" for sign in cell):
            return f"{name} is not {encoding.removesuffix('-sig').upper()}"
    return row


def _told(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"a cell has more than {FIELD_LIMIT:,} characters"
    if "end of data" in str(error):
        return "a quoted cell that begins here does not end"
    return f"its quotes do not match ({error})"


def _jsonl(path: Path, encoding: str) -> Iterator[Row]:
    if encoding.startswith("utf-16"):
        raise BadInput(f"{path.name} is UTF-16; JSON lines are UTF-8.", "Save it as UTF-8.")
    with path.open("rb") as file:
        file.read(len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0)
        line = 0
        while raw := file.readline(LINE_LIMIT + 1):
            line += 1
            if len(raw) > LINE_LIMIT:
                while raw and not raw.endswith(b"\n"):
                    raw = file.readline(LINE_LIMIT)
                yield line, f"it has more than {LINE_LIMIT:,} bytes"
            elif raw.strip():
                yield line, _object(raw, encoding)


def _object(raw: bytes, encoding: str) -> Cells | str:
    try:
        found = json.loads(raw.decode("utf-8" if encoding == "utf-8-sig" else encoding))
    except UnicodeDecodeError as error:
        return f"it is not {encoding.upper()} (byte {error.start + 1})"
    except (ValueError, RecursionError):
        return "it is not JSON"
    return found if isinstance(found, dict) else "it is not a JSON object"


def _json(path: Path, encoding: str) -> Iterator[Row]:
    with path.open(encoding=encoding) as file:
        try:
            for number, found in enumerate(jsonarray.elements(file, path.name, LINE_LIMIT), 1):
                yield number, found if isinstance(found, dict) else "it is not a JSON object"
        except UnicodeDecodeError as error:
            raise BadInput(
                f"{path.name} is not {encoding.upper()}.", "Save it as UTF-8, or name its encoding."
            ) from error


def _parquet(path: Path, _: str) -> Iterator[Row]:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        number = 0
        with ParquetFile(path) as file:
            for batch in file.iter_batches(PARQUET_ROWS):
                for found in batch.to_pylist():
                    number += 1
                    yield number, found
    except pyarrow.ArrowException as error:
        raise BadInput(f"{path.name} is not a whole Parquet file.", "Write it again.") from error


_READERS = {"csv": _csv, "jsonl": _jsonl, "json": _json, "parquet": _parquet}
