"""A small inference server that answers sums, slowly if it is told to; and questions for it."""

import json
import re
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests import hostile
from tests.threaded import threaded


class Adder(hostile.Handler):
    """Answers `What is A + B?` with the sum; every seventh is one too many."""

    def be_sums(self, body: dict[str, Any]) -> None:
        """Answer after the pause its server keeps."""
        text = body["messages"][-1]["content"]
        first, second = map(int, re.findall(r"\d+", text)[:2])
        server = self.server
        assert isinstance(server, Sums)
        if server.crowded:
            server.crowded -= 1
            server.refused.append(time.monotonic())
            return self.json(429, {"error": "overloaded"}, {"Retry-After": str(server.wait)})
        server.answered.append(time.monotonic())
        if first in server.broken:
            return self.json(500, {"error": "CUDA error"})
        time.sleep(server.pause)
        self.head()
        self.send(hostile.delta(str(first + second + (first % 7 == 0)), "stop"))
        self.send(hostile.usage(3) + "data: [DONE]\n\n")
        return None


class Sums(hostile.Hostile):
    """The server; `broken` are first numbers it fails at, `crowded` how often it refuses.

    `wait` is the seconds it then names.
    """

    def __init__(self, pause: float = 0.0) -> None:
        super().__init__()
        self.RequestHandlerClass = Adder
        self.pause = pause
        self.broken: set[int] = set()
        self.crowded = 0
        self.wait = 0
        self.refused: list[float] = []
        self.answered: list[float] = []


def sums(pause: float = 0.0) -> AbstractContextManager[Sums]:
    """Serve sums."""
    return threaded(Sums(pause))


def questions(folder: Path, count: int = 24) -> Path:
    """Write a suite of sums: 1 + 2, 2 + 3, …"""
    file = folder / "sums.jsonl"
    rows = [
        {
            "id": f"s{n:03}",
            "question": f"What is {n} + {n + 1}?",
            "references": [str(2 * n + 1)],
            "kind": "odd" if n % 2 else "even",
        }
        for n in range(1, count + 1)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file
