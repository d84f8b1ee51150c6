"""Real parts for tests: a generator that echoes, a catalog that always has it, a live server.

Everything else is the product's own: store, sessions, jobs, health, uvicorn on a real socket.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from core.errors import ContextOverflow, Overloaded
from core.messages import Completion, Delta, Message, ModelCard, Params, Stop, Usage
from core.models.catalog import Catalog
from core.server import run
from core.server.factory import build
from core.server.shared import Shared
from core.services import Services
from core.settings import Settings, load
from eval import routes as evals
from eval.datasets import routes as datasets
from eval.service import measure
from eval.stress import routes as stress
from ingest import routes
from ingest.service import bring, default_name

TOKEN = "token-of-the-lock-file"
SECRET_TEXT = "/home/somebody/secret/weights.bin"


class Echo:
    """Repeats the last message word by word.

    `count N` counts to N, 20 ms a word; `crash`, `crash later`, `overloaded`, `overloaded later`
    and `overflow` fail as they say; `surrogate` says what is no text.
    """

    def __init__(self) -> None:
        self.running = 0
        self.calls: list[tuple[list[Message], Params]] = []

    def card(self) -> ModelCard:
        """Say what it is."""
        return ModelCard("echo", "local", "an echo", context_length=1000)

    def close(self) -> None:
        """Hold nothing."""

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        """Yield the words, then the usage."""
        self.calls.append((list(messages), params))
        self.running += 1
        try:
            yield from self._words(messages[-1].content, messages, params, stop)
        finally:
            self.running -= 1

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        """Answer one by one."""
        done = []
        for prompt in prompts:
            *deltas, usage = self.stream(prompt, params, threading.Event())
            assert isinstance(usage, Usage)
            done.append(Completion("".join(d.text for d in deltas if isinstance(d, Delta)), usage))
        return done

    def _words(
        self, text: str, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        began = time.perf_counter()
        words, pause = text.split(), 0.0
        if words[:1] == ["count"]:
            words, pause = [str(n) for n in range(int(words[1]))], 0.02
        _fail(text, later=False)
        written, first, finish = 0, None, "stop"
        for word in words:
            if stop.is_set():
                finish = "stopped"
                break
            if written == params.max_tokens:
                finish = "length"
                break
            yield Delta("\ud800" if word == "surrogate" else f"{word} ")
            first = first or time.perf_counter() - began
            written += 1
            time.sleep(pause)
            _fail(text, later=True)
        read = sum(len(message.content.split()) for message in messages)
        yield Usage(read, written, finish, time.perf_counter() - began, first, tokens_reused=0)


def _fail(text: str, later: bool) -> None:
    when = " later" if later else ""
    if text == f"crash{when}":
        raise ValueError(f"no such file: {SECRET_TEXT}")
    if text == f"overloaded{when}":
        raise Overloaded("The model has too much to do.", "Wait.", retry_after=7)
    if text == f"overflow{when}":
        raise ContextOverflow("The prompt has 2,000 tokens; 1,000 fit.", "Send less.")


class Ready(Catalog):
    """The catalog with one thing to choose: the echo."""

    echo = Echo()

    def _choose(self) -> None:
        self.echo = Echo()
        self._take(self.echo, "echo", "echo", "this is a test")


@dataclass
class Live:
    """A server that runs, with what is behind it."""

    url: str
    services: Services
    shared: Shared
    server: run.Server

    @property
    def echo(self) -> Echo:
        """Return the generator."""
        assert isinstance(self.services.catalog, Ready)
        return self.services.catalog.echo

    def client(self, **arguments: Any) -> httpx.Client:
        """Return a new visitor, who keeps cookies."""
        return httpx.Client(base_url=self.url, timeout=20, trust_env=False, **arguments)


def settings(folder: Path, **given: Any) -> Settings:
    """Return settings with a free port and their own folder."""
    flags = {"data_dir": folder, "port": "0", "rate_limit": "100000/minute", **given}
    return load({name: str(value) for name, value in flags.items()}, env_file=None)


@contextmanager
def services(chosen: Settings, warm: bool = True, catalog: type[Catalog] = Ready) -> Iterator[Any]:
    """Open every real part on the settings' folder, and close it afterwards."""
    with ExitStack() as ending:
        opened = Services.open(chosen, ending, bring, default_name, measure, catalog)
        if warm:
            opened.catalog.warm()
        yield opened


@contextmanager
def live(
    folder: Path, warm: bool = True, catalog: type[Catalog] = Ready, **given: Any
) -> Iterator[Live]:
    """Serve on a real socket from a thread; stop like the product does."""
    chosen = settings(folder, **given)
    with services(chosen, warm, catalog) as parts:
        routers = [routes.router, datasets.router, evals.router, stress.router]
        app = build(parts, routers, token=TOKEN, uploads=datasets.UPLOADS)
        sock = run.bind(chosen)
        shared: Shared = app.state.shared
        config = uvicorn.Config(
            app,
            log_config=None,
            proxy_headers=False,
            timeout_graceful_shutdown=int(chosen.grace) + 3,
        )
        opened = threading.Event()
        server = run.Server(config, shared, opened.set)
        thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
        thread.start()
        assert opened.wait(20)
        try:
            yield Live(run.url_of(chosen, sock), parts, shared, server)
        finally:
            server.should_exit = True
            thread.join(30)
            sock.close()


def let_in(running: Live, token: str) -> None:
    """Let the command line in with the token of a lock file."""
    layer = running.server.config.loaded_app
    while not hasattr(layer, "_token"):
        layer = (
            getattr(layer, "_app", None) or getattr(layer, "app", None) or layer.middleware_stack
        )
    layer._token = token


def nothing() -> None:
    """Do nothing; a job that is never started in these tests."""


def until(true: Callable[[], bool], seconds: float = 10) -> bool:
    """Wait until something is so; False when it never was."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def talk(url: str, request: bytes) -> socket.socket:
    """Send raw bytes to the server and return the open socket."""
    parts = httpx.URL(url)
    sock = socket.create_connection((parts.host, parts.port or 80), 10)
    sock.sendall(request)
    return sock
