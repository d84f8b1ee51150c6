"""One question from a command line, answered whole: the same document alone and by the app.

It knows the document. It does not know who owns the records, nor how it is printed.
"""

import time
from collections.abc import Mapping
from typing import Any

from core.assistant.draft import Draft
from core.assistant.options import Options
from core.assistant.sessions import Sessions
from core.assistant.way import Way
from core.errors import BadInput
from core.messages import Message, Stop

FIELDS = ("method", "corpus", "retrieval", "top_k", "examples", "shape")


def asked(sessions: Sessions, body: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a question and return the answer with all that stands under it."""
    question = body.get("question")
    unknown = sorted(set(body) - {"question", *FIELDS})
    if not isinstance(question, str) or unknown:
        raise BadInput(f"The question or {', '.join(unknown) or 'its text'} is wrong.")
    way = way_of(body)
    stop, began = Stop(), time.perf_counter()
    draft = Draft(stop)
    card = sessions.answerer(way).card()
    for item in sessions.complete([Message("user", question)], Options(way=way), stop):
        draft.take(item)
    told = {"text": draft.text, **draft.details(card, way)}
    return told | {"seconds": time.perf_counter() - began}


def way_of(body: Mapping[str, Any]) -> Way:
    """Return the way of answering that a body asks for; what is left out is as usual."""
    way = Way(**{name: body[name] for name in FIELDS if body.get(name) is not None})
    way.check()
    return way
