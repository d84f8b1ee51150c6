"""What stored keys and values stand for: a model, a format, and every token before and in them.

Two that differ in any of it have different names, so that neither can be taken for the other.
"""

import hashlib
import json
from array import array
from collections.abc import Sequence
from dataclasses import asdict, dataclass

SEGMENT = 256
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Key:
    """Everything but the tokens that keys and values depend on; positions count from 0."""

    files: str
    config: str
    template: str
    adapter: str
    dtype: str
    device: str
    layers: int
    kv_heads: int
    head_dim: int

    @property
    def root(self) -> bytes:
        """Return the hash before the first token."""
        said = json.dumps({"format": FORMAT, "segment": SEGMENT, **asdict(self)}, sort_keys=True)
        return hashlib.sha256(said.encode()).digest()


def chain(before: bytes, tokens: Sequence[int]) -> bytes:
    """Return the hash of what came before and these tokens."""
    return hashlib.sha256(before + array("q", tokens).tobytes()).digest()


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two sequences have in common from their start."""
    most = min(len(one), len(other))
    if list(one[:most]) == list(other[:most]):
        return most
    return next(at for at in range(most) if one[at] != other[at])


def name_of(session: str) -> str:
    """Return the name under which a session's files are noted, which says nothing of it."""
    return hashlib.sha256(session.encode()).hexdigest()[:32]
