"""Vectors in Chroma: embedded in this process, or on a server started with `chroma run`.

Chroma's own embedding function and telemetry stay off. It takes up to 5,461 vectors at once, a
server fewer, since they travel as text; a folder may be open in one process only.
"""

import base64
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urlsplit

from core.errors import NotFound, PlumblineError
from core.retrieval.vectors.kept import (
    ANSWER_S,
    CONNECT_S,
    Folders,
    KeptIndex,
    away,
    batches,
    check_answers,
    check_open,
    one,
    rows,
    unreadable,
)

if TYPE_CHECKING:
    import numpy as np

LARGEST_BATCH = 5_461
SENT_AT_ONCE = 1_000
COLLECTION = "vectors"
# Chroma keeps what it was given in SQLite and writes the graph's files once this many wait there.
# Left waiting, they are put into the graph again at every opening, and its files change with it.
_SHAPE = {"hnsw": {"space": "cosine", "sync_threshold": 1, "batch_size": 1, "ef_search": 128}}


class ChromaFolder(Folders):
    """Chroma indexes in a folder, each with a database of its own."""

    def open(self, name: str, dimensions: int) -> KeptIndex:
        """Open an index; one that is not there is made, empty."""
        import chromadb

        place = self.root / name
        place.mkdir(parents=True, exist_ok=True)
        with _InWords(str(place)), ExitStack() as undo:
            undo.callback(_forget, str(place))
            client: Any = chromadb.PersistentClient(place, settings=_settings())
            undo.callback(client.close)
            opened = _opened(client, COLLECTION, dimensions, str(place))
            undo.pop_all()
            return opened


class ChromaServer:
    """Chroma indexes on a server."""

    def __init__(self, url: str) -> None:
        self._url = url

    def open(self, name: str, dimensions: int) -> KeptIndex:
        """Open an index; one that is not there is made, empty."""
        opened = _opened(self._client(), f"plumbline-{name}", dimensions, self._url)
        opened.batch = SENT_AT_ONCE
        return opened

    def copy(self, name: str, to: str) -> bool:
        """Say that a server cannot copy an index more cheaply than it is written."""
        return False

    def remove(self, name: str) -> None:
        """Remove an index; an unknown one is fine."""
        client = self._client()
        try:
            with _InWords(self._url):
                client.delete_collection(f"plumbline-{name}")
        except NotFound:
            pass
        finally:
            client.close()

    def _client(self) -> Any:  # noqa: ANN401
        # The library waits for ever; its session gets limits, and the first call our own.
        import chromadb
        import httpx

        parts, headers = urlsplit(self._url), _credentials(self._url)
        limits = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
        check_answers("Chroma", self._url, "/api/v2/heartbeat", headers)
        with _InWords(self._url):
            client = chromadb.HttpClient(
                host=parts.hostname or "",
                port=parts.port or (443 if parts.scheme == "https" else 8000),
                ssl=parts.scheme == "https",
                headers=headers,
                settings=_settings(),
            )
            client._server._session.timeout = limits  # pyright: ignore[reportAttributeAccessIssue]
        return client


class Chroma:
    """One collection."""

    def __init__(self, client: Any, collection: Any, dimensions: int, place: str) -> None:  # noqa: ANN401
        self._client = client
        self._collection = collection
        self._dimensions = dimensions
        self._place = place
        self._open = True
        self.batch = LARGEST_BATCH

    def write(self, ids: Sequence[str], vectors: "np.ndarray") -> None:
        """Add vectors, or replace those whose id is known."""
        matrix = rows(ids, vectors, self._dimensions)
        with self._asking() as collection:
            for part in batches(len(ids), self.batch):
                # A vector that is replaced in the graph can cut others off; one that is
                # taken out and put in again does not.
                known = collection.get(ids=list(ids[part]), include=[])["ids"]
                if known:
                    collection.delete(ids=known)
                collection.upsert(ids=list(ids[part]), embeddings=matrix[part])

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ids; unknown ones are fine."""
        with self._asking() as collection:
            unique = list(dict.fromkeys(ids))
            for part in batches(len(unique), self.batch):
                collection.delete(ids=unique[part])

    def query(self, vector: "np.ndarray", k: int) -> list[tuple[str, float]]:
        """Return (id, cosine) of the nearest, best first."""
        asked = one(vector, self._dimensions)
        with self._asking() as collection:
            k = min(k, collection.count())
            if k <= 0:
                return []
            found = collection.query(query_embeddings=[asked], n_results=k, include=["distances"])
        ids, distances = found["ids"][0], found["distances"][0]
        return [(id, 1.0 - distance) for id, distance in zip(ids, distances, strict=True)]

    def count(self) -> int:
        """Return how many ids it holds."""
        with self._asking() as collection:
            return collection.count()

    def flush(self) -> None:
        """Do nothing: Chroma has every write in its SQLite file when it returns."""

    def close(self) -> None:
        """Let go of files and connections."""
        self._open = False
        self._client.close()

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        check_open(self._open)
        with _InWords(self._place):
            yield self._collection


class _InWords:
    """Turns what Chroma raises into our errors: some of it has no type of its own."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        told = _told(error, self._place) if error else None
        if told:
            raise told from error


def _told(error: BaseException, place: str) -> PlumblineError | None:
    import httpx
    from chromadb.errors import ChromaError
    from chromadb.errors import NotFoundError as Absent

    if isinstance(error, Absent):
        return NotFound("Chroma has no such index.")
    if isinstance(error, ChromaError) or type(error).__name__ == "PanicException":
        return unreadable("Chroma", str(error))
    if isinstance(error, httpx.HTTPError) or "Could not connect" in str(error):
        return away("Chroma", place)
    # What its server says in a shape of its own arrives without a type.
    return unreadable("Chroma", str(error)) if type(error) in (Exception, ValueError) else None


def _opened(client: Any, name: str, dimensions: int, place: str) -> Chroma:  # noqa: ANN401
    with _InWords(place):
        collection = client.get_or_create_collection(
            name, embedding_function=None, configuration=_SHAPE
        )
    return Chroma(client, collection, dimensions, place)


def _forget(place: str) -> None:
    # What failed to open stays in Chroma's cache, half made, and would be handed out again.
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient._identifier_to_system.pop(place, None)
    SharedSystemClient._identifier_to_refcount.pop(place, None)


def _settings() -> Any:  # noqa: ANN401
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def _credentials(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    if not parts.username and not parts.password:
        return {}
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
