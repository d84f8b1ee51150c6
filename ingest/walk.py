"""The files of a folder, in a fixed order, each one found or skipped with a reason.

It knows names, sizes, links and rules, and opens .gitignore files only: a file's bytes are read
when its text is asked for. Links are never followed, so that no walk leaves its root or goes
in a circle.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pathspec import GitIgnoreSpec

from core.errors import BadInput, NotFound, TooLarge
from ingest import legible
from ingest.found import MEGABYTE, Caps, Found, Skipped, Watch
from ingest.globs import Ignored, Rules, compiled

HIDDEN, IGNORED, LINK, SPECIAL = "hidden", "ignored by .gitignore", "link", "not a file"
EXCLUDED, NOT_INCLUDED, NAME = "excluded", "not included", "unusable name"
DEPENDENCIES = "dependencies"
_FOREIGN = frozenset({"node_modules", "site-packages"})
_MADE = frozenset({"__pycache__"})
_VIRTUAL = "pyvenv.cfg"
_RULES_BYTES = 1_000_000
# Control characters, marks that turn the direction of what follows, and bytes that are no UTF-8.
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# A name that cannot be followed by a link that took its place, and a pipe that nobody feeds.
_SAFELY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def read(path: str, limit: int) -> bytes:
    """Return the bytes of a regular file, at most one more than the limit."""
    with os.fdopen(os.open(path, _SAFELY), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path} is no regular file")
        return file.read(limit + 1)


@dataclass(slots=True)
class Walk:
    """One walk over a folder; `prefix` stands before every path, `only` is the one file wanted."""

    root: Path
    caps: Caps
    watch: Watch = field(default_factory=Watch)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    prefix: str = ""
    only: str = ""
    _wanted: GitIgnoreSpec = field(init=False)
    _unwanted: GitIgnoreSpec = field(init=False)
    _ignored: Ignored = field(init=False, default_factory=Ignored)
    _files: int = field(init=False, default=0)
    _bytes: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._wanted, self._unwanted = compiled(self.include), compiled(self.exclude)

    def entries(self) -> Iterator[Found | Skipped]:
        """Yield every file, each folder's before those of the folders in it."""
        self._files = self._bytes = 0
        waiting: list[tuple[str, tuple[Rules, ...]]] = [("", ())]
        while waiting:
            folder, rules = waiting.pop()
            try:
                listed = self._list(folder)
            except OSError as error:
                yield self._unlistable(folder, error)
                continue
            if folder and any(entry.name == _VIRTUAL for entry in listed):
                yield Skipped(f"{self.prefix}{folder}", DEPENDENCIES)
                continue
            rules = self._with_rules(folder, listed, rules)
            below = []
            for entry in listed:
                self.watch.check()
                seen = self._entry(f"{folder}{entry.name}", entry, rules)
                if seen is None:
                    below.append((f"{folder}{entry.name}/", rules))
                else:
                    yield self._counted(seen)
            waiting.extend(reversed(below))

    def _list(self, folder: str) -> list[os.DirEntry[str]]:
        with os.scandir(f"{self.root}/{folder}") as found:
            entries = sorted(found, key=lambda entry: entry.name)
        if self.only and not folder:
            return [entry for entry in entries if entry.name == self.only]
        return entries

    def _unlistable(self, folder: str, error: OSError) -> Skipped:
        if not folder:
            raise NotFound(
                f"{self.root} cannot be read: {error.strerror}.",
                "Check the folder's name and mode.",
            ) from error
        return Skipped(f"{self.prefix}{folder}", legible.UNREADABLE)

    def _with_rules(
        self, folder: str, listed: list[os.DirEntry[str]], rules: tuple[Rules, ...]
    ) -> tuple[Rules, ...]:
        """Return the rules with those that the folder's own .gitignore adds."""
        own = next((entry for entry in listed if entry.name == ".gitignore"), None)
        if own is None:
            return rules
        try:
            text = read(own.path, _RULES_BYTES).decode("utf-8", errors="replace")
        except OSError:
            return rules
        return (*rules, Rules.read(folder, text))

    def _entry(
        self, path: str, entry: os.DirEntry[str], rules: tuple[Rules, ...]
    ) -> Found | Skipped | None:
        """Return the file, why it is skipped, or None for a folder to go into."""
        shown = f"{self.prefix}{path}"
        if _UNUSABLE.search(entry.name):
            return Skipped(_UNUSABLE.sub("?", shown), NAME)
        try:
            info = entry.stat(follow_symlinks=False)
        except OSError:
            return Skipped(shown, legible.UNREADABLE)
        is_folder = stat.S_ISDIR(info.st_mode)
        reason = self._reason(path + "/" * is_folder, entry, info.st_mode, rules)
        if not reason and is_folder:
            return None
        reason = reason or self._file_reason(shown, info.st_size)
        if reason:
            return Skipped(shown + "/" * is_folder, reason)
        load = partial(read, entry.path, self.caps.file_bytes)
        return Found(shown, info.st_size, load, self.caps.file_bytes, info.st_mtime_ns)

    def _reason(
        self, path: str, entry: os.DirEntry[str], mode: int, rules: tuple[Rules, ...]
    ) -> str:
        """Return why a file or a whole folder is left out, by what it is and is called."""
        if stat.S_ISLNK(mode):
            return LINK
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            return SPECIAL
        if entry.name.startswith("."):
            return HIDDEN
        if stat.S_ISDIR(mode) and entry.name in _MADE:
            return legible.GENERATED
        if stat.S_ISDIR(mode) and entry.name in _FOREIGN:
            return DEPENDENCIES
        if self._ignored(path, rules):
            return IGNORED
        return EXCLUDED if self._unwanted.match_file(f"{self.prefix}{path}") else ""

    def _file_reason(self, shown: str, size: int) -> str:
        if self.include and not self._wanted.match_file(shown):
            return NOT_INCLUDED
        if legible.is_made(shown):
            return legible.GENERATED
        if size > self.caps.file_bytes:
            return legible.TOO_LARGE
        return "" if size else legible.EMPTY

    def _counted(self, entry: Found | Skipped) -> Found | Skipped:
        """Return the entry, unless it is one too many."""
        if isinstance(entry, Found):
            self._files += 1
            self._bytes += entry.size
        if self._files > self.caps.files:
            raise TooLarge(
                f"This source has more than {self.caps.files:,} files.",
                "Give a smaller folder, or name what you want with include and exclude.",
            )
        if self._bytes > self.caps.total_bytes:
            raise TooLarge(
                f"This source has more than {self.caps.total_bytes // MEGABYTE:,} MB of files.",
                "Give a smaller folder, name what you want with include and exclude, "
                "or raise INGEST_MAX_TOTAL_MB.",
            )
        return entry


def folder_at(place: str) -> Path:
    """Return the folder of that name, with the links in its own name resolved."""
    root = Path(place).expanduser()
    if not root.exists():
        raise NotFound(f"There is no folder {place}.", "Check the spelling.")
    if not root.is_dir():
        raise BadInput(
            f"{place} is a file, not a folder.",
            f"Give the folder it is in, with include={root.name} for this file alone.",
        )
    return root.resolve()
