"""What a worker hands over comes out as it went in."""

import numpy as np
import pyarrow as pa

from core.documents import Chunk
from core.store.chunks import FileRow
from ingest import parts
from ingest.parts import CutFile


def test_cut_files_come_back_whole(tmp_path):
    chunk = Chunk(
        path="a/b.py",
        start=3,
        end=9,
        text="def f(x):\n    return 'ä\u2028'\n",
        kind="method",
        symbol="A.f",
        names=("x", "*rest"),
        language="python",
        source="https://somewhere",
        id="abc",
        span=(20, 55),
        context="class A(B)",
    )
    files = [
        CutFile(FileRow("a/b.py", "h", 60, "python"), [chunk]),
        CutFile(FileRow("e", "i", 0), []),
    ]
    path = tmp_path / parts.name(parts.CUT, 7)
    parts.write_cut(path, files)
    assert parts.read_cut(path) == files
    assert parts.hashes(path) == {"a/b.py": "h", "e": "i"}
    assert parts.found(tmp_path, parts.CUT) == ["cut-000007.parquet"]
    assert parts.found(tmp_path, parts.VECTORS) == []


def test_pieces_come_back_in_order(tmp_path):
    rows = [("a", 0, "x"), ("a", 1, "y"), ("b", 0, "x")]
    parts.write_pieces(tmp_path / "p", rows)
    assert parts.read_pieces(tmp_path / "p") == rows
    parts.write_pieces(tmp_path / "none", [])
    assert parts.read_pieces(tmp_path / "none") == []


def test_vectors_come_back_to_the_bit(tmp_path):
    matrix = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)
    parts.write_vectors(tmp_path / "v", list("abcde"), matrix)
    names, found = parts.read_vectors(tmp_path / "v")
    assert names == list("abcde")
    assert np.array_equal(found, matrix)


def test_live_rows_become_chunks_for_the_embedder():
    row = {
        "id": "1",
        "path": "a.py",
        "start": 1,
        "end": 2,
        "kind": "function",
        "symbol": "f",
        "language": "python",
        "context": "class A",
        "text": "def f(): ...",
        "names": ["x"],
        "source": "",
    }
    (chunk,) = parts.chunks(pa.Table.from_pylist([row]))
    assert chunk == Chunk(**{**row, "names": ("x",)})
