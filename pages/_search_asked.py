"""What a visitor asks of Search: read from the form or from an address, checked, written as a link.

It knows the names of the fields and their limits. It searches nothing. What is wrong is said in
words for each field; nothing is clamped silently.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

from core.present.numbers import count
from core.retrieval.found import MAX_K, MAX_QUERY, MODES, Filters, Mode, Query

DEFAULT = Query("")
MOST_GLOBS = 20
MOST_CHOSEN = 50
LONGEST_WORD = 200
_CORPUS = re.compile(r"[\w][\w.-]{0,62}")
_WORD = re.compile(r"[\w+#. -]{1,40}")

NOTHING = "Write what you are looking for."


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it was asked for; `versus` is a second mode to stand beside the first."""

    text: str = ""
    corpus: str = ""
    mode: Mode = DEFAULT.mode
    versus: Mode | None = None
    top_k: int = DEFAULT.top_k
    filters: Filters = field(default_factory=Filters)

    def query(self, mode: Mode | None = None) -> Query:
        """Return the query of one mode."""
        return Query(self.text, self.corpus, mode or self.mode, self.top_k, self.filters)

    @property
    def narrowed(self) -> bool:
        """Say whether any filter is set."""
        return self.filters != Filters()


def read(values: Mapping[str, Any]) -> tuple[Asked, dict[str, str]]:
    """Return what the fields ask for, defaults where one is wrong, and what is wrong with each."""
    wrong: dict[str, str] = {}
    text = str(values.get("q") or "").strip()
    if len(text) > MAX_QUERY:
        wrong["q"] = (
            f"The query has {len(text):,} characters; at most {MAX_QUERY:,} are read. Shorten it."
        )
    corpus = str(values.get("corpus") or "")
    if corpus and not _CORPUS.fullmatch(corpus):
        corpus, wrong["corpus"] = "", f"“{corpus[:40]}” is not the name of a corpus."
    mode = _mode(values, "mode", wrong) or DEFAULT.mode
    versus = _mode(values, "versus", wrong)
    filters = Filters(
        paths=_globs(values, wrong),
        languages=_chosen(values, "language"),
        kinds=_chosen(values, "kind"),
    )
    asked = Asked(text, corpus, mode, versus, _top_k(values, wrong), filters)
    return asked, wrong


def link(asked: Asked) -> str:
    """Return the part of an address that reopens this search; what is default is left out."""
    filters = asked.filters
    parts = {
        "q": asked.text,
        "corpus": asked.corpus,
        "mode": "" if asked.mode == DEFAULT.mode else asked.mode,
        "versus": asked.versus or "",
        "k": "" if asked.top_k == DEFAULT.top_k else str(asked.top_k),
        "path": " ".join(filters.paths),
        "language": ",".join(filters.languages),
        "kind": ",".join(filters.kinds),
    }
    return urlencode({name: value for name, value in parts.items() if value})


def _mode(values: Mapping[str, Any], name: str, wrong: dict[str, str]) -> Mode | None:
    given = str(values.get(name) or "")
    if given in MODES:
        return cast(Mode, given)
    if given:
        wrong[name] = f"“{given[:40]}” is not a way to search; there are {', '.join(MODES)}."
    return None


def _top_k(values: Mapping[str, Any], wrong: dict[str, str]) -> int:
    given = str(values.get("k") or "").strip()
    if not given:
        return DEFAULT.top_k
    if given.isascii() and given.isdecimal() and len(given) < 10 and 1 <= int(given) <= MAX_K:
        return int(given)
    wrong["k"] = (
        f"“{given[:20]}” results cannot be shown; ask for a whole number from 1 to {MAX_K}."
    )
    return DEFAULT.top_k


def _globs(values: Mapping[str, Any], wrong: dict[str, str]) -> tuple[str, ...]:
    given = values.get("path") or ""
    words = given if isinstance(given, str) else " ".join(map(str, given))
    kept = tuple(glob for glob in dict.fromkeys(re.split(r"[\s,]+", words)) if glob)
    if len(kept) > MOST_GLOBS or any(len(glob) > LONGEST_WORD for glob in kept):
        wrong["path"] = (
            f"There are {count(len(kept), 'path')} in the filter; at most {MOST_GLOBS} of up to "
            f"{LONGEST_WORD} characters each are read."
        )
        return ()
    return kept


def _chosen(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    given = values.get(name) or ()
    listed = given.split(",") if isinstance(given, str) else given
    words = (str(word).strip() for word in list(listed)[:MOST_CHOSEN])
    return tuple(dict.fromkeys(word for word in words if _WORD.fullmatch(word)))
