"""The keeper: whatever happened to an index, what is in the record store is found again."""

import threading

import pytest

from core.errors import NotFound, StateError
from core.retrieval import indexing, keeper
from core.retrieval.keeper import Keeper
from core.settings import load
from core.store.embeddings import Embeddings
from tests.contracts import vector_servers
from tests.core.retrieval.keeping import EMBEDDER, NAME, WAIT_S, Bench, finds, many


def test_while_vectors_are_made_there_is_none_and_then_the_earlier_one(bench):
    bench.publish(many(), embed=False)
    opened = bench.open()
    assert opened.index is None
    assert opened.notice.startswith("0 of 48 vectors are made.")
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
