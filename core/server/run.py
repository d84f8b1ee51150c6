"""Listening and stopping: the socket, uvicorn's settings, and an end that lets answers finish.

It knows the network's side of a start and a stop. It does not know what is served.
"""

import asyncio
import errno
import logging
import math
import os
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from core.errors import PortTaken
from core.server.shared import Shared
from core.settings import LOOPBACK, Settings

POLL_S = 0.05
LAST_WORDS_S = 2.0
# Uvicorn limits only the pause after a request, not the wait for the first line of one.
SILENCE_S = 35.0
_NEAR = 20

_log = logging.getLogger(__name__)


def bind(settings: Settings) -> socket.socket:
    """Take HOST and PORT without listening yet, or say in words why they cannot be had."""
    host, port = settings.host, settings.port
    sock = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
    except OSError as error:
        if sock is not None:
            sock.close()
        raise _refusal(host, port, error) from error
    return sock


def url_of(settings: Settings, sock: socket.socket) -> str:
    """Return the address to open in a browser on this machine."""
    port = sock.getsockname()[1]
    host = settings.host
    if host in LOOPBACK or host in ("0.0.0.0", "::", ""):
        host = "127.0.0.1" if host != "::1" else "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: FastAPI, sock: socket.socket, when_open: Callable[[], None]) -> None:
    """Serve until the process is told to stop, then let running answers finish."""
    shared: Shared = app.state.shared
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=math.ceil(shared.services.settings.grace + LAST_WORDS_S),
        timeout_keep_alive=30,
    )
    Server(config, shared, when_open).run([sock])


def end_on_signals() -> None:
    """Make both signals end the process through its `finally` blocks, while starting too."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))


class Server(uvicorn.Server):
    """Uvicorn that says when it is open, and whose stop waits for answers but not for open tabs."""

    def __init__(
        self, config: uvicorn.Config, shared: Shared, when_open: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._shared = shared
        self._when_open = when_open
        self._silent: dict[object, tuple[object, float]] = {}

    async def on_tick(self, counter: int) -> bool:
        """Once a second, hang up on those who connected and then ask nothing."""
        if counter % 10 == 0:
            self._hang_up_on_the_silent(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    def _hang_up_on_the_silent(self, now: float) -> None:
        silent = {}
        for connection in list(self.server_state.connections):
            request = getattr(connection, "cycle", None)
            if request is not None and not request.response_complete:
                continue
            known, since = self._silent.get(connection, (request, now))
            since = since if known is request else now
            silent[connection] = (request, since)
            if now - since > SILENCE_S and connection.transport is not None:
                connection.transport.close()
        self._silent = silent

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open, then say so."""
        settings = self._shared.services.settings
        try:
            for sock in sockets or []:
                sock.listen(socket.SOMAXCONN)
        except OSError as error:
            # Bound but not yet listening, the port could still be taken by somebody else.
            raise _refusal(settings.host, settings.port, error) from error
        await super().startup(sockets)
        self._when_open()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuse new answers, wait for running ones, then close what only idles."""
        self._shared.slots.closing = True
        hang_up = asyncio.create_task(self._hang_up())
        await super().shutdown(sockets)
        hang_up.cancel()
        await self._until(lambda: not self._shared.slots.active, LAST_WORDS_S)
        if self._shared.slots.active:
            _log.warning("%d answers did not end in time.", self._shared.slots.active)

    async def _hang_up(self) -> None:
        """Close the connections once nothing runs on them; after the grace, end what runs."""
        traffic = self._shared.traffic
        await self._until(lambda: not traffic.busy, self._shared.services.settings.grace)
        self._shared.slots.end_all()
        await self._until(lambda: not traffic.busy, LAST_WORDS_S)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.close()

    async def _until(self, done: Callable[[], bool], seconds: float) -> None:
        clock = asyncio.get_running_loop()
        deadline = clock.time() + seconds
        while not (done() or self.force_exit or clock.time() > deadline):
            await asyncio.sleep(POLL_S)


def _refusal(host: str, port: int, error: OSError) -> PortTaken:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            f"Port {port} on {host} is already in use by another program.",
            f"Stop that program, or choose another port: --port {_free_near(host, port)}.",
        )
    if error.errno == errno.EACCES:
        return PortTaken(
            f"Port {port} may not be used by this user.", "Choose one above 1023: --port 7860."
        )
    return PortTaken(
        f"HOST={host} cannot be listened on: {error.strerror or error}.",
        "Use 127.0.0.1 for this machine alone, or 0.0.0.0 for all of its addresses.",
    )


def _free_near(host: str, port: int) -> int:
    for candidate in range(port + 1, min(port + _NEAR, 65_536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return candidate
    return 0
