"""How a file is cut, as a value that is recorded with the index made from it.

The default holds 384 tokens as `approximate_tokens` counts them, about 460 of MiniLM's, so that
nearly every chunk gets two vectors at most. That leaves 82 % of the functions of transformers
whole, and 77 % of those of pandas. 256 tokens leave 70 % and 66 %; 512 leave 89 % and 85 %, but
answer with half a page.

It knows the strategies and their sizes by name; it deliberately does not cut anything.
"""

from dataclasses import dataclass
from typing import Literal

from core.errors import BadInput

SMALLEST = 16


@dataclass(frozen=True, slots=True)
class Cutting:
    """A strategy, the tokens a chunk may hold, and the share that windows have in common."""

    name: Literal["code", "window"] = "code"
    size: int = 384
    overlap: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in ("code", "window"):
            raise BadInput(f"{self.name!r} is not a way to cut.", "Choose code or window.")
        if self.size < SMALLEST:
            raise BadInput(
                f"A chunk of {self.size} tokens is too small.", f"Use {SMALLEST} or more."
            )
        if not 0 <= self.overlap < 1:
            raise BadInput(
                f"Windows cannot share {self.overlap:g} of their text.", "Use 0 or more, below 1."
            )


# The windows are the usual recipes, to compare with.
_PRESETS = {
    "code": Cutting("code", 384),
    "window-800": Cutting("window", 800, 0.15),
    "window-512": Cutting("window", 512, 0.15),
    "window-256": Cutting("window", 256, 50 / 256),
    "window-128": Cutting("window", 128, 0.15),
}


def strategies() -> tuple[str, ...]:
    """Return the names that `cutting` knows, the default first."""
    return tuple(_PRESETS)


def cutting(name: str) -> Cutting:
    """Return the cutting of that name."""
    if name not in _PRESETS:
        raise BadInput(
            f"{name!r} is not a way to cut files.", f"Choose one of {', '.join(_PRESETS)}."
        )
    return _PRESETS[name]
