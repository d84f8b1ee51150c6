"""The lines a lane writes to whoever started it: one JSON object for each thing that happens.

It knows how they are written and read, and how an error is named in them.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

Told = dict[str, Any]
MOST_WORDS = 2_000


def tell(event: str, **data: object) -> None:
    """Write one line; whoever reads has it at once."""
    sys.stdout.write(json.dumps({"event": event, **data}) + "\n")
    sys.stdout.flush()


def lines(text: Iterable[str]) -> Iterator[Told]:
    """Yield what a lane told, passing over what is none of its lines."""
    for line in text:
        with suppress(ValueError):
            told = json.loads(line)
            if isinstance(told, dict) and "event" in told:
                yield told


def named(error: Exception) -> Told:
    """Return an error's type and its own words."""
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return {"type": f"{module}{kind.__name__}", "message": str(error)[:MOST_WORDS]}
