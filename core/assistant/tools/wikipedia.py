"""Looking things up in Wikipedia, or any other MediaWiki, for an agent.

It keeps what was found for a day. What is asked leaves this machine; the guard sees to what that
may be. The client is imported at the first question.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.assistant.tools.tool import Result
from core.documents import Evidence
from core.errors import BadInput, PlumblineError, Unreachable
from core.messages import Stop
from core.seams import Search

if TYPE_CHECKING:
    from core.assistant.tools.mediawiki import MediaWiki

FOUND = 3
LONGEST = 300
KEPT = 256
FRESH_S = 86_400.0
STANDS_IN = "Wikipedia cannot be reached from here; these passages of the indexed corpus stand in."


class Wikipedia:
    """Searches a MediaWiki; where it cannot be reached, a corpus may stand in."""

    name = "wikipedia"
    description = "Looks up general knowledge, such as people, places and terms, in Wikipedia."
    schema: Mapping[str, Any] = {
        "type": "object",
        "properties": {"query": {"type": "string", "description": "what to look up"}},
        "required": ["query"],
    }

    def __init__(self, url: str, stand_in: Search | None = None, rate: str = "1/second") -> None:
        self._url = url
        self._stand_in = stand_in
        self._rate = rate
        self._kept: OrderedDict[str, tuple[float, tuple[Evidence, ...]]] = OrderedDict()
        self._guard = threading.Lock()

    def execute(self, given: Mapping[str, Any], stop: Stop) -> Result:
        """Return the openings of the best articles."""
        query = " ".join(str(given.get("query", "")).split())
        if not query:
            raise BadInput("The query was empty.", "Say what to look up.")
        if len(query) > LONGEST:
            raise BadInput(f"The query has {len(query):,} characters; at most {LONGEST} are sent.")
        known = self._remembered(query)
        if known is None:
            try:
                known = self._client.search(query, stop)
            except Unreachable as error:
                return self._without(query, error)
            self._remember(query, known)
        if not known:
            return Result("nothing found.")
        return Result(f"{len(known)} article{'' if len(known) == 1 else 's'}.", evidence=known)

    def _without(self, query: str, error: PlumblineError) -> Result:
        found = self._stand_in(query, FOUND) if self._stand_in else []
        if not found:
            return Result(f"Error: {error.message} {error.hint}", ok=False)
        return Result(STANDS_IN, evidence=tuple(found))

    @cached_property
    def _client(self) -> "MediaWiki":
        from core.assistant.tools.mediawiki import MediaWiki

        return MediaWiki(self._url, self._rate)

    def _remembered(self, query: str) -> tuple[Evidence, ...] | None:
        with self._guard:
            since, found = self._kept.get(query.casefold(), (0.0, ()))
        return found if since and time.monotonic() - since < FRESH_S else None

    def _remember(self, query: str, found: tuple[Evidence, ...]) -> None:
        with self._guard:
            self._kept[query.casefold()] = time.monotonic(), found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
