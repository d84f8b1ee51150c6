"""How the tests of models ask: settings that read no environment, whole answers, ports."""

import socket
import time
from collections.abc import Callable
from typing import Any

from core.messages import Delta, Message, Params, Stop, Usage
from core.seams import Generator
from core.settings import Settings


def settings(**values: Any) -> Settings:
    """Return settings from these values alone, in fp32 on the CPU unless told otherwise."""
    return Settings(_env_file=None, **{"dtype": "fp32", "device": "cpu", **values})  # pyright: ignore


def ask(
    generator: Generator, text: str | list[Message], ending: Stop | None = None, **params: Any
) -> tuple[str, Usage]:
    """Return the whole answer and its usage; checks that exactly one usage ends it."""
    messages = [Message("user", text)] if isinstance(text, str) else text
    parts = list(generator.stream(messages, Params(**params), ending or Stop()))
    assert all(isinstance(part, Delta) and part.text for part in parts[:-1])
    assert isinstance(parts[-1], Usage)
    return "".join(part.text for part in parts[:-1] if isinstance(part, Delta)), parts[-1]


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is so; fail when it never is."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)
