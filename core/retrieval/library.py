"""Every corpus, ready to be searched: opened at its first question, opened again once it changed.

It knows which generation serves and says why vectors do not where they do not. It does not know
how files become chunks, nor how a search ranks them.
"""

import builtins
import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import NotFound, PlumblineError, StateError
from core.records import Corpus
from core.retrieval.embed import open_embedder
from core.retrieval.found import Query, Results
from core.retrieval.keeper import Keeper, Opened
from core.seams import VectorIndex
from core.settings import Settings
from core.store.connection import Store
from core.store.corpora import Corpora
from core.store.embeddings import Embeddings, hash_of

if TYPE_CHECKING:
    import numpy as np

    from core.documents import Chunk
    from core.retrieval.canaries import Song
    from core.retrieval.volume import Facets, Sample, Volume

PACKAGE = "transformers"  # what is indexed where REPO_PATH is blank
LOADING = "The embedder is being loaded; until then search is by words alone."

_log = logging.getLogger(__name__)


class Library:
    """The corpora of one DATA_DIR. Nothing heavy is loaded before the first question.

    `attended` says that somebody may ask at any moment, so that what changed is opened at once.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        default: Callable[[], str] = str,
        *,
        attended: bool = True,
    ) -> None:
        self.corpora = Corpora(store)
        self.embeddings = Embeddings(store)
        self.keeper = Keeper.of(settings, self.corpora, self.embeddings)
        self.keeper.on_ready = self.refresh
        self.keeper.ask_first(self._judge)
        self.embedder = open_embedder(settings)
        self._settings = settings
        self._default_name = default
        self._attended = attended
        self._volumes: dict[str, tuple[object, Volume]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._turns: dict[str, int] = {}
        self._guard = threading.Lock()
        self._loading: threading.Thread | None = None
        self._loaded = threading.Event()
        self.trouble = ""
        self._songs: dict[str, tuple[int, list[Song]]] = {}

    def list(self) -> "list[Corpus]":
        """Return every corpus, those that cannot be searched yet included."""
        return self.corpora.list()

    def get(self, name: str) -> Corpus:
        """Return one corpus."""
        return self.corpora.get(name)

    @property
    def default(self) -> str:
        """The corpus that is searched where none is named; blank while there is none."""
        served = [corpus for corpus in self.corpora.list() if corpus.generation]
        if any(corpus.name == self._default for corpus in served):
            return self._default
        usual = [corpus for corpus in served if corpus.source.get("place") == self._usual]
        if usual:
            return usual[0].name
        return max(served, key=lambda corpus: corpus.updated).name if served else ""

    @cached_property
    def _usual(self) -> str:
        """Return where the source is that is indexed where none is named."""
        folder = self._settings.repo_path
        return str(folder.expanduser().resolve()) if folder else PACKAGE

    @cached_property
    def _default(self) -> str:
        return self._default_name()

    def search(self, query: Query) -> Results:
        """Search a corpus, the default one unless the query names another."""
        name = query.corpus or self._some()
        with self._volume(name).read() as volume:
            results = volume.searcher.search(replace(query, corpus=name))
            return replace(results, notice=results.notice or volume.notice)

    def embed(self, texts: Sequence[str]) -> "tuple[str, np.ndarray]":
        """Return the embedder's name and one vector for each text."""
        return self.embedder.name(), self.embedder.embed(texts)

    def keep(self, texts: Sequence[str], matrix: "np.ndarray") -> None:
        """Keep the vectors of texts in the cache that all corpora share."""
        self.embeddings.keep(self.embedder.name(), [hash_of(text) for text in texts], matrix)

    def facets(self, name: str) -> "Facets":
        """Return what a corpus can be filtered by."""
        with self._volume(name).read() as volume:
            return volume.facets

    def sample(self, name: str, limit: int = 2000, also: Sequence[str] = ()) -> "Sample":
        """Return chunks with a vector each: those asked for, then an even sample."""
        with self._volume(name).read() as volume:
            return volume.sample(limit, also)

    @property
    def is_embedding(self) -> bool:
        """Say whether the embedder is loaded."""
        return self._loaded.is_set()

    def notice(self, name: str) -> str:
        """Say why a corpus is searched by words alone; blank where it is not."""
        return self._volume(name).notice

    def has_vectors(self, name: str) -> bool:
        """Say whether a corpus can be searched by meaning now."""
        return self._volume(name).has_vectors

    def known(self, name: str) -> str:
        """Say why a corpus with vectors goes by words alone now, as far as an open one tells."""
        if not self._loaded.is_set():
            return self.trouble or LOADING
        with self._guard:
            _, volume = self._volumes.get(name, (None, None))
        notice = volume.notice if volume is not None else ""
        return "" if notice == LOADING else notice

    def warm(self, name: str = "") -> None:
        """Open a corpus, and wait until the embedder is there if it has vectors."""
        name = name or self.default
        if name:
            self._volume(name)
            if self._loading is not None:
                self._loading.join()
            self._volume(name)

    def refresh(self, name: str) -> None:
        """Open a corpus anew at its next question."""
        with self._guard:
            self._turns[name] = self._turns.get(name, 0) + 1

    def delete(self, name: str) -> None:
        """Delete a corpus from the records and from every index."""
        self.corpora.delete(name)
        with self._guard:
            _, volume = self._volumes.pop(name, (None, None))
        if volume is not None:
            volume.retire()
        self.keeper.drop(name)
        shutil.rmtree(self._settings.index_dir / name, ignore_errors=True)

    def open(self, name: str) -> None:
        """Open what serves now, so that the next question need not wait, if one may come."""
        if self._attended:
            self._volume(name)

    def words(self, name: str, generation: int) -> Path:
        """Return where the word index of a generation lies."""
        return self._settings.index_dir / name / f"lexical-{generation}"

    def shelve(self, name: str, generation: int, folder: Path) -> None:
        """Put a word index that was built elsewhere in its place."""
        place = self.words(name, generation)
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_name(f"{place.name}.partial")
        for old in (partial, place):
            shutil.rmtree(old, ignore_errors=True)
        shutil.move(folder, partial)
        partial.rename(place)

    def try_words(
        self, name: str, generation: int
    ) -> "tuple[builtins.list[Song], builtins.list[str]]":
        """Ask the word index of a generation, served or not, its canaries; find good examples."""
        from core.retrieval import canaries
        from core.retrieval.columns import Columns
        from core.retrieval.volume import words

        rows = self.corpora.live(name, generation)
        index = words(self.words(name, generation), Columns(rows))

        def fetch(ids: Sequence[str]) -> "builtins.list[Chunk]":
            return self.corpora.chunks(name, ids, generation)

        songs = canaries.by_words(index, canaries.choose(rows), fetch)
        return songs, canaries.examples(index, rows)

    def try_vectors(self, name: str) -> "builtins.list[Song]":
        """Return what the vector index of what serves found of its canaries, asking it if need be.

        Whoever wrote it tried it; one that was right for the last generation too was not tried
        again.
        """
        songs = self.tried(name)
        if songs:
            return songs
        opened = self.keeper.open(name, self.embedder.name())
        try:
            return self._sung(name, opened.index) if opened.index is not None else []
        finally:
            opened.close()

    def tried(self, name: str) -> "builtins.list[Song]":
        """Return what a vector index of this generation found when it was tried, if one was."""
        generation, songs = self._songs.get(name, (0, []))
        return songs if generation == self.corpora.get(name).generation else []

    def sweep(self, name: str) -> None:
        """Delete what only earlier generations of a corpus needed."""
        served = self.words(name, self.corpora.get(name).generation)
        for folder in served.parent.glob("lexical-*"):
            if folder != served:
                shutil.rmtree(folder, ignore_errors=True)
        self.corpora.prune(name)

    def close(self) -> None:
        """Let go of every index."""
        with self._guard:
            volumes, self._volumes = self._volumes, {}
        for _, volume in volumes.values():
            volume.retire()
        self.keeper.close()

    def _judge(self, name: str, index: VectorIndex) -> None:
        """Raise where a new vector index misses its canaries."""
        from core.retrieval import canaries

        songs = self._sung(name, index)
        self._songs[name] = self.corpora.get(name).generation, songs
        canaries.check(name, "vector", songs)

    def _sung(self, name: str, index: VectorIndex) -> "builtins.list[Song]":
        from core.retrieval import canaries
        from core.retrieval.volume import Truth

        corpus = self.corpora.get(name)
        chosen = canaries.choose(self.corpora.live(name, corpus.generation))
        truth = Truth(self.embeddings, corpus, self.embedder.name())
        return canaries.by_vectors(index, [each.chunk for each in chosen], truth)

    def _some(self) -> str:
        name = self.default
        if not name:
            raise NotFound(
                "Nothing is indexed yet.",
                "Run `python -m ingest`, or wait until the index that is being built is there.",
            )
        return name

    def _volume(self, name: str) -> "Volume":
        """Return the volume that serves; while a newer one is opened, others get the last."""
        corpus = self.corpora.get(name)
        if not corpus.generation:
            raise _unserved(corpus)
        with self._guard:
            key = self._key(corpus)
            kept = self._volumes.get(name)
            lock = self._locks.setdefault(name, threading.Lock())
        if kept is not None and kept[0] == key:
            return kept[1]
        if not lock.acquire(blocking=kept is None):
            assert kept is not None
            return kept[1]
        try:
            with self._guard:
                now = self._volumes.get(name)
            return now[1] if now and now[0] == key else self._swap(corpus, key)
        finally:
            lock.release()

    def _key(self, corpus: Corpus) -> object:
        turn = self._turns.get(corpus.name, 0)
        known = self._loaded.is_set(), self.trouble
        return corpus.created, corpus.generation, corpus.state, turn, known

    def _swap(self, corpus: Corpus, key: object) -> "Volume":
        fresh = self._open(corpus)
        with self._guard:
            _, old = self._volumes.get(corpus.name, (None, None))
            self._volumes[corpus.name] = key, fresh
        if old is not None:
            old.retire()
        return fresh

    def _open(self, corpus: Corpus) -> "Volume":
        from core.retrieval.columns import Columns
        from core.retrieval.rerank import open_reranker
        from core.retrieval.volume import Truth, Volume, words

        rows = Columns(self.corpora.live(corpus.name, corpus.generation))
        lexical = words(self.words(corpus.name, corpus.generation), rows)
        opened, notice = self._vectors(corpus)
        with_vectors = opened is not None and opened.index is not None
        return Volume(
            corpus,
            rows,
            lexical,
            Truth(self.embeddings, corpus, self.embedder.name()),
            self.embedder,
            open_reranker(self._settings) if with_vectors else None,
            opened,
            notice,
        )

    def _vectors(self, corpus: Corpus) -> tuple[Opened | None, str]:
        """Return the vector index, or why there is none; nobody waits for the embedder."""
        if corpus.state == "ready" and not self._loaded.is_set():
            self._load()
            return None, self.trouble or LOADING
        opened = self.keeper.open(corpus.name, self.embedder.name())
        if opened.index is not None and not self._loaded.is_set():
            self._load()
            opened.close()
            return None, self.trouble or LOADING
        return opened, opened.notice

    def _load(self) -> None:
        """Load the embedder beside everything else; it imports for seconds."""
        with self._guard:
            if self._loading is None:
                self._loading = threading.Thread(target=self._loads, name="embedder", daemon=True)
                self._loading.start()

    def _loads(self) -> None:
        try:
            self.embedder.embed(["Is anybody there?"])
            self._loaded.set()
        except PlumblineError as error:
            _log.warning("The embedder cannot be used: %s", error)
            self.trouble = f"{error} Search is by words alone."
        self._open_again()

    def _open_again(self) -> None:
        """Open with vectors what waited for the embedder, so that no question has to."""
        with self._guard:
            names = [*self._volumes]
        for name in names:
            try:
                self._volume(name)
            except PlumblineError as error:
                _log.warning("%s cannot be opened with its vectors: %s", name, error)


def _unserved(corpus: Corpus) -> PlumblineError:
    if corpus.state == "failed":
        return StateError(
            f"The index {corpus.name!r} could not be built. {corpus.error or ''}".strip(),
            "Run the same ingest again.",
        )
    return StateError(
        f"The index {corpus.name!r} is still being built; nothing in it can be found yet.",
        "Wait until its word index is there: that takes seconds for most sources.",
    )
