"""What an index must offer beyond the seam to be kept by Plumbline, and what all of them share.

It knows folders, addresses and how to say that a server is away. It knows no library.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit, urlunsplit

from core.errors import BadInput, StateError, Unreachable
from core.seams import VectorIndex

if TYPE_CHECKING:
    import numpy as np

CONNECT_S = 5.0
ANSWER_S = 60.0


class KeptIndex(VectorIndex, Protocol):
    """A vector index that is opened, checked, written and closed."""

    def count(self) -> int:
        """Return how many ids it holds."""
        ...

    def flush(self) -> None:
        """Return once everything written would be there after a crash."""
        ...

    def close(self) -> None:
        """Let go of files and connections; a second call does nothing."""
        ...


class Shelf(Protocol):
    """Where a backend keeps its indexes, each under a name of its own."""

    def open(self, name: str, dimensions: int) -> KeptIndex:
        """Open an index; one that is not there is made, empty."""
        ...

    def copy(self, name: str, to: str) -> bool:
        """Copy an index under a new name; False where that costs as much as writing it anew."""
        ...

    def remove(self, name: str) -> None:
        """Remove an index; an unknown one is fine."""
        ...


class Folders:
    """The part of a shelf that is the same for libraries that keep files: a folder per index."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def copy(self, name: str, to: str) -> bool:
        """Copy an index under a new name."""
        shutil.copytree(self.root / name, self.root / to, dirs_exist_ok=True)
        return True

    def remove(self, name: str) -> None:
        """Remove an index; an unknown one is fine."""
        shutil.rmtree(self.root / name, ignore_errors=True)


def rows(ids: Sequence[str], vectors: "np.ndarray", dimensions: int) -> "np.ndarray":
    """Return the vectors as every library takes them, one for each id, or refuse them."""
    import numpy as np

    matrix = np.ascontiguousarray(vectors, dtype=np.float32)
    if matrix.shape != (len(ids), dimensions):
        raise BadInput(
            f"Vectors of the shape {matrix.shape} were given for {len(ids)} ids; "
            f"this index holds vectors of {dimensions} numbers."
        )
    if len(set(ids)) < len(ids) or not all(ids) or any("\x00" in id for id in ids):
        raise BadInput("An id is empty, is given twice, or holds a NUL character.")
    if not np.isfinite(matrix).all():
        raise BadInput("A vector holds a number that is not finite.")
    return matrix


def one(vector: "np.ndarray", dimensions: int) -> "np.ndarray":
    """Return the vector of a query as every library takes it, or refuse it."""
    import numpy as np

    return rows(["query"], np.reshape(vector, (1, -1)), dimensions)[0]


def batches(total: int, size: int) -> Iterator[slice]:
    """Yield slices that cover everything, each no longer than what a library takes at once."""
    for start in range(0, total, size):
        yield slice(start, start + size)


def without_secrets(url: str) -> str:
    """Return an address as it may be shown: without user, password and options."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def check_answers(
    server: str, url: str, path: str, headers: Mapping[str, str] | None = None
) -> None:
    """Ask a server for a sign of life; libraries wait long or for ever where none comes."""
    import httpx

    try:
        address = f"{without_secrets(url).rstrip('/')}{path}"
        httpx.get(address, headers=headers, timeout=CONNECT_S).raise_for_status()
    except httpx.HTTPStatusError as error:
        raise StateError(
            f"{server} at {without_secrets(url)} answers {error.response.status_code}.",
            "Correct VECTORS_URL, or the user and password in it.",
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise away(server, url) from error


def away(server: str, url: str) -> Unreachable:
    """Return the error for a server that does not answer."""
    return Unreachable(
        f"{server} at {without_secrets(url)} does not answer.",
        "Start it, or correct VECTORS_URL. Until it answers, search is by words alone.",
    )


def check_open(is_open: bool) -> None:
    """Refuse to use an index that was closed."""
    if not is_open:
        raise StateError("This vector index is closed.", "Open it again.")


def unreadable(library: str, reason: str) -> StateError:
    """Return the error for an index its library cannot use."""
    return StateError(
        f"{library} cannot use this index: {reason[:200]}",
        "It is made again from the record store.",
    )
