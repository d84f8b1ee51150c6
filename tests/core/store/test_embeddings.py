"""Pieces and the cache of embeddings: what went in comes out, once, in the order asked."""

import numpy as np
import pytest

from core.errors import BadInput, NotFound
from core.store.connection import Store
from core.store.corpora import Corpora
from core.store.embeddings import Embeddings, Progress, hash_of
from tests.core.store.test_corpora import chunk, file, published


@pytest.fixture
def embeddings(store):
    return Embeddings(store)


def matrix(rows: int, width: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)


def test_vectors_come_back_bit_for_bit_in_the_order_asked(embeddings):
    hashes, made = [hash_of(str(n)) for n in range(5000)], matrix(5000)
    embeddings.keep("m", hashes[:3000], made[:3000])
    embeddings.keep("m", hashes[2000:], made[2000:])
    order = np.random.default_rng(1).permutation(5000)
    found = embeddings.vectors("m", [hashes[n] for n in order])
    assert found.dtype == np.float32
    assert np.array_equal(found, made[order])
    assert np.array_equal(embeddings.vectors("m", [hashes[7]] * 3), made[[7, 7, 7]])
    assert len(embeddings.vectors("m", [])) == 0


def test_they_survive_a_restart(tmp_path):
    store = Store.open(tmp_path / "d")
    Embeddings(store).keep("m", ["a", "b"], matrix(2))
    store.close()
    store = Store.open(tmp_path / "d")
    assert np.array_equal(Embeddings(store).vectors("m", ["b", "a"]), matrix(2)[::-1])
    store.close()


def test_a_text_is_kept_once_and_each_embedder_has_its_own(embeddings, store):
    first, other = matrix(2), matrix(2, 3, seed=1)
    embeddings.keep("m", ["a", "a"], first)
    embeddings.keep("m", ["a", "b"], matrix(2, seed=9))
    embeddings.keep("wide", ["a", "b"], other)
    assert store.rows("SELECT count(*) FROM embeddings") == [(4,)]
    assert embeddings.vectors("m", ["a"])[0].tolist() in first.tolist()
    assert np.array_equal(embeddings.vectors("wide", ["b", "a"]), other[::-1])
    assert embeddings.missing("m", ["z", "a", "y", "z"]) == ["z", "y"]
    assert embeddings.missing("unknown", ["a"]) == ["a"]


def test_what_is_missing_is_counted_in_words(embeddings):
    embeddings.keep("m", ["a"], matrix(1))
    with pytest.raises(NotFound, match="2 of 3 embeddings by m"):
        embeddings.vectors("m", ["a", "b", "c"])


def test_vectors_of_another_width_under_one_name_are_refused(embeddings):
    embeddings.keep("m", ["a"], matrix(1, 8))
    with pytest.raises(BadInput, match="vectors of 8 numbers; these have 9"):
        embeddings.keep("m", ["b"], matrix(1, 9))
    with pytest.raises(BadInput, match="2 hashes were given for 1"):
        embeddings.keep("m", ["b", "c"], matrix(1, 8))
    with pytest.raises(BadInput, match="not finite"):
        embeddings.keep("m", ["b"], np.full((1, 8), np.nan))
    embeddings.keep("m", [], matrix(0, 0))
    assert embeddings.missing("m", ["a", "b"]) == ["b"]


def test_progress_counts_chunks_pieces_and_vectors(store, embeddings):
    corpora = Corpora(store)
    generation = published(corpora, file("a.py"), file("b.py"))
    assert embeddings.progress("lib", "m") == Progress(4, 0, 0, 0)
    assert not embeddings.progress("lib", "m").is_complete
    assert embeddings.unsplit("lib", "m") == ["a.py/0", "a.py/1", "b.py/0", "b.py/1"]
    rows = [("a.py/0", 0, "x"), ("a.py/0", 1, "y"), ("b.py/1", 0, "x")]
    for _ in range(2):
        embeddings.keep_pieces("lib", generation, "m", rows)
    embeddings.keep("m", ["x"], matrix(1))
    assert embeddings.progress("lib", "m") == Progress(4, 2, 3, 2)
    assert embeddings.unsplit("lib", "m") == ["a.py/1", "b.py/0"]
    assert embeddings.progress("lib", "other") == Progress(4, 0, 0, 0)
    embeddings.keep_pieces("lib", generation, "m", [("a.py/1", 0, "x"), ("b.py/0", 0, "y")])
    embeddings.keep("m", ["y"], matrix(1))
    assert embeddings.progress("lib", "m") == Progress(4, 4, 5, 5)
    assert embeddings.progress("lib", "m").is_complete


def test_pieces_die_with_their_chunks_and_come_back_with_them(store, embeddings):
    corpora = Corpora(store)
    first = published(corpora, file("a.py"), file("b.py"))
    pieces = [("a.py/0", 0, "a0"), ("a.py/1", 0, "a1"), ("b.py/0", 0, "b0"), ("b.py/1", 0, "b1")]
    embeddings.keep_pieces("lib", first, "m", pieces)

    def seen(generation=None):
        return [
            tuple(row.values()) for row in embeddings.pieces("lib", "m", generation).to_pylist()
        ]

    second = corpora.begin("lib")
    corpora.stage("lib", second, [file("a.py", chunk("a.py", 1), chunk("a.py", 5))])
    embeddings.keep_pieces("lib", second, "m", [("a.py/1", 0, "new")])
    assert seen() == seen(first) == pieces
    assert seen(second) == [("a.py/1", 0, "new"), *pieces[2:]]
    assert embeddings.unsplit("lib", "m", second) == ["a.py/5"]
    third = corpora.begin("lib")
    assert seen(third) == pieces


def test_sweeping_keeps_what_some_corpus_still_names(store, embeddings):
    corpora = Corpora(store)
    generation = published(corpora, file("a.py"))
    embeddings.keep_pieces("lib", generation, "m", [("a.py/0", 0, "x")])
    embeddings.keep("m", ["x", "stray"], matrix(2))
    embeddings.keep("other", ["x"], matrix(1))
    assert embeddings.sweep() == 2
    assert embeddings.missing("m", ["x", "stray"]) == ["stray"]
    corpora.delete("lib")
    assert embeddings.sweep() == 1


def test_hashes_tell_texts_apart_and_take_any(embeddings):
    assert hash_of("a") != hash_of("a ")
    assert hash_of("\ud800") == hash_of("\ud800")
