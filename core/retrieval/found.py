"""What is asked of a corpus and what comes back, with every stage's rank, score and time.

Plain values. They know nothing of how anything is found.
"""

from dataclasses import dataclass, field
from typing import Literal

from core.documents import Chunk

Mode = Literal["lexical", "dense", "hybrid", "reranked"]
MODES: tuple[Mode, ...] = ("lexical", "dense", "hybrid", "reranked")
MAX_K = 100
MAX_QUERY = 4_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What a chunk must be to be found; an empty one lets everything through."""

    paths: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """One search: what, where, how, how many."""

    text: str
    corpus: str = ""
    mode: Mode = "reranked"
    top_k: int = 5
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one stage put a chunk: its rank from 1, and the stage's own score."""

    stage: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, with its place in every stage, in the order they ran.

    `terms` are the words of the query as they occur in the chunk.
    """

    chunk: Chunk
    score: float
    places: tuple[Place, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """What a search gives: the hits that are relevant, or none with the nearest misses.

    `used` is the mode that ran, which is not the one asked for while vectors are missing;
    `notice` says so in a sentence. `seconds` holds every stage's time, and `total`.
    """

    query: Query
    used: Mode
    hits: tuple[Hit, ...]
    misses: tuple[Hit, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    corpus: str = ""
    generation: int = 0
    notice: str = ""
