"""The vector index of every corpus: opened, checked against the record store, mended by itself.

An index that is missing, damaged or behind is made right in a thread; until then an earlier one
serves, or search is by words alone and says why. It does not know how an index is written.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import NotFound, PlumblineError, StateError, Stopped, Unreachable
from core.retrieval.bindery import Bindery, Judge, Written
from core.retrieval.indexing import Say, Truth
from core.retrieval.manifest import Manifest
from core.retrieval.vectors.kept import KeptIndex
from core.seams import VectorIndex
from core.settings import Settings
from core.store.corpora import Corpora
from core.store.embeddings import Embeddings, Progress

RETRY_S = 30.0
JOIN_S = 20.0
BY_WORDS = "Until then search is by words alone."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """An index that can be asked, or none with the reason in a sentence.

    With an index and a notice it is an earlier one: it may know ids that are gone.
    """

    index: VectorIndex | None
    notice: str = ""
    generation: int = 0
    release: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Let go of it; the files of an earlier index go with its last user."""
        self.release()


@dataclass
class _Care:
    """What is going on with one corpus; `failed` keeps what could not be made, and why."""

    turn: threading.RLock = field(default_factory=threading.RLock)
    stop: threading.Event = field(default_factory=threading.Event)
    mender: threading.Thread | None = None
    said: str = ""
    failed: tuple[str, str] = ("", "")
    last: Written | None = None


@dataclass
class _Shared:
    """One open index and how many use it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    index: KeptIndex | None = None


class Keeper:
    """The vector indexes of one DATA_DIR."""

    def __init__(
        self,
        corpora: Corpora,
        embeddings: Embeddings,
        index_dir: Path,
        backend: str = "chroma",
        url: str = "",
    ) -> None:
        self.on_ready: Callable[[str], None] | None = None
        self._corpora = corpora
        self._embeddings = embeddings
        self._bindery = Bindery(index_dir, backend, url)
        self._guard = threading.Lock()
        self._cares: dict[str, _Care] = {}
        self._shared: dict[Path, _Shared] = {}
        self._closed = False

    @classmethod
    def of(cls, settings: Settings, corpora: Corpora, embeddings: Embeddings) -> "Keeper":
        """Return the keeper that the settings ask for."""
        url = settings.vectors_url.get_secret_value()
        return cls(corpora, embeddings, settings.index_dir, settings.vectors, url)

    def ask_first(self, judge: Judge) -> None:
        """Let nothing serve that `judge` raises at."""
        self._bindery.judge = judge

    def open(self, name: str, embedder: str) -> Opened:
        """Return the index that serves a corpus; one that does not agree is mended meanwhile."""
        corpus = self._corpora.get(name)
        known = self._bindery.serving(name, embedder)
        progress = self._embeddings.progress(name, embedder, corpus.generation)
        if not progress.chunks:
            return Opened(None, "There is nothing in this corpus.")
        if not progress.is_complete:
            return self._earlier(known, _incomplete(progress))
        digest = Truth.of(self._embeddings, name, embedder, corpus.generation).rows.digest()
        reason = "it is not there yet"
        if known and known.digest != digest:
            reason = "the corpus has changed"
        elif known and not self._is_at_work(name):
            try:
                return self._use(known, "")
            except Unreachable as error:
                self._start(name, embedder, f"{embedder} {digest}", "its server was away")
                return Opened(None, f"{error.message} {BY_WORDS}")
            except (PlumblineError, OSError) as error:
                reason = _reason(error)
        return self._mending(name, embedder, digest, reason, known)

    def write(self, name: str, embedder: str, say: Say | None = None) -> Written:
        """Bring the index of a corpus to what the record store holds; return what that took."""
        started, care = time.monotonic(), self._care(name)
        with care.turn:
            corpus = self._corpora.get(name)
            progress = self._embeddings.progress(name, embedder, corpus.generation)
            if not progress.is_complete:
                raise StateError(_incomplete(progress), "Run the ingest again.")
            truth = Truth.of(self._embeddings, name, embedder, corpus.generation)
            written = self._bring(name, truth, corpus.generation, say or (lambda *_: None))
            care.last = replace(written, seconds=time.monotonic() - started)
            care.failed = ("", "")
            self._bindery.sweep(name, self._used())
        return care.last

    def state(self, name: str) -> str:
        """Say what is being done to the index of a corpus; blank when nothing is."""
        return self._care(name).said

    def last(self, name: str) -> Written | None:
        """Return what the latest writing since the start took."""
        return self._care(name).last

    def drop(self, name: str) -> None:
        """Remove the vector index of a corpus."""
        care = self._care(name)
        care.stop.set()
        with care.turn:
            self._bindery.withdraw(name)
            self._bindery.sweep(name)
            care.failed, care.last = ("", ""), None
            care.stop.clear()

    def close(self) -> None:
        """End what is being written and let go of every index."""
        self._closed = True
        for care in list(self._cares.values()):
            care.stop.set()
            if care.mender:
                care.mender.join(JOIN_S)
        with self._guard:
            shared, self._shared = list(self._shared.values()), {}
        for each in shared:
            if each.index:
                each.index.close()

    def _care(self, name: str) -> _Care:
        with self._guard:
            return self._cares.setdefault(name, _Care())

    def _used(self) -> set[Path]:
        with self._guard:
            return set(self._shared)

    def _is_at_work(self, name: str) -> bool:
        mender = self._care(name).mender
        return mender is not None and mender.is_alive()

    def _use(self, known: Manifest, notice: str) -> Opened:
        folder = self._bindery.home(known.corpus) / known.folder
        with self._guard:
            shared = self._shared.setdefault(folder, _Shared())
            shared.users += 1
        with ExitStack() as undo:
            undo.callback(self._let_go, known.corpus, folder)
            with shared.lock:
                if shared.index is None:
                    shared.index = self._bindery.open(known, self._embeddings)
            return Opened(shared.index, notice, known.generation, undo.pop_all().close)

    def _let_go(self, name: str, folder: Path) -> None:
        with self._guard:
            shared = self._shared.get(folder)
            if shared is None:
                return
            shared.users -= 1
            if shared.users:
                return
            del self._shared[folder]
        if shared.index:
            shared.index.close()
        turn = self._care(name).turn
        # Whoever is writing now sweeps when done.
        if turn.acquire(blocking=False):
            try:
                self._bindery.sweep(name, self._used())
            finally:
                turn.release()

    def _earlier(self, known: Manifest | None, notice: str) -> Opened:
        if known:
            with suppress(PlumblineError, OSError):
                return self._use(known, notice)
        return Opened(None, f"{notice} {BY_WORDS}")

    def _bring(self, name: str, truth: Truth, generation: int, say: Say) -> Written:
        known, stop = self._bindery.serving(name, truth.embedder), self._care(name).stop
        if not truth.rows.ids:
            self._bindery.withdraw(name)
            return Written(generation, 0, 0, 0, False, 0)
        if known and known.digest == truth.rows.digest():
            if self._is_sound(known):
                return self._bindery.agree(known, generation)
        elif known:
            try:
                patched = self._bindery.patch(known, truth, generation, stop, say)
            except StateError as error:
                _log.warning("The index of %s cannot be patched: %s", name, error.message)
                patched = None
            if patched:
                return patched
        return self._bindery.rebuild(name, truth, generation, stop, say)

    def _is_sound(self, known: Manifest) -> bool:
        try:
            self._use(known, "").close()
        except Unreachable:
            raise
        except (PlumblineError, OSError) as error:
            _log.warning("The index of %s is made again: %s", known.corpus, _reason(error))
            return False
        return True

    def _mending(
        self, name: str, embedder: str, digest: str, reason: str, known: Manifest | None
    ) -> Opened:
        care, key = self._care(name), f"{embedder} {digest}"
        if care.failed[0] == key:
            return self._earlier(known, care.failed[1]) if known else Opened(None, care.failed[1])
        self._start(name, embedder, key, reason)
        said = care.said or _making(reason)
        if known and known.digest != digest:
            return self._earlier(known, said)
        return Opened(None, f"{said} {BY_WORDS}")

    def _start(self, name: str, embedder: str, key: str, reason: str) -> None:
        care = self._care(name)
        with self._guard:
            if self._closed or (care.mender and care.mender.is_alive()):
                return
            care.said = _making(reason)
            words = (name, embedder, key, reason)
            care.mender = threading.Thread(target=self._mend, args=words, daemon=True)
            care.mender.start()

    def _mend(self, name: str, embedder: str, key: str, reason: str) -> None:
        care = self._care(name)

        def say(_: float, text: str) -> None:
            care.said = f"{_making(reason)} {text}."

        try:
            while not self._try(name, embedder, say):
                if care.stop.wait(RETRY_S) or self._closed:
                    return
            _log.info("The vector index of %s was made right: %s", name, care.last)
        except (Stopped, NotFound):
            return
        except (PlumblineError, OSError) as error:
            care.failed = key, f"The vector index could not be made: {_reason(error)}."
            _log.warning("%s (%s)", care.failed[1], name)
        finally:
            # Before anybody is told: who opens the index now must not be sent to wait.
            care.said, care.mender = "", None
        if self.on_ready and not self._closed:
            self.on_ready(name)

    def _try(self, name: str, embedder: str, say: Say) -> bool:
        """Write the index; False while its server is away."""
        try:
            self.write(name, embedder, say)
        except Unreachable as error:
            self._care(name).said = error.message
            return False
        return True


def _incomplete(progress: Progress) -> str:
    done, total = progress.embedded, progress.pieces
    if progress.split < progress.chunks:
        done, total = progress.split, progress.chunks
    return f"{done:,} of {total:,} vectors are made."


def _making(reason: str) -> str:
    return f"The vector index is being made: {reason}."


def _reason(error: PlumblineError | OSError) -> str:
    text = error.message if isinstance(error, PlumblineError) else error.strerror or "disk error"
    return f"{text[:1].lower()}{text[1:]}".rstrip(".")
