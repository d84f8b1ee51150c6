"""What a user may bring: read from what was typed, checked, and opened into files or chunks.

    transformers                                 an installed package
    ./folder  ~/notes.zip  docs.tar.gz           a folder or an archive
    huggingface/transformers  https://…  git@…   a git repository
    hub:wikimedia/wikipedia:20231101.simple      texts of a data set; or a local .parquet, .jsonl
    --corpus chunks.jsonl                        chunks that are ready

It knows which kind of source a text names and which may be given where. Each kind's own module
knows how to fetch it.
"""

import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from core.errors import BadInput, Forbidden, NotFound
from ingest import address, archive, hub, package
from ingest.found import Caps, Tree, Watch
from ingest.git import Git
from ingest.globs import compiled
from ingest.ready import Ready
from ingest.walk import Walk, folder_at

Kind = Literal["package", "folder", "archive", "git", "hub", "corpus"]
DEFAULT = "transformers"
REPOSITORY = "huggingface/transformers"
WORKPLACE = "source"

_MAX_TEXT = 2_000
_MAX_NAME = 40
_PACKAGE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_PATHS = ("/", "./", "../", "~")
_FORMS = (
    "Give an installed package, a folder, a zip or tar, a git address, owner/name on GitHub, "
    "or hub:owner/name:config."
)


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be taken in: which kind, where it is, and which of its files.

    `place` is a package's name, an absolute path, a git address or a hub id; `part` is the
    configuration of a data set.
    """

    kind: Kind
    place: str
    part: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def spec(self) -> dict[str, Any]:
        """Return the source as it is written down."""
        return asdict(self)

    @classmethod
    def read(cls, spec: dict[str, Any]) -> "Source":
        """Return the source that was written down."""
        globs = {name: tuple(spec.get(name, ())) for name in ("include", "exclude")}
        return cls(spec["kind"], spec["place"], spec.get("part", ""), **globs)

    @property
    def title(self) -> str:
        """Return what people call it."""
        if self.kind == "git":
            return address.parse(self.place).shown
        if self.kind == "package":
            return self.place
        shown = Path(self.place).name if Path(self.place).is_absolute() else self.place
        return f"{shown} {self.part}".strip()

    @property
    def name(self) -> str:
        """Return a name for its corpus: lower-case letters, digits and dashes."""
        last = self.title.rsplit("/", 1)[-1]
        for suffix in (*archive.SUFFIXES, *hub.SUFFIXES):
            last = last.removesuffix(suffix)
        return (
            re.sub(r"[^a-z0-9]+", "-", last.lower()).strip("-")[:_MAX_NAME].strip("-") or "corpus"
        )


def parse(
    text: str,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    corpus: bool = False,
    public: bool = False,
    uploaded: bool = False,
) -> Source:
    """Return the source that a text names, if there is one and it may be given here.

    `public`: strangers ask, who may name installed packages and what they `uploaded`.
    """
    text = text.strip()
    if not text:
        raise BadInput("No source was given.", _FORMS)
    if len(text) > _MAX_TEXT or not text.isprintable():
        raise BadInput("This is not a source: it is too long or holds line breaks.", _FORMS)
    compiled(include)
    compiled(exclude)
    if public and not uploaded:
        kind, place, part = _package_only(text)
    elif corpus:
        kind, place, part = "corpus", _file(text), ""
    else:
        kind, place, part = _kind(text)
    return Source(kind, place, part, tuple(include), tuple(exclude))


@contextmanager
def opened(
    source: Source,
    folder: Path,
    caps: Caps | None = None,
    say: Callable[[str], object] = str,
    stop: Callable[[], bool] = bool,
    *,
    loopback: bool = False,
) -> Iterator[Tree]:
    """Open a source; what has to be fetched or unpacked lies in `folder` until it is closed.

    `loopback` lets git clone from this machine, for a server that a test started.
    """
    caps, watch, place = caps or Caps(), Watch(say, stop), folder / WORKPLACE
    watch.check()
    shutil.rmtree(place, ignore_errors=True)
    try:
        yield _open(source, place, caps, watch, loopback)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def revision(source: Source) -> str:
    """Return what the source is at now, if that can be told without fetching it; else blank."""
    return package.version(source.place) if source.kind == "package" else ""


def _open(source: Source, place: Path, caps: Caps, watch: Watch, loopback: bool) -> Tree:
    """Open each kind of source in its own way."""
    match source.kind:
        case "package":
            found = package.find(source.place)
            walk = _walk(source, found.root, caps, watch)
            walk.prefix, walk.only = found.prefix, found.only
            return Tree(found.version, walk.entries)
        case "folder":
            return Tree("", _walk(source, folder_at(source.place), caps, watch).entries)
        case "archive":
            skipped = archive.unpack(Path(source.place), place, caps, watch)
            walk = _walk(source, archive.top(place), caps, watch)
            return Tree("", lambda: chain(skipped, walk.entries()))
        case "git":
            commit = Git(caps, watch, loopback).clone(source.place, place)
            return Tree(commit, _walk(source, place, caps, watch).entries)
        case "hub":
            return _rows(source, caps, watch)
        case "corpus":
            return Tree("", chunks=Ready(Path(source.place), caps, watch).chunks, is_chunks=True)


def _walk(source: Source, root: Path, caps: Caps, watch: Watch) -> Walk:
    return Walk(root, caps, watch, source.include, source.exclude)


def _rows(source: Source, caps: Caps, watch: Watch) -> Tree:
    file = Path(source.place)
    is_local = file.is_absolute()
    files = hub.local(file) if is_local else hub.remote(source.place, source.part)
    rows = hub.Rows(file.name if is_local else source.place, files, caps, watch)
    return Tree(files.revision, rows.entries, is_stream=True)


def _package_only(text: str) -> tuple[Kind, str, str]:
    if _PACKAGE.fullmatch(text) and package.is_installed(text):
        return "package", text, ""
    raise Forbidden(
        "Only installed packages can be taken in here, because strangers can reach this server.",
        f"Give the name of one, such as {DEFAULT}.",
    )


def _kind(text: str) -> tuple[Kind, str, str]:
    """Return the kind, the place and the part of what a text names."""
    if text.startswith("hub:"):
        return "hub", *hub.parse(text.removeprefix("hub:"))
    if text.startswith("-"):
        raise BadInput(f"{text!r} looks like an option, not a source.", _FORMS)
    if text.startswith(_PATHS) or text in (".", ".."):
        return _local(text)
    if address.is_git(text):
        return "git", address.parse(text).url, ""
    if _PACKAGE.fullmatch(text) and not _is_ours(text) and package.is_installed(text):
        return "package", text, ""
    if _exists(text) or text.endswith((*archive.SUFFIXES, *hub.SUFFIXES)):
        return _local(text)
    if address.is_short(text):
        return "git", address.parse(text).url, ""
    raise NotFound(f"There is no package, folder or file {text!r} here.", _FORMS)


def _is_ours(text: str) -> bool:
    """Say whether a folder here has the name of one of Python's own modules, such as `code`."""
    return text in sys.stdlib_module_names and _exists(text)


def _local(text: str) -> tuple[Kind, str, str]:
    """Return what a path on this machine is taken for."""
    path = Path(text).expanduser().absolute()
    if _is(path.is_dir):
        return "folder", str(path), ""
    place = _file(text)
    if place.endswith(archive.SUFFIXES):
        return "archive", place, ""
    if place.endswith(hub.SUFFIXES):
        return "hub", place, ""
    if place.endswith(archive.REFUSED_SUFFIXES):
        raise BadInput(f"{path.name} is not a zip or tar.", "Pack it again as .zip or .tar.gz.")
    raise BadInput(
        f"{path.name} is a file, not a folder.",
        f"Give the folder it is in, with include {path.name} for this file alone.",
    )


def _file(text: str) -> str:
    path = Path(text).expanduser().absolute()
    if not _is(path.exists):
        raise NotFound(f"There is no file or folder {text}.", "Check the path.")
    return str(path)


def _exists(text: str) -> bool:
    return _is(Path(text).exists)


def _is(asked: Callable[[], bool]) -> bool:
    """Return the answer of the disk; a name that no disk takes is no file."""
    try:
        return asked()
    except (OSError, ValueError):
        return False
