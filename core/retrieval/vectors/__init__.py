"""Vector indexes behind one seam, one file per library; the choice between them is here.

An index is a cache of what the store holds: it may be thrown away at any time. Libraries are
imported when one of their indexes is opened.
"""

from pathlib import Path

from core.retrieval.vectors.kept import Shelf


def shelf(backend: str, folder: Path, url: str = "") -> Shelf:
    """Return where a backend keeps its indexes: in a folder, or on the server at the address."""
    if backend == "chroma":
        from core.retrieval.vectors.chroma import ChromaFolder, ChromaServer

        return ChromaServer(url) if url else ChromaFolder(folder)
    if backend == "qdrant":
        from core.retrieval.vectors.qdrant import QdrantFolder, QdrantServer

        return QdrantServer(url) if url else QdrantFolder(folder)
    if backend == "pgvector":
        from core.retrieval.vectors.pgvector import Postgres

        return Postgres(url)
    from core.retrieval.vectors.faiss import FaissFolder

    return FaissFolder(folder, hnsw=backend == "faiss-hnsw")
