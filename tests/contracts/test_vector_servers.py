"""Vector servers that are away, go away or hang: said in words, and left after a while."""

import socket

import numpy as np
import psutil
import psycopg
import pytest

from core.errors import Unreachable
from core.retrieval.vectors import shelf
from tests.contracts import vector_servers

WIDTH = 24


def made(count: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    matrix = np.random.default_rng(seed).standard_normal((count, WIDTH)).astype(np.float32)
    return [f"{n}#0" for n in range(count)], matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


@pytest.mark.parametrize("backend", ["chroma", "qdrant", "pgvector"])
@pytest.mark.parametrize("silent", [False, True])
def test_a_server_that_is_away_is_said_without_its_password(backend, silent, tmp_path, monkeypatch):
    monkeypatch.setattr("core.retrieval.vectors.kept.CONNECT_S", 1.0)
    monkeypatch.setattr("core.retrieval.vectors.pgvector.CONNECT_S", 1.0)
    scheme = "postgresql" if backend == "pgvector" else "http"
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if silent:
            listener.listen()
        port = listener.getsockname()[1]
        url = f"{scheme}://someone:s3cret@127.0.0.1:{port}"
        with pytest.raises(Unreachable) as caught:
            shelf(backend, tmp_path, url).open("one", WIDTH)
    told = str(caught.value)
    assert f"127.0.0.1:{port} does not answer" in told
    assert "VECTORS_URL" in told
    assert "s3cret" not in told and "someone" not in told


@pytest.mark.parametrize("backend", ["chroma-server", "pgvector"])
def test_a_server_that_goes_away_is_said_at_the_next_call(backend, tmp_path):
    servers = vector_servers
    chroma = backend == "chroma-server"
    with servers.chroma(tmp_path / "server") if chroma else servers.postgres() as url:
        index = shelf(backend.removesuffix("-server"), tmp_path, url).open("one", WIDTH)
        index.write(*made(5))
    with pytest.raises(Unreachable):
        index.query(made(1)[1][0], 1)
    index.close()


def test_a_database_that_hangs_is_left_after_a_while(tmp_path, monkeypatch):
    with vector_servers.postgres() as url:
        index = shelf("pgvector", tmp_path, url).open("one", WIDTH)
        index.write(*made(5))
        with psycopg.connect(url) as other:
            asked = "SELECT pid FROM pg_stat_activity WHERE state = 'idle' AND pid <> %s"
            rows = other.execute(asked, [other.info.backend_pid]).fetchall()
        hung = [psutil.Process(pid) for (pid,) in rows]
        monkeypatch.setattr("core.retrieval.vectors.pgvector.CUT_S", 0.5)
        for process in hung:
            process.suspend()
        try:
            with pytest.raises(Unreachable):
                index.query(made(1)[1][0], 1)
        finally:
            for process in hung:
                process.resume()
        monkeypatch.undo()
        assert index.query(made(1)[1][0], 1)[0][0] == "0#0"
        index.close()
