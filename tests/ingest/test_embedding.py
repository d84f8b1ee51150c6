"""An ingest with vectors: what it embeds, what it leaves out, and which index may serve."""

import threading
import time

import numpy as np
import pytest

from core.errors import StateError
from core.retrieval import indexing
from core.retrieval.found import Query
from core.retrieval.library import LOADING, Library
from core.retrieval.manifest import Manifest
from ingest import report
from ingest.exchange import asked
from tests.ingest.conftest import Bench, Died


def hits(bench: Bench, text: str, mode="lexical", name="mine") -> list[str]:
    found = bench.library.search(Query(text, name, mode, 5))
    return [hit.chunk.symbol or hit.chunk.path for hit in found.hits + found.misses]


def many(root, count=40) -> None:
    """Write files of which no two share a word."""
    root.mkdir(exist_ok=True)
    for n in range(count):
        word = "".join(chr(ord("a") + (n * 7 + k * (n + 3)) % 26) for k in range(12))
        (root / f"{n}.py").write_text(f"def {word}():\n    return '{word[::-1]}'\n")


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    """Return a folder whose index has vectors."""
    folder = tmp_path_factory.mktemp("embedded")
    root = folder / "many"
    many(root, 15)
    (root / "basket.py").write_text("def total_price(items):\n    return sum(items)\n")
    made = Bench(folder / "data")
    report = made.run(root, embed=True)
    yield made, root, report
    made.close()


def test_with_vectors_it_is_ready_for_every_mode(embedded):
    bench, _, report = embedded
    corpus = bench.corpora.get("mine")
    assert corpus.state == "ready"
    assert report["embedder"].startswith("all-MiniLM-L6-v2@")
    assert {song["stage"] for song in report["canaries"]} == {"words", "vectors"}
    assert all(song["passed"] for song in report["canaries"])
    bench.library.warm("mine")
    for mode in ("dense", "hybrid", "reranked"):
        found = bench.library.search(Query("what does everything cost together", "mine", mode, 3))
        assert found.used == mode
        assert (found.hits + found.misses)[0].chunk.symbol == "total_price"


def test_while_the_embedder_loads_the_words_answer(embedded, monkeypatch):
    bench, _, _ = embedded
    fresh = Library(bench.settings, bench.store)
    load, gate = fresh.embedder.embed, threading.Event()
    monkeypatch.setattr(fresh.embedder, "embed", lambda texts: gate.wait(60) and load(texts))
    asked = Query("what does everything cost together", "mine", "reranked", 3)
    found = fresh.search(asked)
    assert (found.used, found.notice) == ("lexical", LOADING)
    gate.set()
    fresh.warm("mine")
    assert fresh.search(asked).used == "reranked"
    fresh.close()


def test_texts_embedded_before_are_not_embedded_again(embedded):
    bench, root, report = embedded
    assert report["embedded"] == 16
    again = bench.run(root, "other", embed=True)
    assert again["embedded"] == 0
    (root / "basket.py").write_text("def total_price(items):\n    return max(items)\n")
    changed = bench.run(root, embed=True)
    assert (changed["files"]["changed"], changed["embedded"]) == (1, 1)
    assert bench.corpora.get("mine").state == "ready"


@pytest.mark.parametrize("blind", [False, True], ids=["at its writing", "by its canaries"])
def test_a_vector_index_that_finds_the_wrong_things_does_not_serve(tmp_path, monkeypatch, blind):
    bench, root = Bench(tmp_path / "data"), tmp_path / "many"
    many(root, 15)
    bench.run(root, embed=True)
    served = Manifest.load(bench.settings.index_dir / "mine")
    assert served is not None

    def swapped(index, truth, *rest):
        fill(index, truth, *rest)
        index.write(truth.rows.ids, np.roll(truth.vectors(truth.rows.hashes), 1, axis=0))

    fill = indexing.fill
    (root / "more.py").write_text("def another_thing(): ...\n")
    with monkeypatch.context() as spoilt:
        spoilt.setattr(indexing, "fill", swapped)
        if blind:
            spoilt.setattr(indexing, "wrong_with", lambda *_: "")
        job = bench.job(root, embed=True)
        run = bench.start(job)
        bench.follow(job, run)
        assert isinstance(run.error, StateError)
        corpus = bench.corpora.get("mine")
        assert corpus.state == "lexical"
        assert run.error.message.startswith(corpus.report["refused"]["said"])
        missed = [song for song in corpus.report["refused"]["canaries"] if not song["passed"]]
        assert bool(missed) is blind
        assert "refused" in report.text(corpus)
        assert Manifest.load(bench.settings.index_dir / "mine") == served
        bench.library.warm("mine")
        found = bench.library.search(Query("return a word", "mine", "dense", 3))
        assert (found.used, len(found.hits)) == ("dense", 3)
        assert found.notice
        bench.library.keeper.close()
    fresh = bench.reopened()
    fresh.run(root, embed=True)
    corpus = fresh.corpora.get("mine")
    assert (corpus.state, "refused" in corpus.report) == ("ready", False)
    fresh.close()


def test_who_searches_while_the_vectors_come_does_not_end_the_ingest(embedded):
    bench, root, _ = embedded
    library, embedder = bench.library, bench.library.embedder.name()
    (root / "basket.py").write_text("def total_price(items):\n    return min(items)\n")
    job = bench.job(root, embed=True)

    def look(record):
        question = asked(record)
        if question and question.name == "embedded":
            # The vectors are there and their index is not: whoever looks has it made.
            while not library.embeddings.progress("mine", embedder).is_complete:
                time.sleep(0.01)
            library.keeper.open("mine", embedder).close()

    run = bench.start(job, emitting=look)
    bench.follow(job, run)
    assert run.error is None
    corpus = bench.corpora.get("mine")
    assert corpus.state == "ready"
    assert {song["stage"] for song in corpus.report["canaries"]} == {"words", "vectors"}


def test_a_worker_that_dies_while_it_embeds_loses_no_vector(embedded, tmp_path, monkeypatch):
    bench, root, _ = embedded
    monkeypatch.setattr("ingest.embedding.LEAST", 4)
    monkeypatch.setattr("ingest.embedding.PART_S", 0.0)
    many(root, 30)
    job = bench.job(root, embed=True)
    made = []

    def dies(record):
        made.extend(record.get("vectors", "").split())
        if len(made) == 2:
            raise Died

    run = bench.start(job, dies)
    bench.follow(job, run)
    assert isinstance(run.error, Died)
    assert bench.corpora.get("mine").state == "lexical"
    assert hits(bench, "total price", "hybrid")
    job = bench.again(job)
    bench.follow(job, bench.start(job))
    corpus = bench.corpora.get("mine")
    assert corpus.state == "ready"
    assert corpus.report["embedded"] == 15 - 2 * 4
