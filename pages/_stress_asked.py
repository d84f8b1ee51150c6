"""What a visitor looks at in Stress: read from an address, checked, written as a link.

It knows the names in the address and how long their values may be. Whether a run or a scenario
exists is for those who hold them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, cast
from urllib.parse import urlencode

from pages._html import text

View = Literal["start", "run", "runs", "fit"]
TABS: dict[View, str] = {"start": "Run", "runs": "Stored runs", "fit": "What would fit"}
LONGEST = 200
_ID = re.compile(r"[\w.@:-]{1,200}")
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Asked:
    """A place in Stress; `play` shows a run as it came about. Numbers are digits, or nothing."""

    view: View = "start"
    run: str = ""
    play: bool = False
    scenario: str = ""
    budget: str = ""
    model: str = ""
    memory: str = ""
    context: str = ""
    dtype: str = ""
    weights: str = ""
    batch: str = ""


_WORDS = ("scenario", "model", "dtype", "weights")
_NUMBERS = ("budget", "memory", "context", "batch")


def read(values: Mapping[str, Any]) -> Asked:
    """Return the place that an address names; what cannot be a value is left out."""
    given = {name: str(value)[:LONGEST] for name, value in values.items() if value}
    run, view = given.get("run", ""), given.get("view", "")
    asked = Asked(
        view=cast(View, view if view in TABS else "start"),
        run=run if _ID.fullmatch(run) else "",
        play=given.get("play") == "1",
        **{name: given.get(name, "") for name in _WORDS},
        **{name: _number(given.get(name, "")) for name in _NUMBERS},
    )
    return replace(asked, view="run") if asked.run and view not in TABS else asked


def link(asked: Asked) -> str:
    """Return the part of an address that reopens this place; what is default is left out."""
    parts: dict[str, str] = {}
    if asked.view not in ("start", "run"):
        parts["view"] = asked.view
    for each in fields(asked):
        value = getattr(asked, each.name)
        if each.name != "view" and value != each.default:
            parts[each.name] = "1" if value is True else str(value)
    return urlencode(parts)


def go(asked: Asked, label: str, kind: str = "", extra: str = "") -> str:
    """Return a link to a place; `label` is HTML, `extra` more attributes."""
    to = text(link(asked))
    of = f' class="{kind}"' if kind else ""
    href = f"?tab=stress&amp;{to}" if to else "?tab=stress"
    return f'<a href="{href}" data-act="stress" data-to="{to}"{of}{extra}>{label}</a>'


def _number(given: str) -> str:
    return given if _NUMBER.fullmatch(given) else ""
