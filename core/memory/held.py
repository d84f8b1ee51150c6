"""A cache together with the tokens whose keys and values are in it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import Cache


@dataclass(slots=True)
class Held:
    """What one answer works with: `tokens` is what `cache` holds, and grows before each pass."""

    cache: "Cache"
    tokens: list[int]
    notices: list[str] = field(default_factory=list)
