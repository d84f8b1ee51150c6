"""Where the vector indexes of corpora lie, and how one is written so that no crash can spoil it.

An index that serves is never changed: a difference is applied to a copy, everything else goes to
a fresh folder, and the manifest that names what serves is written last. A folder no manifest
names is left over from a crash or an earlier index, and is swept. It does not know when an index
is due, nor who uses one.
"""

import logging
import shutil
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from core.errors import PlumblineError, StateError, Unwritable
from core.retrieval import indexing, manifest
from core.retrieval.indexing import Say, Truth
from core.retrieval.manifest import Manifest, Rows
from core.retrieval.vectors import shelf
from core.retrieval.vectors.kept import KeptIndex, Shelf, without_secrets
from core.seams import VectorIndex
from core.store.embeddings import Embeddings
from core.store.values import now

PREFIX = "vectors-"
# A copy is patched while at most this share of it has changed since it was made in one go.
PATCHED = 0.5

# Raises where a corpus' new index must not serve.
Judge = Callable[[str, VectorIndex], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """What writing an index took."""

    generation: int
    count: int
    added: int
    removed: int
    rebuilt: bool
    seconds: float


class Bindery:
    """The folders of vector indexes, one backend's; `judge` is asked before one may serve."""

    def __init__(self, index_dir: Path, backend: str, url: str) -> None:
        self.judge: Judge = lambda *_: None
        self._dir = index_dir
        self._backend = backend
        self._url = url
        self._server = without_secrets(url) if url else ""

    def home(self, name: str) -> Path:
        """Return the folder of everything that belongs to a corpus' index."""
        return self._dir / name

    def serving(self, name: str, embedder: str) -> Manifest | None:
        """Return what serves a corpus; None where nothing of this embedder and backend does."""
        found = Manifest.load(self.home(name))
        fits = found is not None and found.is_of(embedder, self._backend, self._server)
        return found if fits else None

    def open(self, known: Manifest, embeddings: Embeddings) -> KeptIndex:
        """Open what serves, if its files are as they were and it gives what is kept."""
        folder = self.home(known.corpus) / known.folder
        damaged = manifest.broken(folder, known.files)
        if damaged:
            raise StateError(f"Its file {damaged} is missing or damaged.")
        truth = Truth(Rows.load(folder), embeddings, known.embedder)
        index = self._shelf(known.corpus).open(known.folder, known.dimensions)
        with ExitStack() as undo:
            undo.callback(index.close)
            _check(index, truth)
            undo.pop_all()
        return index

    def agree(self, known: Manifest, generation: int) -> Written:
        """Note that what serves is right for this generation too."""
        if known.generation != generation:
            replace(known, generation=generation).save(self.home(known.corpus))
        return Written(generation, known.count, 0, 0, False, 0)

    def patch(
        self, known: Manifest, truth: Truth, generation: int, stop: Event, say: Say
    ) -> Written | None:
        """Apply the difference to a copy; None where making it anew is cheaper or safer."""
        home = self.home(known.corpus)
        old = home / known.folder
        if not old.is_dir() or manifest.broken(old, known.files):
            return None
        rows = Rows.load(old)
        gone, places = manifest.difference(rows, truth.rows)
        added = len(truth.rows.ids) - (len(rows.ids) - len(gone))
        changed = known.changed + len(gone) + len(places) - added
        if max(changed, len(gone) + len(places)) > PATCHED * len(truth.rows.ids):
            return None
        with self._fresh(known.corpus, generation) as folder:
            if not self._shelf(known.corpus).copy(known.folder, folder.name):
                return None
            fresh = replace(
                known,
                generation=generation,
                count=len(truth.rows.ids),
                folder=folder.name,
                digest=truth.rows.digest(),
                changed=changed,
                written=now().isoformat(),
                files=self._made(folder, truth, gone, places, stop, say),
            )
            fresh.save(home)
        return Written(generation, fresh.count, len(places), len(gone), False, 0)

    def rebuild(self, name: str, truth: Truth, generation: int, stop: Event, say: Say) -> Written:
        """Write everything into a fresh folder."""
        started, places = time.monotonic(), range(len(truth.rows.ids))
        with self._fresh(name, generation) as folder:
            files = self._made(folder, truth, [], places, stop, say)
            Manifest(
                corpus=name,
                embedder=truth.embedder,
                generation=generation,
                count=len(places),
                dimensions=truth.dimensions(),
                backend=self._backend,
                server=self._server,
                folder=folder.name,
                digest=truth.rows.digest(),
                written=now().isoformat(),
                seconds=round(time.monotonic() - started, 3),
                files=files,
            ).save(self.home(name))
        return Written(generation, len(places), len(places), 0, True, 0)

    def withdraw(self, name: str) -> None:
        """Let nothing serve a corpus."""
        (self.home(name) / manifest.NAME).unlink(missing_ok=True)

    def sweep(self, name: str, used: Collection[Path] = ()) -> None:
        """Remove the folders that neither serve nor are used."""
        home = self.home(name)
        known = Manifest.load(home)
        for folder in home.glob(f"{PREFIX}*"):
            if folder not in used and (known is None or folder.name != known.folder):
                self._remove(folder)

    def _shelf(self, name: str) -> Shelf:
        return shelf(self._backend, self.home(name), self._url)

    @contextmanager
    def _fresh(self, name: str, generation: int) -> Iterator[Path]:
        """Make a folder, and remove it again unless a manifest came to name it."""
        folder = self.home(name) / f"{PREFIX}{generation}-{uuid.uuid4().hex[:12]}"
        try:
            folder.mkdir(parents=True)
            yield folder
        except OSError as error:
            raise Unwritable(
                f"The vector index cannot be written: {error.strerror or error}.",
                "Free some space, or choose another folder with INDEX_PATH.",
            ) from error
        finally:
            known = Manifest.load(self.home(name))
            if known is None or known.folder != folder.name:
                self._remove(folder)

    def _remove(self, folder: Path) -> None:
        # The folder goes last: while it is there, what lies on a server is not forgotten.
        try:
            self._shelf(folder.parent.name).remove(folder.name)
            shutil.rmtree(folder, ignore_errors=True)
        except PlumblineError as error:
            _log.warning("%s is left over: %s", folder.name, error)

    def _made(
        self,
        folder: Path,
        truth: Truth,
        gone: Sequence[str],
        places: Sequence[int],
        stop: Event,
        say: Say,
    ) -> dict[str, list[int]]:
        """Write an index into its folder, try it, and return the sums of its files."""
        index = self._shelf(folder.parent.name).open(folder.name, truth.dimensions())
        try:
            index.remove(gone)
            indexing.fill(index, truth, places, stop, say)
            index.flush()
            _check(index, truth)
            self.judge(folder.parent.name, index)
        finally:
            index.close()
        truth.rows.save(folder)
        return manifest.seal(folder)


def _check(index: KeptIndex, truth: Truth) -> None:
    wrong = indexing.wrong_with(index, truth)
    if wrong:
        raise StateError(wrong)
