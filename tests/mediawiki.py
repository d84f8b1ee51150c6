"""A little MediaWiki that misbehaves on request: the first part of the path says how.

`http://host:port/good` answers the search API in its JSON shapes; `/lagged`, `/crowded`, `/huge`
and the others do what their names say. It notes what it was asked.
"""

import json
import time
from collections import Counter
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.threaded import Server, threaded

PAGES = [
    {"pageid": 2, "ns": 0, "title": "Plumb line", "index": 2, "extract": "A string and a weight."},
    {
        "pageid": 1,
        "ns": 0,
        "title": "Plumb bob",
        "index": 1,
        "extract": "A plumb bob is a weight with a pointed tip.\nIt hangs from a string.",
        "fullurl": "https://en.wikipedia.org/wiki/Plumb_bob",
    },
    {"pageid": 3, "ns": 0, "title": "Empty", "index": 3, "extract": ""},
]


class MediaWiki(Server):
    """The server and what it has seen."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(Handler)
        self.asked: list[dict[str, str]] = []
        self.agents: list[str] = []
        self.times: list[float] = []
        self.tries: Counter[str] = Counter()

    def url(self, behaviour: str) -> str:
        """Return the address under which it behaves that way."""
        return f"http://127.0.0.1:{self.server_port}/{behaviour}/api.php"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is expected."""


class Handler(BaseHTTPRequestHandler):
    """Takes `/BEHAVIOUR/api.php?…` apart and behaves."""

    server: MediaWiki

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        behaviour = parts.path.split("/")[1]
        self.server.asked.append({k: v[0] for k, v in parse_qs(parts.query).items()})
        self.server.agents.append(self.headers["user-agent"])
        self.server.times.append(time.monotonic())
        self.server.tries[behaviour] += 1
        self.first = self.server.tries[behaviour] == 1
        getattr(self, f"be_{behaviour}")()

    def be_good(self) -> None:
        self.json({"batchcomplete": True, "query": {"pages": PAGES}})

    def be_silent(self) -> None:
        self.json({"batchcomplete": True})

    def be_lagged(self) -> None:
        """Behind its copies at first: an error with status 200, as MediaWiki tells it."""
        if not self.first:
            return self.be_good()
        said = {"error": {"code": "maxlag", "info": "Waiting for db: 6 s lagged.", "lag": 6}}
        return self.json(said, headers={"Retry-After": "0"})

    def be_crowded(self) -> None:
        return (
            self.json({}, 429, {"Retry-After": "0"})
            if self.server.tries["crowded"] < 3
            else self.be_good()
        )

    def be_closed(self) -> None:
        self.json({}, 503, {"Retry-After": "0"})

    def be_wrong(self) -> None:
        self.json({"error": {"code": "cirrussearch-too-busy-error", "info": "Search is down."}})

    def be_forbidden(self) -> None:
        self.json({}, 403)

    def be_garbage(self) -> None:
        self.raw(b"<!doctype html><html>Welcome</html>")

    def be_listed(self) -> None:
        self.raw(b"[1, 2]")

    def be_odd(self) -> None:
        self.json({"query": {"pages": [7, {"title": 3, "index": "x", "extract": "Odd."}, {}]}})

    def be_huge(self) -> None:
        self.json({"query": {"pages": [{"extract": "x" * 10_000_000}]}})

    def be_mute(self) -> None:
        self.server.over.wait(20)

    def json(self, told: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.raw(json.dumps(told).encode(), status, headers)

    def raw(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def running() -> AbstractContextManager[MediaWiki]:
    """Start it on a free port and end it afterwards."""
    return threaded(MediaWiki())
