"""A record store with a keeper over it, and the few steps the tests of vector indexes take."""

import threading
from pathlib import Path

import numpy as np

from core.documents import Chunk
from core.retrieval import keeper
from core.retrieval.keeper import Keeper, Opened
from core.retrieval.manifest import Manifest
from core.store.connection import Store
from core.store.corpora import Corpora, FileRow
from core.store.embeddings import Embeddings, hash_of

NAME, EMBEDDER, WIDTH = "lib", "test", 16
WAIT_S = 60


class Bench:
    """A store, a keeper over it, and the few steps every test takes."""

    def __init__(self, folder: Path, backend: str = "faiss", url: str = "") -> None:
        self.folder = folder
        self.store = Store.open(folder)
        self.corpora, self.embeddings = Corpora(self.store), Embeddings(self.store)
        self.ready = threading.Event()
        self.keeper = self.keep(backend, url)

    def keep(self, backend: str = "faiss", url: str = "") -> Keeper:
        """Open a keeper as a next start of the app would."""
        self.keeper = Keeper(self.corpora, self.embeddings, self.folder / "index", backend, url)
        self.keeper.on_ready = lambda name: self.ready.set()
        return self.keeper

    def publish(self, texts: dict[str, str], embed: bool = True) -> int:
        """Publish exactly these files, each one chunk, of which each word is a piece."""
        if NAME not in [corpus.name for corpus in self.corpora.list()]:
            self.corpora.create(NAME, NAME, {}, {})
        generation = self.corpora.begin(NAME)
        before = self.corpora.files(NAME)
        new = [(path, text) for path, text in texts.items() if before.get(path) != text]
        self.corpora.stage(
            NAME,
            generation,
            [(FileRow(p, t, 1), [Chunk(p, 1, 1, t, id=f"{p}/0")]) for p, t in new],
        )
        self.corpora.drop(NAME, generation, [path for path in before if path not in texts])
        pieces = [(f"{p}/0", n, hash_of(w)) for p, t in new for n, w in enumerate(t.split())]
        self.embeddings.keep_pieces(NAME, generation, EMBEDDER, pieces)
        self.corpora.publish(NAME, generation)
        if embed:
            self.embed(*texts.values())
        return generation

    def embed(self, *texts: str) -> None:
        """Keep a vector for every word."""
        words = list(dict.fromkeys(word for text in texts for word in text.split()))
        matrix = np.array([vector(word) for word in words]).reshape(-1, WIDTH)
        self.embeddings.keep(EMBEDDER, [hash_of(word) for word in words], matrix)

    def open(self) -> Opened:
        return self.keeper.open(NAME, EMBEDDER)

    def write(self) -> keeper.Written:
        return self.keeper.write(NAME, EMBEDDER)

    def mended(self) -> Opened:
        """Wait until what was being mended is right, and open it."""
        assert self.ready.wait(WAIT_S)
        self.ready.clear()
        return self.open()

    @property
    def home(self) -> Path:
        return self.folder / "index" / NAME

    def folders(self) -> list[str]:
        return sorted(path.name for path in self.home.glob("vectors-*"))

    def manifest(self) -> Manifest:
        found = Manifest.load(self.home)
        assert found
        return found


def vector(word: str) -> np.ndarray:
    made = np.random.default_rng(int(hash_of(word)[:8], 16)).standard_normal(WIDTH)
    return (made / np.linalg.norm(made)).astype(np.float32)


def finds(opened: Opened, word: str) -> str:
    assert opened.index, opened.notice
    id, cosine = opened.index.query(vector(word), 1)[0]
    return id if cosine > 0.999 else ""


def many(count: int = 24) -> dict[str, str]:
    return {f"{n}.py": f"one{n} two{n}" for n in range(count)}
