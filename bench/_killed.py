"""The sides of the crash benchmark, each in a process: one writes until killed, one looks.

    fill SIDE FOLDER FIRST         write what every kill begins with
    write SIDE FOLDER FIRST        write steps, saying what is acknowledged
    look SIDE FOLDER FIRST STEP    say as JSON what is there after a kill

SIDE is `keeper` (Plumbline's own: record store and kept index) or `chroma` (a bare collection).
Both write the same vectors in the same steps: new ones, and some under ids that are known.
"""

import hashlib
import json
import os
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

import core.process  # noqa: F401  must come before anything imports torch
from core.documents import Chunk
from core.errors import PlumblineError
from core.retrieval.keeper import Keeper
from core.store.connection import Store
from core.store.corpora import Corpora, FileRow
from core.store.embeddings import Embeddings, hash_of

NAME, EMBEDDER, WIDTH = "crash", "random", 384
# Chroma writes its graph once 1,000 vectors wait: 900 do when a kill begins, so that the first
# step makes it write.
FIRST, WAITING, NEW, EDITED = 3_000, 900, 150, 50
ASKED = 60
WAIT_S = 300


def ids_of(step: int) -> list[str]:
    """Return the ids that a step after the first writes for the first time."""
    return [f"s{step}-{n}" for n in range(NEW)]


def edited() -> list[str]:
    """Return the ids that every step writes again."""
    return [f"s0-{n}" for n in range(EDITED)]


def first_ids(count: int) -> list[str]:
    """Return the ids of the first step that are never written again."""
    return [f"s0-{n}" for n in range(EDITED, count)]


def text_of(id: str, step: int) -> str:
    """Return the text of an id as a step wrote it."""
    return f"{id} as of step {step}"


def vector_of(text: str) -> np.ndarray:
    """Return the vector of a text: random, and always the same."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
    made = np.random.default_rng(seed).standard_normal(WIDTH).astype(np.float32)
    return made / np.linalg.norm(made)


def texts_of(step: int, first: int) -> dict[str, str]:
    """Return what a step writes, by id."""
    ids = ids_of(step) if step else first_ids(first)
    return {id: text_of(id, step) for id in [*edited(), *ids]}


def say(line: str) -> None:
    """Tell the parent, without a buffer that a kill would empty."""
    os.write(1, f"{line}\n".encode())


class OfKeeper:
    """Plumbline's side: acknowledged once the record store has it, then the index is written."""

    def __init__(self, folder: Path, first: int) -> None:
        self.first = first
        self.store = Store.open(folder)
        self.corpora, self.embeddings = Corpora(self.store), Embeddings(self.store)
        self.keeper = Keeper(self.corpora, self.embeddings, folder / "index")

    def write(self, step: int) -> None:
        """Publish a step, acknowledge it, and bring the index to it."""
        texts = texts_of(step, self.first)
        if step == 0:
            self.corpora.create(NAME, NAME, {}, {})
        generation = self.corpora.begin(NAME)
        ids = ids_of(step) if step else first_ids(self.first)
        files = {f"{step}.py": ids, "edited.py": edited()}
        rows = [(_row(path), _chunks(path, ids, step)) for path, ids in files.items()]
        self.corpora.stage(NAME, generation, rows)
        pieces = [(id, 0, hash_of(text)) for id, text in texts.items()]
        self.embeddings.keep_pieces(NAME, generation, EMBEDDER, pieces)
        hashes = [hash for _, _, hash in pieces]
        matrix = np.array([vector_of(text) for text in texts.values()])
        self.embeddings.keep(EMBEDDER, hashes, matrix)
        self.corpora.publish(NAME, generation)
        say(f"acknowledged {step}")
        say(f"writing {step}")
        self.keeper.write(NAME, EMBEDDER)

    def look(self, step: int) -> dict[str, Any]:
        """Open as a next start would, wait for a repair if one is due, and ask."""
        ready = threading.Event()
        self.keeper.on_ready = lambda _: ready.set()
        started = time.monotonic()
        opened = self.keeper.open(NAME, EMBEDDER)
        served, said = opened.index is not None, opened.notice
        if said:
            opened.close()
            ready.wait(WAIT_S)
            opened = self.keeper.open(NAME, EMBEDDER)
        seconds = time.monotonic() - started
        kept = set(self.corpora.live(NAME)["id"].to_pylist())
        if opened.index is None:
            return {"readable": False, "why": opened.notice}
        last = self.keeper.last(NAME)
        return {
            **_asked(lambda v: opened.index.query(v, 1), step, self.first),  # pyright: ignore[reportOptionalMemberAccess]
            "lost": len(_acknowledged(step, self.first) - kept),
            "served_at_once": served,
            "repaired": bool(said),
            "rebuilt": bool(last and last.rebuilt),
            "seconds": seconds,
        }

    def close(self) -> None:
        """Let go of everything."""
        self.keeper.close()
        self.store.close()


class OfChroma:
    """A bare collection: acknowledged once Chroma's call has returned."""

    def __init__(self, folder: Path, first: int) -> None:
        import chromadb
        from chromadb.config import Settings

        self.first = first
        settings = Settings(anonymized_telemetry=False)
        self.client: Any = chromadb.PersistentClient(folder / "chroma", settings=settings)
        self.collection = self.client.get_or_create_collection(
            NAME, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def write(self, step: int) -> None:
        """Write a step, and acknowledge it."""
        texts = texts_of(step, self.first)
        ids, matrix = list(texts), np.array([vector_of(text) for text in texts.values()])
        say(f"writing {step}")
        if step == 0:
            self.collection.upsert(ids=ids[:-WAITING], embeddings=matrix[:-WAITING])
            ids, matrix = ids[-WAITING:], matrix[-WAITING:]
        self.collection.upsert(ids=ids, embeddings=matrix)
        say(f"acknowledged {step}")

    def look(self, step: int) -> dict[str, Any]:
        """Ask what is there."""

        def query(vector: np.ndarray) -> list[tuple[str, float]]:
            found = self.collection.query(
                query_embeddings=[vector], n_results=1, include=["distances"]
            )
            pairs = zip(found["ids"][0], found["distances"][0], strict=True)
            return [(id, 1 - distance) for id, distance in pairs]

        kept = set(self.collection.get(include=[])["ids"])
        lost = len(_acknowledged(step, self.first) - kept)
        return {**_asked(query, step, self.first), "lost": lost}

    def close(self) -> None:
        """Let go of everything."""
        self.client.close()


SIDES = {"keeper": OfKeeper, "chroma": OfChroma}


def _row(path: str) -> FileRow:
    return FileRow(path, "", 0)


def _chunks(path: str, ids: list[str], step: int) -> list[Chunk]:
    return [Chunk(path, 1, 1, text_of(id, step), id=id) for id in ids]


def _acknowledged(step: int, first: int) -> set[str]:
    later = (id for each in range(1, step + 1) for id in ids_of(each))
    return {*edited(), *first_ids(first), *later}


def _asked(query: Any, step: int, first: int) -> dict[str, Any]:  # noqa: ANN401
    """Ask for acknowledged ids by their vectors; count those that do not come back."""
    again = edited()
    known = sorted(_acknowledged(step, first) - set(again))
    wrong = 0
    for id in [*known[:: max(1, len(known) // ASKED)], *again]:
        # What was written again may have reached the step after the acknowledged one.
        steps = (step, step + 1) if id in again else (int(id[1:].partition("-")[0]),)
        answers = [query(vector_of(text_of(id, each)))[:1] for each in steps]
        wrong += not any(
            found and found[0][0].partition("#")[0] == id and found[0][1] > 0.999
            for found in answers
        )
    return {"readable": True, "wrong": wrong}


def told(out: Connection, words: list[str]) -> None:
    """Run one side, and say what there is to say into a pipe."""
    os.dup2(out.fileno(), 1)
    out.close()
    main(words)


def main(words: list[str]) -> None:
    """Run one side."""
    what, side, folder, first = words[0], SIDES[words[1]], Path(words[2]), int(words[3])
    if what == "look":
        say(json.dumps(looked(side, folder, first, int(words[4]))))
        return
    writer = side(folder, first)
    if what == "fill":
        writer.write(0)
        writer.close()
        return
    step = 1
    while True:
        writer.write(step)
        step += 1


def looked(
    side: type[OfKeeper] | type[OfChroma], folder: Path, first: int, step: int
) -> dict[str, Any]:
    """Return what is there; that it cannot be opened is an answer too."""
    from chromadb.errors import ChromaError

    try:
        opened = side(folder, first)
        found = opened.look(step)
        opened.close()
    except (PlumblineError, ChromaError, OSError, RuntimeError, ValueError) as error:
        return {"readable": False, "why": str(error)[:200]}
    return found
