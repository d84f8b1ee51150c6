"""One live server for all tests of the server that need no settings of their own."""

from collections.abc import Iterator

import httpx
import pytest

from core.server import logs
from tests import parts


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[parts.Live]:
    """Return a server with the echo behind it."""
    logs.configure("warning")
    with parts.live(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture
def client(live: parts.Live) -> Iterator[httpx.Client]:
    """Return a new visitor of the live server."""
    with live.client() as visitor:
        yield visitor
