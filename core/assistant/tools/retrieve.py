"""Searching for an agent: passages of a corpus for a query.

It knows how many may be asked for. It does not know how they are ranked, which numbers they get
in the answer, or how they are shown to the model.
"""

from collections.abc import Mapping
from typing import Any

from core.assistant.anchors import distance
from core.assistant.tools.tool import Result
from core.errors import BadInput
from core.messages import Stop
from core.seams import Search

FEW = 3
MOST = 8
LOOKED_AT = 8
LONGEST = 400
NOTHING = "nothing found."


class Retrieve:
    """Finds passages; an answer cites them by the number each is shown with."""

    name = "retrieve"
    description = "Searches the code and its documentation and shows the best passages."
    schema: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "names and words to look for"},
            "k": {"type": "integer", "minimum": 1, "maximum": MOST},
        },
        "required": ["query"],
    }

    def __init__(self, search: Search, few: int = FEW) -> None:
        self._search = search
        self._few = few

    def execute(self, given: Mapping[str, Any], stop: Stop) -> Result:
        """Return what is found; nothing found is a result too."""
        query = str(given.get("query", "")).strip()
        if not query:
            raise BadInput("The query was empty.", "Give names or words to look for.")
        if len(query) > LONGEST:
            raise BadInput(
                f"The query has {len(query):,} characters; at most {LONGEST} are searched.",
                "Give a few names or words.",
            )
        k = _whole(given.get("k"), self._few)
        # What is named counts most, wherever the search ranked it.
        found = self._search(query, max(k, LOOKED_AT))
        found = sorted(found, key=lambda each: distance(each, query))[:k]
        if not found:
            return Result(NOTHING)
        return Result(
            f"{len(found)} passage{'' if len(found) == 1 else 's'}.", evidence=tuple(found)
        )


def _whole(value: object, otherwise: int) -> int:
    """Return how many to find, within what is allowed."""
    try:
        return max(1, min(MOST, int(str(value))))
    except ValueError:
        return otherwise
