"""Records as the store hands them out, made for the tests of the pages."""

from datetime import UTC, datetime
from typing import Any

from core.documents import Chunk
from core.messages import Role
from core.records import Chat, ChatMessage, Corpus, CorpusState
from core.retrieval.found import Filters, Hit, Mode, Place, Query, Results

WHEN = datetime(2026, 11, 21, 3, 4, tzinfo=UTC)


def chat(id: str = "c1", title: str = "A chat") -> Chat:
    return Chat(id, "owner", title, WHEN, WHEN)


def message(
    position: int, role: Role, content: str, details: dict[str, Any] | None = None
) -> ChatMessage:
    return ChatMessage(f"m{position}", "c1", position, role, content, WHEN, details or {})


def hit(id: str = "a", *places: tuple[str, int, float], **changed: Any) -> Hit:
    """Return a found chunk; a stage, a rank and a score for each place."""
    fields = {
        "path": "lib/core/hooks.py",
        "start": 12,
        "end": 14,
        "text": "def add_hook(self, name):\n    hooks.append(name)\n    return name\n",
        "kind": "method",
        "symbol": "Hooks.add_hook",
        "names": ("self", "name"),
        "language": "python",
    }
    chunk = Chunk(**{**fields, **changed}, id=id)
    stages = places or (("lexical", 3, 12.5), ("dense", 11, 0.412))
    return Hit(chunk, 1.0, tuple(Place(*place) for place in stages), ("hooks", "add_hook"))


def results(*hits: Hit, used: Mode = "hybrid", asked: Mode | None = None, **more: Any) -> Results:
    query = Query("add a hook", "lib", asked or used, 5, Filters())
    timed = {"lexical": 0.002, "dense": 0.008, "total": 0.011}
    return Results(query, used, hits, **{"seconds": timed, **more})


REPORT = {
    "files": {"seen": 12, "indexed": 9, "skipped": 2, "failed": 1},
    "skipped": {"binary": 1, "ignored by .gitignore": 1},
    "failed": [{"path": "lib/<odd>.py", "why": "it is not UTF-8"}],
    "chunks": 1234,
    "tokens": 56_789,
    "bytes": 250_000,
    "languages": {"markdown": 34, "python": 1200},
    "kinds": {"function": 800, "class": 400, "section": 34},
    "seconds": {"read": 0.5, "embed": 61.0, "total": 62.0},
    "revision": "0123456789abcdef0123456789abcdef01234567",
    "embedder": "all-MiniLM-L6-v2",
    "freshness": {"checked": "2026-11-21T03:04:00+00:00", "stale": True, "said": "2 files changed"},
    "canaries": [
        {"stage": "words", "query": "add hook", "passed": True, "said": "It came first."},
        {"stage": "words", "query": "<lost>", "passed": False, "said": "it did not come"},
    ],
    "examples": ["add hook", "remove hook"],
    "finished": "2026-11-21T03:04:00+00:00",
}


def corpus(name: str = "lib", state: CorpusState = "ready", generation: int = 1, **more: Any):
    source = more.pop("source", {"kind": "folder", "place": "/home/me/lib"})
    report = more.pop("report", REPORT if generation else {})
    title = more.pop("title", name.capitalize())
    return Corpus(
        name, title, source, {"cutting": "code"}, state, generation, WHEN, WHEN,
        report, **more,
    )  # fmt: skip
