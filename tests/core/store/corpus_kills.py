"""A process that stages and publishes generations, killed at random moments; what is left is whole.

Run as a program it is the writer: `python corpus_kills.py DATA_DIR`. Every chunk of a generation
carries the generation's number, so a mixture of two would show.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from core.documents import Chunk
from core.store.connection import Store
from core.store.corpora import Corpora, FileRow
from core.store.embeddings import Embeddings, hash_of
from tests.core.store.kills import ROOT, environment, say

NAME, EMBEDDER = "lib", "test"
PARTS, FILES, CHUNKS = 6, 8, 25


def write(data_dir: Path) -> None:
    """Stage part by part and publish, over and over, until somebody ends this."""
    store = Store.open(data_dir)
    corpora, embeddings = Corpora(store), Embeddings(store)
    corpora.create(NAME, NAME, {}, {})
    while True:
        generation = corpora.begin(NAME)
        for part in range(PARTS):
            corpora.stage(NAME, generation, [made(generation, part, n) for n in range(FILES)])
            say(f"staged {generation} {part}")
        pieces = [(f"{p}-{n}-{i}", 0, hash_of(f"{generation}")) for p, n, i in places()]
        embeddings.keep_pieces(NAME, generation, EMBEDDER, pieces)
        corpora.publish(NAME, generation)
        say(f"published {generation}")
        corpora.prune(NAME)


def made(generation: int, part: int, n: int) -> tuple[FileRow, list[Chunk]]:
    """Return one file of a generation."""
    path = f"{part}/{n}.py"
    chunks = [
        Chunk(path, i + 1, i + 1, f"{generation} " * 50, id=f"{part}-{n}-{i}")
        for i in range(CHUNKS)
    ]
    return FileRow(path, f"{generation}", 1), chunks


def places() -> Iterator[tuple[int, int, int]]:
    """Yield where every chunk of a generation stands."""
    for part in range(PARTS):
        for n in range(FILES):
            for i in range(CHUNKS):
                yield part, n, i


def kill_once(data_dir: Path, after_s: float) -> tuple[int, list[str]]:
    """Let a writer live this long after its first word; return the last published and its words."""
    child = subprocess.Popen(
        [sys.executable, __file__, str(data_dir)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env=environment(),
    )
    assert child.stdout
    first = child.stdout.readline()
    time.sleep(after_s)
    child.send_signal(signal.SIGKILL)
    rest = child.communicate()[0]
    assert child.returncode == -signal.SIGKILL, "the writer ended by itself"
    lines = [*first.decode().splitlines(), *rest.decode().splitlines(keepends=True)]
    words = [line.split() for line in lines]
    return max((int(w[1]) for w in words if w[0] == "published"), default=0), lines


def wrong_in(data_dir: Path, acknowledged: int) -> Iterator[str]:
    """Yield what is not as one whole generation, no older than the acknowledged one."""
    store = Store.open(data_dir)
    try:
        corpora = Corpora(store)
        served = corpora.get(NAME).generation
        if served < acknowledged:
            yield f"generation {acknowledged} was published and {served} is served"
        texts = {int(text.split()[0]) for text in corpora.live(NAME).column("text").to_pylist()}
        if served and (texts != {served} or corpora.size(NAME) != expected()):
            yield f"generation {served} holds {corpora.size(NAME)} of {texts}"
        pieces = Embeddings(store).pieces(NAME, EMBEDDER)
        if served and set(pieces.column("hash").to_pylist()) != {hash_of(f"{served}")}:
            yield f"generation {served} has the pieces of another"
    finally:
        store.close()


def expected() -> tuple[int, int]:
    """Return the files and chunks of a whole generation."""
    return PARTS * FILES, PARTS * FILES * CHUNKS


def survive(data_dir: Path, kills: int, seed: int) -> tuple[int, list[str]]:
    """Kill this many writers in one folder; return the last generation published, and wrongs."""
    dice = random.Random(seed)
    last, wrong = 0, []
    for _ in range(kills):
        last = max(last, kill_once(data_dir, dice.uniform(0.0, 1.2))[0])
        wrong += wrong_in(data_dir, last)
    while not last:
        last = kill_once(data_dir, 3.0)[0]
        wrong += wrong_in(data_dir, last)
    return last, wrong


if __name__ == "__main__":
    os.nice(5)
    write(Path(sys.argv[1]))
