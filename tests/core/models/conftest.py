"""What the tests of models share: a local model, a hostile server, a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.seams import Generator
from tests import hostile
from tests.core.models.asking import settings
from tests.core.models.serving import serving


@pytest.fixture(scope="session")
def local(tiny_model: Path) -> Generator:
    """Return the tiny model loaded in this process."""
    from core.models.local import Local

    return Local(tiny_model, settings())


@pytest.fixture
def server() -> Iterator[hostile.Hostile]:
    """Return the server that misbehaves on request."""
    with hostile.running() as found:
        yield found


@pytest.fixture(scope="session")
def serve(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a real `transformers serve` on the tiny model."""
    with serving(tiny_model, tmp_path_factory.mktemp("serve")) as url:
        yield url
