"""Vectors in Qdrant: its client's local mode in a folder, or a server.

Local mode compares a query with every vector and reads them all when it opens: right for trying,
slow beyond some 20,000. Qdrant's own ids are numbers or UUIDs, so ours travel as payload.
"""

import pickle
import sqlite3
import uuid
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from core.retrieval.vectors.kept import (
    ANSWER_S,
    Folders,
    KeptIndex,
    away,
    batches,
    check_answers,
    check_open,
    one,
    rows,
    unreadable,
    without_secrets,
)

if TYPE_CHECKING:
    import numpy as np
    from qdrant_client import QdrantClient

BATCH = 500
COLLECTION = "vectors"
_SPACE = uuid.UUID("6f0f5a3e-2d5b-4b0b-9a53-6a1d6e2b9f10")


class QdrantFolder(Folders):
    """Qdrant indexes in a folder, in the client's local mode."""

    def open(self, name: str, dimensions: int) -> KeptIndex:
        """Open an index; one that is not there is made, empty."""
        from qdrant_client import QdrantClient

        place = self.root / name
        with _in_words(str(place)):
            client = QdrantClient(path=str(place), force_disable_check_same_thread=True)
            return Qdrant(client, COLLECTION, dimensions, str(place))


class QdrantServer:
    """Qdrant indexes on a server; a password in the address is sent as its API key."""

    def __init__(self, url: str) -> None:
        self._url = url

    def open(self, name: str, dimensions: int) -> KeptIndex:
        """Open an index; one that is not there is made, empty."""
        with _in_words(self._url):
            return Qdrant(self._client(), f"plumbline-{name}", dimensions, self._url)

    def copy(self, name: str, to: str) -> bool:
        """Say that a server cannot copy an index more cheaply than it is written."""
        return False

    def remove(self, name: str) -> None:
        """Remove an index; an unknown one is fine."""
        with _in_words(self._url):
            client = self._client()
            client.delete_collection(f"plumbline-{name}")
            client.close()

    def _client(self) -> "QdrantClient":
        from qdrant_client import QdrantClient

        parts = urlsplit(self._url)
        check_answers("Qdrant", self._url, "/healthz")
        return QdrantClient(
            url=without_secrets(self._url),
            port=parts.port or (443 if parts.scheme == "https" else 6333),
            api_key=unquote(parts.password) if parts.password else None,
            timeout=int(ANSWER_S),
            check_compatibility=False,
        )


class Qdrant:
    """One collection."""

    def __init__(self, client: "QdrantClient", name: str, dimensions: int, place: str) -> None:
        from qdrant_client import models

        self._client = client
        self._name = name
        self._dimensions = dimensions
        self._place = place
        self._open = True
        if not client.collection_exists(name):
            shape = models.VectorParams(size=dimensions, distance=models.Distance.COSINE)
            client.create_collection(name, vectors_config=shape)

    def write(self, ids: Sequence[str], vectors: "np.ndarray") -> None:
        """Add vectors, or replace those whose id is known."""
        from qdrant_client import models

        matrix = rows(ids, vectors, self._dimensions)
        with self._asking() as client:
            for part in batches(len(ids), BATCH):
                points = models.Batch(
                    ids=[_point(id) for id in ids[part]],
                    vectors=matrix[part].tolist(),
                    payloads=[{"id": id} for id in ids[part]],
                )
                client.upsert(self._name, points=points, wait=True)

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ids; unknown ones are fine."""
        from qdrant_client import models

        with self._asking() as client:
            for part in batches(len(ids), BATCH):
                points = models.PointIdsList(points=[_point(id) for id in ids[part]])
                client.delete(self._name, points_selector=points, wait=True)

    def query(self, vector: "np.ndarray", k: int) -> list[tuple[str, float]]:
        """Return (id, cosine) of the nearest, best first."""
        asked = one(vector, self._dimensions)
        with self._asking() as client:
            k = min(k, self.count())
            if k <= 0:
                return []
            found = client.query_points(
                self._name, query=asked.tolist(), limit=k, with_payload=True
            )
        return [((point.payload or {})["id"], point.score) for point in found.points]

    def count(self) -> int:
        """Return how many ids it holds."""
        with self._asking() as client:
            return client.count(self._name, exact=True).count

    def flush(self) -> None:
        """Do nothing: every write has been waited for."""

    def close(self) -> None:
        """Let go of files and connections."""
        self._open = False
        self._client.close()

    @contextmanager
    def _asking(self) -> "Iterator[QdrantClient]":
        check_open(self._open)
        with _in_words(self._place):
            yield self._client


@contextmanager
def _in_words(place: str) -> Iterator[None]:
    from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

    damage = (ValueError, KeyError, EOFError, pickle.UnpicklingError, sqlite3.Error, RuntimeError)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Local mode is not recommended")
            yield
    except ResponseHandlingException as error:
        raise away("Qdrant", place) from error
    except ApiException as error:
        raise unreadable("Qdrant", str(error)) from error
    except damage as error:
        raise unreadable("Qdrant", str(error)) from error


def _point(id: str) -> str:
    return str(uuid.uuid5(_SPACE, id))
