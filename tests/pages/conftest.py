"""The parts of the app without its server, for the tests of pages that read a real store."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import app
from core.services import Services
from core.settings import Settings
from eval.datasets.service import Datasets
from pages._evals_desk import Desk
from tests.pages.runs import OWNER


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Return every part of an app whose only model is the quotes."""
    settings = Settings(_env_file=None, data_dir=tmp_path, model="quote")
    with ExitStack() as ending:
        yield app.wire(settings, ending)


@pytest.fixture
def desk(services: Services) -> Desk:
    """Return what a view of Evals is handed for one visitor."""
    suites = Datasets(services.settings, services.store)
    return Desk(services, services.evals, suites, OWNER, "light")
