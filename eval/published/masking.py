"""What of a run may be shown to anybody: no owner, no place on this machine, no server's address.

It knows which settings tell nothing about their owner, and how a path looks. What is written by
people and models is left as it is, but for the folders of this machine.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Told = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
GONE = "…"
# Settings that shape an answer and name nobody; all others stay at home.
SETTINGS = (
    "TIER", "MODEL", "MODEL_NAME", "DEVICE", "DTYPE", "CONTEXT_LENGTH", "OVERFLOW", "MAX_TOKENS",
    "CONCURRENCY", "EMBEDDER", "RERANKER", "VECTORS", "PUBLIC",
)  # fmt: skip
PROVENANCE = (
    "suite", "corpus", "prompts", "code", "model", "asked", "libraries", "machine", "device",
    "scorers", "revision",
)  # fmt: skip
_PATH = re.compile(r"(?:/|~[/\\]|[A-Za-z]:[/\\]|\\\\)\S")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_LEAST = 4


class Mask:
    """Takes out of texts what belongs to this machine."""

    def __init__(self, hide: Sequence[Path] = ()) -> None:
        places = {str(path) for each in hide for path in (each, each.resolve())}
        places |= {str(ROOT), sys.prefix, str(Path.home())}
        long = sorted((p for p in places if len(p) > _LEAST), key=lambda p: (-len(p), p))
        joined = "|".join(map(re.escape, long))
        self._places = re.compile(rf"(?<![\w./])(?:{joined})(?![\w-])")

    def content(self, value: Any) -> Any:  # noqa: ANN401  any plain value, the same shape back
        """Return what people and models wrote, without the folders of this machine."""
        return _through(value, lambda text: self._places.sub(GONE, text))

    def facts(self, value: Any) -> Any:  # noqa: ANN401
        """Return what Plumbline wrote down, without any path or address."""
        return _through(value, self._fact)

    def provenance(self, told: Told) -> Told:
        """Return where a run comes from, as far as anybody may know."""
        kept = {name: told[name] for name in PROVENANCE if name in told}
        settings = {n: v for n, v in told.get("settings", {}).items() if n in SETTINGS}
        return self.facts({**kept, "settings": settings})

    def _fact(self, text: str) -> str:
        if _URL.fullmatch(text):
            return f"{urlsplit(text).scheme}://{GONE}"
        if _PATH.match(text):
            return f"{GONE}/{_last(text)}"
        return _URL.sub(lambda found: f"{urlsplit(found[0]).scheme}://{GONE}", self.content(text))


def _last(path: str) -> str:
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


def _through(value: Any, change: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key): _through(each, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_through(each, change) for each in value]
    return value
