"""Trying an index: one that answers wrongly is noticed, though its files are as they were."""

import json

import numpy as np
import pytest

from core.retrieval import indexing
from core.retrieval.manifest import Manifest, Rows, seal
from core.retrieval.vectors import shelf
from core.store.embeddings import hash_of
from tests.core.retrieval.keeping import EMBEDDER, NAME, WIDTH, Bench, finds, many, vector


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
