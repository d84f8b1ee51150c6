"""The texts of a data set, on the Hugging Face hub or in a local file, row by row.

It reads parquet and JSON lines through `datasets`, streamed, and finds out which columns hold
the text, its title, its section and its address. It follows no configuration that a data set
brings along, since that may name any file or address; and it runs no code of one.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from core.errors import BadInput, NotFound, SourceError, Unauthorized
from ingest.article import markdown
from ingest.found import Caps, Found, Skipped, Watch

SUFFIXES = (".parquet", ".jsonl", ".ndjson")
_READERS = {".parquet": "parquet", ".jsonl": "json", ".ndjson": "json"}
_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_PART = re.compile(r"[\w-][\w.+-]*")
_COLUMNS = {
    "text": ("text", "content", "body", "article", "passage", "document"),
    "title": ("title", "name", "headline"),
    "section": ("section", "section_title", "heading"),
    "url": ("url", "link", "source_url"),
    "id": ("id", "_id", "docid", "pageid"),
}
_MAX_PATH = 200
_SAY_EVERY = 200
_UNUSABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Files:
    """The files that hold a data set's rows, and the commit they are of."""

    urls: tuple[str, ...]
    revision: str = ""


def parse(text: str) -> tuple[str, str]:
    """Return the hub id and the configuration in `owner/name:config`."""
    name, _, part = text.partition(":")
    if not _ID.fullmatch(name) or ".." in name or (part and not _PART.fullmatch(part)):
        raise BadInput(
            f"{text!r} names no data set.",
            "Write hub:owner/name, or hub:owner/name:config, "
            "such as hub:wikimedia/wikipedia:20231101.simple.",
        )
    return name, part


def local(file: Path) -> Files:
    """Return a file on this machine as a data set of its own."""
    return Files((str(file),))


def remote(name: str, part: str) -> Files:
    """Return the files of a data set on the hub, of its newest commit."""
    from huggingface_hub import HfApi

    with mapped(name):
        info = HfApi().dataset_info(name, timeout=20)
    paths = chosen([file.rfilename for file in info.siblings or ()], part)
    if not paths:
        said = f" in {part}" if part else ""
        raise NotFound(
            f"{name} has no parquet or JSON lines files{said}.",
            "Name one of its configurations: hub:owner/name:config.",
        )
    return Files(tuple(f"hf://datasets/{name}@{info.sha}/{path}" for path in paths), info.sha or "")


def chosen(paths: list[str], part: str) -> list[str]:
    """Return the files of a configuration: of one kind, and those to train on if marked."""
    of_part = [path for path in sorted(paths) if not part or part in _parts(path)]
    for suffix in SUFFIXES:
        found = [path for path in of_part if path.endswith(suffix)]
        if found:
            return [path for path in found if "train" in path.split("/", 1)[-1]] or found
    return []


def _parts(path: str) -> set[str]:
    """Return what a file may be called by: its folders, and its name without the suffix."""
    pure = PurePosixPath(path)
    return {*pure.parts[:-1], pure.stem}


@dataclass(slots=True)
class Rows:
    """The rows of a data set as files of Markdown."""

    name: str
    files: Files
    caps: Caps
    watch: Watch
    seen: set[str] = field(default_factory=set)

    def entries(self) -> Iterator[Found | Skipped]:
        """Yield each row's text under its title; a row without text is skipped."""
        self.seen.clear()
        taken = 0
        with mapped(self.name):
            for number, row in enumerate(islice(self._rows(), self.caps.rows), 1):
                self.watch.check()
                if number % _SAY_EVERY == 0:
                    self.watch.say(f"Read {number:,} rows of {self.name}.")
                entry = self._entry(number, row)
                taken += entry.size if isinstance(entry, Found) else 0
                if taken > self.caps.total_bytes:
                    self.watch.say(f"Took the first {number - 1:,} rows of {self.name}.")
                    return
                yield entry

    def _rows(self) -> Iterator[Mapping[str, Any]]:
        from datasets import load_dataset

        reader = _READERS[PurePosixPath(self.files.urls[0]).suffix]
        files = list(self.files.urls)
        try:
            return iter(load_dataset(reader, data_files=files, split="train", streaming=True))
        except StopIteration as error:
            raise BadInput(f"{self.name} has no rows.", "Give another file.") from error

    def _entry(self, number: int, row: Mapping[str, Any]) -> Found | Skipped:
        cells = {name: _cell(row, columns) for name, columns in _COLUMNS.items()}
        if number == 1 and not any(column in row for column in _COLUMNS["text"]):
            raise BadInput(
                f"{self.name} has no column of texts; it has {', '.join(sorted(row))}.",
                f"One of these is needed: {', '.join(_COLUMNS['text'])}.",
            )
        path = self._path(number, cells)
        if not cells["text"].strip():
            return Skipped(path, "empty")
        data = markdown(cells["text"], cells["title"], cells["section"]).encode(errors="replace")
        url = cells["url"] if re.match(r"https?://\S+$", cells["url"]) else ""
        load = partial(bytes, data)
        return Found(path, len(data), load, self.caps.file_bytes, url=url, language="markdown")

    def _path(self, number: int, cells: Mapping[str, str]) -> str:
        """Return a name for the row that no other row has."""
        called = "/".join(cells[name] for name in ("title", "section") if cells[name])
        path = _UNUSABLE.sub(" ", called or cells["id"]).strip()[:_MAX_PATH] or f"row {number}"
        if path in self.seen:
            path = f"{path} ({number})"
        self.seen.add(path)
        return path


def _cell(row: Mapping[str, Any], columns: tuple[str, ...]) -> str:
    value = next((row[column] for column in columns if row.get(column) is not None), "")
    return str(value) if isinstance(value, str | int) else ""


@contextmanager
def mapped(name: str) -> Iterator[None]:
    """Say in plain words what the hub client, or a reader of files, complains about."""
    import httpx2
    import pyarrow
    from datasets.exceptions import DatasetsError
    from huggingface_hub import errors as hub

    try:
        yield
    except hub.GatedRepoError as error:
        raise Unauthorized(
            f"The hub lets only approved accounts read {name}.",
            "Ask for access on its page and set HF_TOKEN.",
        ) from error
    except (hub.RepositoryNotFoundError, hub.HFValidationError) as error:
        raise NotFound(f"The hub has no data set {name}, or it is private.", "Check it.") from error
    except FileNotFoundError as error:
        raise NotFound(f"There is no data set {name} here.", "Check the path.") from error
    except (pyarrow.ArrowException, DatasetsError, UnicodeError) as error:
        raise BadInput(
            f"{name} cannot be read as a data set.", "Check that it is whole."
        ) from error
    except (httpx2.HTTPError, OSError) as error:
        if isinstance(error, hub.HfHubHTTPError) and error.response.status_code < 500:
            raise SourceError(
                f"The hub refused {name}: status {error.response.status_code}.", "Check its page."
            ) from error
        if isinstance(error, PermissionError):
            raise BadInput(f"{name} may not be read.", "Check the file's mode.") from error
        raise SourceError(
            f"{name} cannot be fetched: the hub cannot be reached.", "Check the network."
        ) from error
