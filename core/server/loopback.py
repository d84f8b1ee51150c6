"""A small server for a command line's own worker: it answers on this machine, with the token alone.

It knows how to open a port and close it. What is asked and answered comes with the routes.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from core.errors import PortTaken
from core.server import run
from core.server.boundary import Boundary, Traffic
from core.server.doors import Doors
from core.server.limits import Slots
from core.server.metrics import Metrics
from core.settings import Settings, handed, load

START_S = 10.0
POLL_S = 0.01


@contextmanager
def serving(settings: Settings, routers: Sequence[APIRouter], token: str) -> Iterator[str]:
    """Serve these routes on a free port of this machine until the block ends; yield the address."""
    here = load({**handed(settings), "host": "127.0.0.1", "port": "0"}, env_file=None)
    app = FastAPI(
        openapi_url=None,
        middleware=[
            Middleware(Boundary, metrics=Metrics(Slots(1, 1)), traffic=Traffic(), framed=False),
            Middleware(Doors, settings=here, secret=token, token=token),
        ],
    )
    for router in routers:
        app.include_router(router)
    sock = run.bind(here)
    sock.listen()
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([sock],), name="loopback", daemon=True)
    thread.start()
    try:
        _wait(server, thread)
        yield run.url_of(here, sock)
    finally:
        server.should_exit = True
        thread.join(START_S)
        sock.close()


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise PortTaken("No port of this machine could be opened for the worker.")
        time.sleep(POLL_S)
