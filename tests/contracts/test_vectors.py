"""One contract for every vector index: what goes in is found, by its cosine, also after a restart.

Backends: Chroma embedded and behind a real `chroma run`, FAISS flat and HNSW, Qdrant in local
mode, pgvector on a real Postgres. Cosines are computed in float32 everywhere and agree with
numpy's within TOLERANCE.
"""

import hashlib
import itertools
import threading
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from core.errors import BadInput, StateError
from core.retrieval.vectors import shelf
from core.retrieval.vectors.kept import without_secrets
from tests.contracts import vector_servers

BACKENDS = ("chroma", "chroma-server", "faiss", "faiss-hnsw", "qdrant", "pgvector")
WIDTH = 24
TOLERANCE = 1e-5
ODD = [
    "plain",
    "with space#0",
    "quote'\"`;--",
    "a/b\\c",
    "{}[]()*?%_",
    "new\nline\ttab",
    "ünï✓🙂",
    "é",
    "e\u0301",
    "x" * 500,
    "0",
    "-1",
    " lead",
]

names = (f"test-{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """Start a backend's server when it is first asked for, and end all of them."""
    started: dict[str, str] = {}
    with ExitStack() as running:

        def address(backend: str) -> str:
            if backend == "chroma-server" and backend not in started:
                folder = tmp_path_factory.mktemp(backend)
                started[backend] = running.enter_context(vector_servers.chroma(folder))
            if backend == "pgvector" and backend not in started:
                started[backend] = running.enter_context(vector_servers.postgres())
            return started.get(backend, "")

        yield address


@pytest.fixture(params=BACKENDS)
def place(request, tmp_path, addresses):
    """Return a shelf of each backend."""
    return shelf(request.param.removesuffix("-server"), tmp_path, addresses(request.param))


@pytest.fixture
def name(place):
    chosen = next(names)
    yield chosen
    place.remove(chosen)


@pytest.fixture
def index(place, name):
    opened = place.open(name, WIDTH)
    yield opened
    opened.close()


def made(count: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    matrix = np.random.default_rng(seed).standard_normal((count, WIDTH)).astype(np.float32)
    return [f"{n}#0" for n in range(count)], matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def nearest(ids, matrix, vector, k):
    cosines = matrix @ vector / np.linalg.norm(matrix, axis=1) / np.linalg.norm(vector)
    order = np.argsort(-cosines, kind="stable")[:k]
    return [(ids[n], float(cosines[n])) for n in order]


def agree(found, expected):
    assert [id for id, _ in found] == [id for id, _ in expected]
    for (_, got), (_, wanted) in zip(found, expected, strict=True):
        assert got == pytest.approx(wanted, abs=TOLERANCE)


def test_an_empty_index_finds_nothing(index):
    assert index.count() == 0
    assert index.query(made(1)[1][0], 5) == []
    index.write([], np.empty((0, WIDTH), np.float32))
    index.remove(["unknown"])
    index.remove([])
    assert index.count() == 0


def test_the_nearest_come_first_with_their_cosine(index):
    ids, matrix = made(150)
    index.write(ids, matrix)
    assert index.count() == 150
    for vector in (matrix[7], made(1, seed=9)[1][0], -matrix[3]):
        agree(index.query(vector, 10), nearest(ids, matrix, vector, 10))
    id, cosine = index.query(matrix[123], 1)[0]
    assert (id, cosine) == ("123#0", pytest.approx(1.0, abs=TOLERANCE))


def test_lengths_do_not_matter(index):
    ids, matrix = made(50)
    stretched = matrix * np.linspace(0.1, 30, 50, dtype=np.float32)[:, None]
    index.write(ids, stretched)
    asked = 7 * made(1, seed=5)[1][0]
    agree(index.query(asked, 50), nearest(ids, matrix, asked, 50))


def test_more_than_there_is_gives_all_there_is(index):
    ids, matrix = made(40)
    index.write(ids, matrix)
    for k in (40, 41, 1_000_000):
        agree(index.query(matrix[0], k), nearest(ids, matrix, matrix[0], 40))
    assert index.query(matrix[0], 0) == []
    assert index.query(matrix[0], -3) == []


def test_writing_an_id_again_replaces_its_vector(index):
    ids, matrix = made(30)
    index.write(ids, matrix)
    changed = made(10, seed=4)[1]
    index.write([*ids[:10], "new#0"], np.vstack([changed, -matrix[0]]))
    ids, matrix = [*ids, "new#0"], np.vstack([changed, matrix[10:], -matrix[0]])
    assert index.count() == 31
    for vector in (changed[3], matrix[20]):
        agree(index.query(vector, 31), nearest(ids, matrix, vector, 31))


def test_what_is_removed_is_found_no_more(index):
    ids, matrix = made(60)
    index.write(ids, matrix)
    index.remove([*ids[:25], "unknown#7", ids[3]])
    assert index.count() == 35
    agree(index.query(matrix[3], 60), nearest(ids[25:], matrix[25:], matrix[3], 35))
    index.write(ids[:1], matrix[:1])
    assert index.query(matrix[0], 1)[0][0] == ids[0]
    index.remove(ids)
    assert index.count() == 0
    assert index.query(matrix[0], 3) == []


def test_ids_may_hold_any_characters(index):
    matrix = made(len(ODD))[1]
    index.write(ODD, matrix)
    assert index.count() == len(ODD)
    for id, vector in zip(ODD, matrix, strict=True):
        assert index.query(vector, 1)[0][0] == id
    index.remove(ODD[:6])
    assert {id for id, _ in index.query(matrix[0], 99)} == set(ODD[6:])


def test_equal_vectors_are_all_kept(index):
    matrix = np.repeat(made(1)[1], 20, axis=0)
    index.write([f"twin-{n}" for n in range(20)], matrix)
    found = index.query(matrix[0], 50)
    assert {id for id, _ in found} == {f"twin-{n}" for n in range(20)}
    assert all(cosine == pytest.approx(1, abs=TOLERANCE) for _, cosine in found)


def test_what_was_flushed_is_there_after_a_restart(place, name):
    ids, matrix = made(260)
    first = place.open(name, WIDTH)
    first.write(ids[:220], matrix[:220])
    first.flush()
    first.remove(ids[:50])
    first.write(ids[220:], matrix[220:])
    first.flush()
    first.close()
    first.close()
    again = place.open(name, WIDTH)
    assert again.count() == 210
    agree(again.query(matrix[60], 20), nearest(ids[50:], matrix[50:], matrix[60], 20))
    again.close()


def test_a_batch_beyond_what_chroma_takes_at_once_is_written_whole(index):
    if type(index).__name__ == "Qdrant":
        pytest.skip("local mode commits point by point; its batches are cut the same way")
    ids, matrix = made(5_600)
    index.write(ids, matrix)
    assert index.count() == 5_600
    assert [index.query(matrix[n], 1)[0][0] for n in (0, 5_460, 5_461, 5_599)] == [
        ids[n] for n in (0, 5_460, 5_461, 5_599)
    ]
    index.remove(ids[1:])
    assert index.count() == 1


def test_a_copy_is_an_index_of_its_own(place, name, index):
    ids, matrix = made(30)
    index.write(ids, matrix)
    index.flush()
    other = f"{name}-copy"
    if not place.copy(name, other):
        pytest.skip("this server cannot copy an index")
    copied = place.open(other, WIDTH)
    copied.remove(ids[:10])
    copied.flush()
    assert (copied.count(), index.count()) == (20, 30)
    agree(copied.query(matrix[15], 5), nearest(ids[10:], matrix[10:], matrix[15], 5))
    copied.close()
    place.remove(other)
    place.remove(other)
    agree(index.query(matrix[5], 5), nearest(ids, matrix, matrix[5], 5))


def test_a_removed_index_starts_empty(place):
    ids, matrix = made(5)
    index = place.open("gone", WIDTH)
    index.write(ids, matrix)
    index.flush()
    index.close()
    place.remove("gone")
    again = place.open("gone", WIDTH)
    assert again.count() == 0
    again.close()
    place.remove("gone")


@pytest.mark.parametrize(
    ("ids", "vectors"),
    [
        (["a"], np.ones((2, WIDTH))),
        (["a"], np.ones((1, WIDTH + 1))),
        (["a", "a"], np.ones((2, WIDTH))),
        ([""], np.ones((1, WIDTH))),
        (["a\x00"], np.ones((1, WIDTH))),
        (["a"], np.full((1, WIDTH), np.nan)),
    ],
)
def test_what_cannot_be_kept_is_refused_before_anything_is(index, ids, vectors):
    with pytest.raises(BadInput):
        index.write(ids, vectors)
    assert index.count() == 0


def test_a_query_of_another_width_is_refused(index):
    index.write(*made(3))
    with pytest.raises(BadInput, match="24 numbers"):
        index.query(np.ones(WIDTH - 1), 1)


def test_many_threads_may_ask_at_once(index):
    ids, matrix = made(80)
    index.write(ids, matrix)
    wrong: list[object] = []

    def ask(start: int) -> None:
        for n in range(start, 80, 8):
            found = index.query(matrix[n], 1)
            if found[0][0] != ids[n]:
                wrong.append((n, found))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_large_index_finds_what_comparing_all_finds(index, monkeypatch):
    monkeypatch.setattr("core.retrieval.vectors.pgvector.EXACT_UP_TO", 1_000)
    if type(index).__name__ in ("Qdrant", "Faiss") and not getattr(index, "_hnsw", False):
        pytest.skip("compares all by itself")
    ids, matrix = made(3_000)
    for start in range(0, 3_000, 1_500):
        index.write(ids[start : start + 1_500], matrix[start : start + 1_500])
    index.flush()
    asked = made(40, seed=3)[1]
    hits = sum(
        len(
            {id for id, _ in index.query(vector, 10)}
            & {id for id, _ in nearest(ids, matrix, vector, 10)}
        )
        for vector in asked
    )
    assert hits / 400 > 0.9
    agree(index.query(asked[0], 1_500)[:10], nearest(ids, matrix, asked[0], 10))


@pytest.mark.parametrize("count", [1, 99, 700])
@pytest.mark.parametrize("backend", ["chroma", "faiss", "faiss-hnsw"])
def test_asking_leaves_the_files_of_the_graph_as_they_were(backend, count, tmp_path):
    place = shelf(backend, tmp_path)
    ids, matrix = made(count)
    index = place.open("one", WIDTH)
    index.write(ids, matrix)
    index.flush()
    index.close()
    before = sums(tmp_path)
    again = place.open("one", WIDTH)
    assert again.query(matrix[-1], 1)[0][0] == ids[-1]
    again.close()
    assert sums(tmp_path) == before


def sums(folder: Path) -> dict[str, str]:
    # SQLite's own file changes when it is opened; the rest must not.
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "sqlite" not in path.name
    }


@pytest.mark.parametrize("backend", ["faiss", "faiss-hnsw"])
@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 5000])
def test_a_damaged_faiss_file_is_said_and_not_read(backend, damage, tmp_path):
    place = shelf(backend, tmp_path)
    index = place.open("one", WIDTH)
    index.write(*made(20))
    index.flush()
    file = tmp_path / "one" / "index.faiss"
    file.write_bytes(damage or file.read_bytes()[:-1])
    with pytest.raises(StateError, match=r"damaged|too short"):
        place.open("one", WIDTH)


def test_addresses_are_shown_without_secrets():
    shown = without_secrets("postgresql://me:pw@db:5432/lib?password=pw&sslmode=require")
    assert shown == "postgresql://db:5432/lib"


def test_a_closed_index_says_so(index):
    index.write(*made(3))
    index.close()
    for call in (
        lambda: index.query(made(1)[1][0], 1),
        lambda: index.write(*made(1)),
        lambda: index.remove(["0#0"]),
        index.count,
    ):
        with pytest.raises(StateError, match="closed"):
            call()
