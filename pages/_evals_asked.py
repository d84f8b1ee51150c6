"""What a visitor looks at in Evals: read from an address, checked, written as a link.

It knows the names in the address and how long their values may be. It looks nothing up: whether
a run or a suite exists is for those who hold them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, cast
from urllib.parse import urlencode

from pages._html import text

View = Literal["runs", "new", "run", "compare", "leaderboard", "datasets", "one"]
TABS: dict[View, str] = {
    "runs": "Runs",
    "new": "New run",
    "compare": "Compare",
    "leaderboard": "Leaderboard",
    "datasets": "Datasets",
    "one": "Evaluate one",
}
LONGEST = 200
MOST_COMPARED = 8
_ID = re.compile(r"[\w.@: -]{1,200}")
_SAMPLE = re.compile(r"(\d{1,9})(?:\.(\d{1,4}))?")


@dataclass(frozen=True, slots=True)
class Asked:
    """A place in Evals. `sample` is "12", or "12.1" for the second time question 12 was asked."""

    view: View = "runs"
    run: str = ""
    sample: str = ""
    compare: tuple[str, ...] = ()
    dataset: str = ""
    suite: str = ""
    method: str = ""
    state: str = ""
    outcome: str = ""
    kind: str = ""
    q: str = ""
    sort: str = ""
    page: int = 1
    deleted: bool = False
    scorer: str = ""
    config: str = ""

    @property
    def place(self) -> tuple[int, int] | None:
        """Return the position and the epoch of the sample that is asked for."""
        found = _SAMPLE.fullmatch(self.sample)
        return (int(found[1]), int(found[2] or 0)) if found else None

    @property
    def narrowed(self) -> bool:
        """Say whether any filter is set."""
        return any((self.suite, self.method, self.state, self.outcome, self.kind, self.q))


def read(values: Mapping[str, Any]) -> Asked:
    """Return the place that an address names; what cannot be a value is left out."""
    given = {name: str(value)[:LONGEST] for name, value in values.items() if value}
    compare = tuple(
        dict.fromkeys(id for id in given.get("compare", "").split(",") if _ID.fullmatch(id))
    )[:MOST_COMPARED]
    run, view = _id(given, "run"), given.get("view", "")
    page = given.get("page", "")
    asked = Asked(
        view=cast(View, view if view in TABS else "runs"),
        run=run,
        sample=given.get("sample", "") if _SAMPLE.fullmatch(given.get("sample", "")) else "",
        compare=compare,
        page=int(page) if page.isascii() and page.isdecimal() and 0 < int(page) < 10**6 else 1,
        deleted=given.get("deleted") == "1",
        **{name: given.get(name, "") for name in _WORDS},
    )
    if compare:
        return replace(asked, view="compare")
    return replace(asked, view="run") if run and view not in TABS else asked


def link(asked: Asked) -> str:
    """Return the part of an address that reopens this place; what is default is left out."""
    parts: dict[str, str] = {}
    implied = asked.view == "runs" or (asked.view == "run" and asked.run)
    if not implied and not (asked.view == "compare" and asked.compare):
        parts["view"] = asked.view
    for each in fields(asked):
        value = getattr(asked, each.name)
        if each.name == "view" or value == each.default:
            continue
        if each.name == "compare":
            parts["compare"] = ",".join(value)
        else:
            parts[each.name] = "1" if value is True else str(value)
    return urlencode(parts, safe=",")


def go(asked: Asked, label: str, kind: str = "", extra: str = "") -> str:
    """Return a link to a place; `label` is HTML, `extra` more attributes."""
    to = text(link(asked))
    of = f' class="{kind}"' if kind else ""
    href = f"?tab=evals&amp;{to}" if to else "?tab=evals"
    return f'<a href="{href}" data-act="evals" data-to="{to}"{of}{extra}>{label}</a>'


def pages(asked: Asked, total: int, size: int) -> str:
    """Return the links to the pages of a long list; nothing where there is one."""
    last = max(1, -(-total // size))
    if last == 1:
        return ""
    at = min(asked.page, last)
    steps = []
    if at > 1:
        steps.append(go(replace(asked, page=at - 1), "‹ Earlier in the list", "button"))
    first = (at - 1) * size + 1
    steps.append(f'<span class="num">{first:,}–{min(at * size, total):,} of {total:,}</span>')
    if at < last:
        steps.append(go(replace(asked, page=at + 1), "Later in the list ›", "button"))
    return f'<nav class="pager" aria-label="Pages">{"".join(steps)}</nav>'


_WORDS = ("dataset", "suite", "method", "state", "outcome", "kind", "q", "sort", "scorer", "config")


def _id(given: Mapping[str, str], name: str) -> str:
    value = given.get(name, "")
    return value if _ID.fullmatch(value) else ""
