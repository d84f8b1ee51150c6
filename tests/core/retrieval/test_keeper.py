"""The keeper: whatever happened to an index, what is in the record store is found again."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from core.documents import Chunk
from core.errors import NotFound, StateError, Unwritable
from core.retrieval import indexing, keeper
from core.retrieval.keeper import Keeper, Opened
from core.retrieval.manifest import Manifest, Rows, seal
from core.retrieval.vectors import shelf
from core.settings import load
from core.store.connection import Store
from core.store.corpora import Corpora, FileRow
from core.store.embeddings import Embeddings, hash_of
from tests.contracts import vector_servers

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


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.keeper.close()
    made.store.close()


@pytest.fixture(params=["faiss", "chroma", "qdrant"])
def each(request, tmp_path):
    made = Bench(tmp_path, request.param)
    yield made
    made.keeper.close()
    made.store.close()


def test_what_was_written_is_found_also_by_the_next_start(each):
    generation = each.publish(many())
    written = each.write()
    assert (written.count, written.added, written.rebuilt) == (48, 48, True)
    assert each.keeper.last(NAME) == written
    for _ in range(2):
        opened = each.open()
        assert (opened.notice, opened.generation) == ("", generation)
        assert finds(opened, "two7") == "7.py/0#1"
        opened.close()
        each.keeper.close()
        each.keep(each.keeper._bindery._backend)


def test_a_second_writing_does_nothing(each):
    each.publish(many())
    each.write()
    before = each.manifest()
    written = each.write()
    assert (written.added, written.removed, written.rebuilt) == (0, 0, False)
    assert each.manifest() == before


def test_one_edited_and_one_deleted_file_change_only_themselves(each):
    each.publish(many())
    each.write()
    first = each.manifest()
    texts = {**many(), "7.py": "one7 changed"}
    del texts["3.py"]
    generation = each.publish(texts)
    written = each.write()
    assert (written.added, written.removed, written.rebuilt) == (1, 2, False)
    opened = each.open()
    assert (opened.generation, opened.notice) == (generation, "")
    assert finds(opened, "changed") == "7.py/0#1"
    assert finds(opened, "one7") == "7.py/0#0"
    assert {finds(opened, word) for word in ("two7", "one3", "two3")} == {""}
    assert len(opened.index.query(vector("x"), 1000)) == 46
    opened.close()
    assert each.manifest().changed == 3
    assert each.folders() == [each.manifest().folder] != [first.folder]


def test_a_generation_with_the_same_chunks_needs_no_new_index(bench):
    bench.publish(many())
    bench.write()
    folder = bench.manifest().folder
    generation = bench.publish(many())
    assert bench.open().notice == ""
    assert not bench.write().rebuilt
    assert (bench.manifest().folder, bench.manifest().generation) == (folder, generation)


def test_a_large_change_is_written_in_one_go(bench):
    bench.publish(many(20))
    bench.write()
    bench.publish(many(60))
    assert bench.write().rebuilt
    for turn in range(3):
        bench.publish({**many(60), **{f"{n}.py": f"again{turn}" for n in range(10)}})
        written = bench.write()
        changed = bench.manifest().changed
    assert changed <= 0.5 * written.count


def test_while_vectors_are_made_there_is_none_and_then_the_earlier_one(bench):
    bench.publish(many(), embed=False)
    opened = bench.open()
    assert opened.index is None
    assert opened.notice.startswith("Vectors are still being made: 0 of 48 are there.")
    assert "words alone" in opened.notice
    with pytest.raises(StateError, match="0 of 48"):
        bench.write()
    bench.embed(*many().values())
    bench.write()
    first = bench.manifest().generation
    bench.publish({**many(), "7.py": "brand new"}, embed=False)
    opened = bench.open()
    assert (opened.generation, finds(opened, "two8")) == (first, "8.py/0#1")
    assert "46 of 48" in opened.notice
    opened.close()


def test_an_index_that_is_not_there_is_made_and_said(each):
    generation = each.publish(many())
    opened = each.open()
    assert opened.index is None
    assert "it is not there yet" in opened.notice
    assert "words alone" in opened.notice
    opened = each.mended()
    assert (opened.notice, opened.generation) == ("", generation)
    assert finds(opened, "one19") == "19.py/0#0"
    assert each.keeper.state(NAME) == ""
    opened.close()


def test_who_is_told_that_it_is_ready_can_open_it_at_once(bench):
    found: list[bool] = []

    def told(name):
        opened = bench.keeper.open(name, EMBEDDER)
        found.append(opened.index is not None)
        opened.close()
        bench.ready.set()

    bench.keeper.on_ready = told
    bench.publish(many())
    bench.open()
    assert bench.ready.wait(WAIT_S)
    assert found == [True]


def test_an_index_that_is_behind_serves_until_it_is_not(bench):
    bench.publish(many())
    bench.write()
    first = bench.manifest().generation
    bench.publish({**many(), "7.py": "brand new"})
    opened = bench.open()
    assert (opened.generation, finds(opened, "one8")) == (first, "8.py/0#0")
    assert "the corpus has changed" in opened.notice
    opened.close()
    opened = bench.mended()
    assert (opened.notice, finds(opened, "brand")) == ("", "7.py/0#0")


@pytest.mark.parametrize("backend", ["faiss", "chroma"])
def test_damage_to_any_file_is_mended(tmp_path, backend):
    bench = Bench(tmp_path, backend)
    bench.publish(many())
    bench.write()
    names = [path.name for path in files_of(bench)]
    assert "ids.arrow" in names
    for name, damage in [*((name, cut) for name in names), *DAMAGE[backend]]:
        bench.keeper.close()
        damage(next(path for path in files_of(bench) if path.name == name))
        bench.keep(backend)
        opened = bench.open()
        assert opened.index is None, (name, damage)
        opened = bench.mended()
        assert opened.notice == "", (name, damage)
        assert finds(opened, "two19") == "19.py/0#1"
        opened.close()
        assert len(bench.folders()) == 1
    bench.keeper.close()
    bench.store.close()


def files_of(bench: Bench) -> list[Path]:
    """Return the files of the index that serves, the empty ones left out."""
    folder = bench.home / bench.manifest().folder
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def turned(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 0xFF
    path.write_bytes(bytes(body))


# Half of a file is enough to see; these would end the process if the library were to read them.
DAMAGE = {
    "faiss": [("index.faiss", turned), ("index.faiss", Path.unlink)],
    "chroma": [
        ("data_level0.bin", turned),
        ("header.bin", turned),
        ("chroma.sqlite3", Path.unlink),
    ],
}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"corpus": "lib"}'])
def test_a_manifest_nobody_can_read_is_written_anew(bench, text):
    bench.publish(many())
    bench.write()
    (bench.home / "manifest.json").write_text(text)
    assert bench.open().index is None
    assert finds(bench.mended(), "one1") == "1.py/0#0"
    assert len(bench.folders()) == 1


def tampered(bench: Bench, change) -> None:
    """Change the index itself and seal it, so that only asking it can tell."""
    known = bench.manifest()
    folder = bench.home / known.folder
    index = shelf("faiss", bench.home).open(known.folder, WIDTH)
    change(index, Rows.load(folder))
    index.flush()
    index.close()
    values = json.loads((bench.home / "manifest.json").read_text())
    Manifest(**{**values, "files": seal(folder)}).save(bench.home)


def swap(index, rows):
    index.write(rows.ids, np.array([vector(f"wrong{n}") for n in range(len(rows.ids))]))


def exchange(index, rows):
    words = dict(zip(rows.ids, rows.hashes, strict=True))
    known = {hash_of(word): vector(word) for text in many().values() for word in text.split()}
    matrix = np.array([known[words[id]] for id in rows.ids])
    index.write(rows.ids, np.roll(matrix, 1, axis=0))


def lose(index, rows):
    index.remove(rows.ids[:1])


def add(index, rows):
    index.write(["stray#0"], vector("stray")[None])


@pytest.mark.parametrize("change", [swap, exchange, lose, add])
def test_an_index_that_answers_wrongly_is_noticed_and_made_again(bench, change):
    bench.publish(many())
    bench.write()
    tampered(bench, change)
    opened = bench.open()
    assert opened.index is None
    assert ("canary" in opened.notice) == (change in (swap, exchange))
    opened = bench.mended()
    assert finds(opened, "two5") == "5.py/0#1"
    opened.close()


def test_one_canary_may_miss_and_two_may_not(bench):
    bench.publish(many())
    bench.write()
    truth = indexing.Truth.of(bench.embeddings, NAME, EMBEDDER, 1)

    class Deaf:
        """An index that is wrong about its first few questions."""

        def __init__(self, index, wrong):
            self.index, self.wrong = index, wrong

        def count(self):
            return self.index.count()

        def query(self, asked, k):
            self.wrong -= 1
            return self.index.query(-asked if self.wrong >= 0 else asked, k)

    opened = bench.open()
    assert indexing.wrong_with(Deaf(opened.index, 1), truth) == ""  # type: ignore[arg-type]
    said = indexing.wrong_with(Deaf(opened.index, 2), truth)  # type: ignore[arg-type]
    assert said.startswith("2 of 8 canary vectors")
    opened.close()


def test_another_embedder_or_backend_gets_an_index_of_its_own(bench):
    bench.publish(many())
    bench.write()
    bench.keeper.close()
    bench.keep("faiss-hnsw")
    assert bench.open().index is None
    opened = bench.mended()
    assert (finds(opened, "one1"), bench.manifest().backend) == ("1.py/0#0", "faiss-hnsw")
    assert bench.keeper.open(NAME, "other").notice.startswith("Vectors are still being made: 0 of")
    opened.close()
    assert len(bench.folders()) == 1


def test_leftovers_of_a_crash_are_swept(bench):
    bench.publish(many())
    bench.write()
    stray = bench.home / "vectors-9-dead"
    stray.mkdir()
    (stray / "half").write_text("x")
    other = bench.home / "lexical-1"
    other.mkdir()
    bench.write()
    assert bench.folders() == [bench.manifest().folder]
    assert other.is_dir()


def test_several_may_use_one_index_and_the_last_takes_its_files_along(each):
    each.publish(many())
    each.write()
    first, second = each.open(), each.open()
    folder = each.manifest().folder
    each.publish({**many(), "7.py": "brand new"})
    each.write()
    third = each.open()
    assert finds(first, "two7") == finds(second, "two7") == "7.py/0#1"
    assert finds(third, "brand") == "7.py/0#0"
    first.close()
    first.close()
    assert finds(second, "one2") == "2.py/0#0"
    assert len(each.folders()) == 2
    second.close()
    assert each.folders() == [each.manifest().folder] != [folder]
    assert finds(third, "one2") == "2.py/0#0"
    third.close()


def test_dropping_removes_everything_of_the_index(bench):
    bench.publish(many())
    bench.write()
    bench.open().close()
    bench.keeper.drop(NAME)
    bench.keeper.drop("never-there")
    assert bench.folders() == []
    assert not (bench.home / "manifest.json").exists()
    assert bench.keeper.last(NAME) is None


def test_a_corpus_of_the_same_name_does_not_get_the_old_index(bench):
    bench.publish(many())
    bench.write()
    bench.corpora.delete(NAME)
    with pytest.raises(NotFound):
        bench.open()
    bench.publish({"new.py": "fresh words"})
    assert bench.open().notice != ""
    assert finds(bench.mended(), "fresh") == "new.py/0#0"


def test_a_corpus_that_became_empty_has_no_index(bench):
    bench.publish(many())
    bench.write()
    bench.publish({})
    assert bench.write().count == 0
    opened = bench.open()
    assert (opened.index, opened.notice) == (None, "There is nothing in this corpus.")
    assert bench.folders() == []


def test_a_full_disk_is_said_and_what_served_still_does(bench, monkeypatch):
    bench.publish(many())
    bench.write()
    first = bench.manifest()
    bench.publish({**many(), "7.py": "brand new"})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.retrieval.manifest.Rows.save", full)
    with pytest.raises(Unwritable, match="No space left"):
        bench.write()
    assert bench.folders() == [first.folder]
    opened = bench.open()
    assert finds(opened, "one1") == "1.py/0#0"
    opened.close()


def test_what_cannot_be_mended_is_said_once_and_tried_again_when_it_changes(bench, monkeypatch):
    bench.publish(many())
    with monkeypatch.context() as patch:
        patch.setattr(indexing, "wrong_with", lambda *_: "it is broken by this test")
        assert bench.open().index is None
        opened = bench.mended()
        assert opened.notice == "The vector index could not be made: it is broken by this test."
        assert not bench.keeper._is_at_work(NAME)
    assert bench.open().index is None
    assert bench.folders() == []
    bench.publish({**many(), "7.py": "brand new"})
    assert bench.open().index is None
    assert finds(bench.mended(), "brand") == "7.py/0#0"


def test_closing_ends_what_is_being_written(bench, monkeypatch):
    monkeypatch.setattr(indexing, "BATCH", 1)
    began, go_on = threading.Event(), threading.Event()
    real = Embeddings.vectors

    def slow(self, embedder, hashes):
        began.set()
        go_on.wait(WAIT_S)
        return real(self, embedder, hashes)

    monkeypatch.setattr(Embeddings, "vectors", slow)
    bench.publish(many())
    bench.open()
    assert began.wait(WAIT_S)
    threading.Timer(0.2, go_on.set).start()
    bench.keeper.close()
    assert bench.folders() == []
    assert not bench.ready.is_set()


def test_progress_of_a_writing_is_told(bench, monkeypatch):
    monkeypatch.setattr(indexing, "BATCH", 30)
    bench.publish(many())
    told: list[tuple[float, str]] = []
    bench.keeper.write(NAME, EMBEDDER, lambda share, text: told.append((share, text)))
    assert [share for share, _ in told] == [30 / 48, 1.0]
    assert told[0][1] == "Wrote 30 of 48 vectors to the index"


def test_the_settings_choose_the_backend(bench):
    settings = load({"vectors": "faiss-hnsw", "data_dir": str(bench.folder)}, env_file=None)
    bench.keeper = Keeper.of(settings, bench.corpora, bench.embeddings)
    bench.publish(many())
    bench.write()
    assert bench.manifest().backend == "faiss-hnsw"
    assert (bench.folder / "index" / NAME / "manifest.json").is_file()


@pytest.mark.slow
def test_a_server_that_is_away_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(keeper, "RETRY_S", 0.2)
    port = vector_servers.free_port()
    bench = Bench(tmp_path / "d", "chroma", f"http://me:s3cret@127.0.0.1:{port}")
    bench.publish(many())
    assert bench.open().index is None
    assert "s3cret" not in bench.keeper.state(NAME)
    with vector_servers.chroma(tmp_path / "server", port):
        opened = bench.mended()
        assert finds(opened, "two3") == "3.py/0#1"
        opened.close()
        bench.keeper.close()
        bench.keep("chroma", f"http://127.0.0.1:{port}")
        text = (bench.home / "manifest.json").read_text()
        assert "s3cret" not in text
        bench.publish({**many(), "7.py": "brand new"})
        assert bench.write().rebuilt
    opened = bench.open()
    assert opened.index is None
    said = f"Chroma at http://127.0.0.1:{port} does not answer. Until then"
    assert opened.notice.startswith(said)
    bench.keeper.close()
    bench.store.close()
