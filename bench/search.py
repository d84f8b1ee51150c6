"""How long a search takes: every mode at 20,000 chunks, words alone over the whole default corpus.

The chunks are those of the installed transformers, the questions those of the suite. The vectors
are random directions around a few hundred centres: how long a look-up takes depends on their
number and how they lie, not on what they mean. Modes run in turn, question by question. The word
index is compared with bm25s over the same tokens. Processor time stands beside the clock, which
other work on the machine moves. Run by `make bench-search`; `python -m bench.search small` leaves
the whole default corpus out.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench import _held
from bench._instant import Instant
from bench._record import record
from core.assistant.methods.rag import Rag
from core.assistant.scorer import open_support
from core.documents import Document, Evidence
from core.messages import Message, Params, Stop
from core.retrieval.embed import open_embedder
from core.retrieval.found import Mode, Query
from core.retrieval.lexical import LexicalIndex, Rows
from core.retrieval.rerank import open_reranker
from core.retrieval.search import Searcher
from core.retrieval.vectors import shelf
from core.retrieval.words import tokens
from core.seams import Embedder, SupportScorer
from core.settings import Settings, load
from eval.suites import codeqa
from eval.suites.definitions import packages_folder
from ingest.chunk import cut, cutting
from ingest.pipeline import identified

SAID = "It returns the number of tokens as an int, 0 by default [1]."
CHUNKS, QUESTIONS, K = 20_000, 100, 10
PIECES, CENTRES, SPREAD, SEED = 1.3, 400, 0.9, 1
TURNS: tuple[Mode, ...] = ("lexical", "hybrid", "reranked")


def main(words: list[str]) -> None:
    """Measure everything and write bench/results/search.json."""
    asked = random.Random(SEED).sample([one.text for one in codeqa.load("test")], QUESTIONS)
    rows = corpus(CHUNKS)
    lexical, settings = LexicalIndex.build(rows), load(env_file=None)
    figures: dict[str, Any] = {"chunks": len(rows["id"])}
    with TemporaryDirectory() as folder:
        embedder = open_embedder(settings)
        search = searcher(rows, lexical, settings, embedder, Path(folder))
        for text in asked[:5]:
            search.search(Query(text))
        figures |= modes(search, asked)
        figures |= answering(search, asked, open_support(settings, embedder.embed, lambda: True))
    figures |= against(rows, lexical, asked)
    if "small" not in words:
        rows = corpus()
        whole = Searcher(rows, LexicalIndex.build(rows))
        taken = [search_of(whole, text, "lexical") for text in asked]
        figures["default corpus chunks"] = len(rows["id"])
        figures |= shown("default corpus lexical", [each["total"] for each in taken])
    notes = (
        f"{QUESTIONS} questions, each mode in turn, top {K}; milliseconds. Vectors in Chroma, "
        f"{PIECES:g} for each chunk, of random directions around {CENTRES} centres; questions are "
        "embedded by MiniLM. bm25s ranks the chunks' same tokens; ours adds those of their files."
    )
    record("search", figures, notes)


def corpus(most: int | None = None) -> Rows:
    """Return the chunks of the installed transformers, or the first of them."""
    root = packages_folder()
    files = sorted((root / "transformers").rglob("*.py"))
    cuts = (cut(_document(path, root), cutting("code")) for path in files)
    return _held.table([identified(each) for each in islice(chain.from_iterable(cuts), most)])


def _document(path: Path, root: Path) -> Document:
    name = path.relative_to(root).as_posix()
    return Document(source="", path=name, text=path.read_text(encoding="utf-8"), language="python")


def searcher(
    rows: Rows, lexical: LexicalIndex, settings: Settings, embedder: Embedder, folder: Path
) -> Searcher:
    """Return the product's searcher with the default vector index."""
    ids = [f"{name}#0" for name in rows["id"]]
    ids += [f"{name}#1" for name in islice(rows["id"], int((PIECES - 1) * len(ids)))]
    rng = np.random.default_rng(SEED)
    centres = rng.standard_normal((CENTRES, 384))
    vectors = centres[rng.integers(0, CENTRES, len(ids))]
    vectors = vectors + SPREAD * rng.standard_normal(vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = shelf("chroma", folder).open("search", 384)
    index.write(ids, vectors.astype(np.float32))
    return Searcher(rows, lexical, index=index, embedder=embedder, reranker=open_reranker(settings))


def modes(search: Searcher, asked: Sequence[str]) -> dict[str, Any]:
    """Return the time of every mode, and the median of every stage."""
    taken: dict[Mode, list[dict[str, float]]] = {mode: [] for mode in TURNS}
    for text in asked:
        for mode in TURNS:
            taken[mode].append(search_of(search, text, mode))
    figures: dict[str, Any] = {}
    for mode, each in taken.items():
        figures |= shown(mode, [one["total"] for one in each])
        figures |= shown(f"{mode} processor", [one["processor"] for one in each])
        for stage in each[0]:
            if stage not in ("total", "processor"):
                median = statistics.median(one.get(stage, 0.0) for one in each)
                figures[f"{mode} {stage}_ms"] = round(1000 * median, 2)
    return figures


def answering(search: Searcher, asked: Sequence[str], support: SupportScorer) -> dict[str, Any]:
    """Return what an answer from evidence takes beside the model, which answers at once here.

    It says something that has to be held against the evidence, as real answers do.
    """

    def found(text: str, k: int) -> list[Evidence]:
        hits = search.search(Query(text, mode="hybrid", top_k=k)).hits
        return [Evidence(hit.chunk, hit.score) for hit in hits]

    taken, processor = [], []
    for text in asked:
        rag = Rag(Instant(SAID), found, "transformers", support=support)
        began, spent = time.perf_counter(), time.process_time()
        for _ in rag.answer([Message("user", text)], Params(), Stop()):
            pass
        taken.append(time.perf_counter() - began)
        processor.append(time.process_time() - spent)
    beside = shown("answer beside the model", taken)
    return {**beside, **shown("answer beside the model processor", processor)}


def search_of(search: Searcher, text: str, mode: Mode) -> dict[str, float]:
    """Return how long every stage of one search took."""
    began = time.process_time()
    seconds = search.search(Query(text, mode=mode, top_k=K)).seconds
    return {**seconds, "processor": time.process_time() - began}


def against(rows: Rows, ours: LexicalIndex, asked: Sequence[str]) -> dict[str, Any]:
    """Return the time of our word index and of bm25s itself over the same tokens, in turn."""
    import bm25s

    theirs = bm25s.BM25()
    columns = zip(rows["path"], rows["context"], rows["symbol"], rows["text"], strict=True)
    theirs.index([tokens(" ".join(parts)) for parts in columns], show_progress=False)

    def other(text: str) -> object:
        # bm25s fails on words it has never seen unless they are left out before.
        known = [word for word in tokens(text) if word in theirs.vocab_dict]
        return theirs.retrieve([known], k=K, show_progress=False)

    sides: dict[str, Callable[[str], object]] = {
        "word index": lambda text: ours.rank(text, K),
        "bm25s": other,
    }
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for text in asked:
        for name, run in sides.items():
            began = time.perf_counter()
            run(text)
            taken[name].append(time.perf_counter() - began)
    figures: dict[str, Any] = {}
    for name, each in taken.items():
        figures |= shown(name, each)
    ratio = statistics.median(taken["bm25s"]) / statistics.median(taken["word index"])
    return {**figures, "bm25s ratio": round(ratio, 2)}


def shown(name: str, seconds: Sequence[float]) -> dict[str, float]:
    """Return the median and the 95th percentile in milliseconds."""
    return {
        f"{name} p{cut}_ms": round(1000 * float(np.percentile(seconds, cut)), 2) for cut in (50, 95)
    }


if __name__ == "__main__":
    main(sys.argv[1:])
