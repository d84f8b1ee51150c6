"""The smoke recipe's data, made once for all tests of the recipe."""

from pathlib import Path

import pytest

from core.bundled.config import Config, load_config
from core.bundled.prepare import Preparation, steps


@pytest.fixture(scope="session")
def smoke() -> Config:
    return load_config("smoke")


@pytest.fixture(scope="session")
def work(smoke: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundled")
    for step in steps(Preparation(smoke, folder)).values():
        step()
    return folder
