"""The form that brings a new source into Search, as HTML, and what a visitor wrote in it.

It knows the fields of an ingest. It does not read sources and queues nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pages._html import text, tool
from pages._search_report import CUTTINGS

# What it is called, and a text that is one.
EXAMPLES = (
    ("Package", "transformers"),
    ("Folder", "./core"),
    ("Repository", "https://github.com/huggingface/transformers"),
    ("Hub dataset", "hub:wikimedia/wikipedia:20231101.simple"),
)
SHARED = (
    "Others use this server too, so a visitor can index packages that are installed on it, and "
    "delete only what they indexed. Folders and repositories are for whoever runs it."
)
NO_SOURCE = "Write what to index: a package, a folder, an archive, or a repository's address."


@dataclass(frozen=True, slots=True)
class Wanted:
    """An ingest as it was asked for."""

    source: str
    name: str | None
    cutting: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]


def read(values: Mapping[str, Any]) -> Wanted:
    """Return what the fields say; whether it can be done is for the ingest to judge."""
    return Wanted(
        source=str(values.get("source") or "").strip(),
        name=str(values.get("name") or "").strip() or None,
        cutting=str(values.get("cutting") or "code"),
        include=_globs(values.get("include")),
        exclude=_globs(values.get("exclude")),
    )


def form(shared: bool) -> str:
    """Return the form, out of sight until it is wanted."""
    examples = "".join(
        f'<button type="button" class="button" data-act="source" data-text="{text(source)}">'
        f"{label}</button>"
        for label, source in (EXAMPLES[:1] if shared else EXAMPLES)
    )
    options = "".join(
        f'<option value="{name}">{words.capitalize()}</option>' for name, words in CUTTINGS.items()
    )
    note = f'<p class="quiet">{SHARED}</p>' if shared else ""
    kinds = (
        "The name of an installed package."
        if shared
        else "An installed package, a folder, a zip or tar, a repository or a Hub dataset."
    )
    return (
        '<section id="add-panel" class="add" aria-label="Index a source" hidden>'
        '<div class="add-head"><h2>Index a source</h2>'
        f"{tool('close', 'Close', 'close-add')}</div>{note}"
        '<form id="add" data-submit="ingest" novalidate>'
        f"{_field('source', 'Source', 'transformers', kinds)}"
        f'<div class="examples" role="group" aria-label="Examples of sources">{examples}</div>'
        f"{_field('name', 'Name', 'made from the source', 'Letters, digits, dots and dashes.')}"
        f'<p class="field"><label for="add-cutting">Chunks</label><select id="add-cutting" '
        f'name="cutting" aria-describedby="help-cutting">{options}</select>'
        '<span id="help-cutting" class="quiet">By symbol: one for each function, method, class or '
        "section.</span></p>"
        f"{_field('include', 'Only these', 'src/** *.md', 'Globs, separated by spaces.')}"
        f"{_field('exclude', 'Leave out', 'tests/**', 'Globs, separated by spaces.')}"
        '<p class="submit"><button type="submit" class="button strong">Index</button>'
        '<span class="quiet">It runs beside everything else; you may leave the page.</span></p>'
        "</form></section>"
    )


def _field(name: str, label: str, placeholder: str, explained: str) -> str:
    told = f'<span id="help-{name}" class="quiet">{explained}</span>' if explained else ""
    by = f' aria-describedby="help-{name}"' if explained else ""
    return (
        f'<p class="field"><label for="add-{name}">{label}</label><input id="add-{name}" '
        f'name="{name}" type="text" placeholder="{placeholder}" autocomplete="off" '
        f'autocapitalize="off" spellcheck="false"{by}>{told}</p>'
    )


def _globs(given: object) -> tuple[str, ...]:
    return tuple(glob for glob in re.split(r"[\s,]+", str(given or "").strip()) if glob)
