"""What servers call their figures, read from files: nothing is known of a server but that.

assets/telemetry/servers.yaml holds the names that servers publish. DATA_DIR/telemetry.yaml adds
a vendor's own; without it assets/telemetry/own.yaml counts, which is empty.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import BadInput

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "telemetry"
OWN = "telemetry.yaml"
# Our figures, and what several series of one come to: their sum, or the largest of them.
FIGURES: dict[str, Literal["sum", "most"]] = {
    "requests_running": "sum",
    "requests_waiting": "sum",
    "kv_use": "most",
    "prompt_tokens": "sum",
    "generated_tokens": "sum",
    "prefix_asked_tokens": "sum",
    "prefix_hit_tokens": "sum",
    "outside_asked_tokens": "sum",
    "outside_hit_tokens": "sum",
    "outside_memory_bytes": "sum",
    "outside_disk_bytes": "sum",
    "outside_remote_bytes": "sum",
    "offload_stored_bytes": "sum",
    "offload_loaded_bytes": "sum",
    "tier_written_bytes": "sum",
    "tier_read_bytes": "sum",
    "preemptions": "sum",
    "evictions": "sum",
}
_SERIES = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(\w+)=([^{},]+)\})?")
_PAGE = re.compile(r"https?://[^\s/@]+(/\S*)?")


@dataclass(frozen=True, slots=True)
class Series:
    """A metric, or the part of it that has one value in one label."""

    metric: str
    label: str = ""
    value: str = ""

    @property
    def spelt(self) -> tuple[str, ...]:
        """Return how its samples may be named: those of counters end in _total."""
        return (f"{self.metric}_total", self.metric)

    def has(self, labels: Mapping[str, str]) -> bool:
        """Say whether a sample of the metric is of it."""
        return not self.label or labels.get(self.label) == self.value


@dataclass(frozen=True, slots=True)
class Names:
    """What one server calls our figures; of several names the first one found counts."""

    server: str
    source: str
    figures: Mapping[str, tuple[Series, ...]]


@dataclass(frozen=True, slots=True)
class Book:
    """Every name that is known, and the pages to read beside the model's own server."""

    names: tuple[Names, ...]
    pages: tuple[str, ...]


def read(data_dir: Path) -> Book:
    """Read both files; one that cannot be understood is refused with its line."""
    servers = _load(ASSETS / "servers.yaml")
    names = [_names(server, found, "servers.yaml") for server, found in servers.items()]
    path = data_dir / OWN
    path = path if path.is_file() else ASSETS / "own.yaml"
    own = _load(path)
    strange = sorted(set(own) - {"name", "source", "pages", "figures"})
    if strange:
        raise BadInput(f"{path.name} has {strange[0]!r}, which means nothing.", _HELP)
    pages = own.get("pages") or []
    if not isinstance(pages, list) or not all(_is_page(page) for page in pages):
        raise BadInput(f"The pages of {path.name} must be addresses.", _HELP)
    if own.get("figures"):
        names.append(_names(str(own.get("name") or "your own names"), own, path.name))
    return Book(tuple(names), tuple(pages))


_HELP = "Compare it with assets/telemetry/own.yaml."


def _load(path: Path) -> dict[str, Any]:
    # Nobody needs it before the page is there.
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{path.name} cannot be read: {error}", _HELP) from error
    if not isinstance(found, dict):
        raise BadInput(f"{path.name} must hold names with values.", _HELP)
    return found


def _names(server: str, found: Mapping[str, Any], file: str) -> Names:
    figures = found.get("figures")
    if not isinstance(figures, dict):
        raise BadInput(f"The figures of {server} in {file} must be names with lists.", _HELP)
    known = {str(ours): _series(str(ours), theirs, file) for ours, theirs in figures.items()}
    return Names(server, str(found.get("source") or ""), known)


def _series(ours: str, theirs: object, file: str) -> tuple[Series, ...]:
    if ours not in FIGURES:
        raise BadInput(f"{file} names {ours!r}, which is no figure of ours.", _HELP)
    given: Sequence[object] = theirs if isinstance(theirs, list) else [theirs]
    matches = [_SERIES.fullmatch(each) if isinstance(each, str) else None for each in given]
    if not matches or None in matches:
        raise BadInput(
            f"{file} has {theirs!r} for {ours}.",
            "Write the metric's name, or NAME{LABEL=VALUE}.",
        )
    return tuple(Series(m[1], m[2] or "", m[3] or "") for m in matches if m)


def _is_page(page: object) -> bool:
    return isinstance(page, str) and _PAGE.fullmatch(page) is not None
