"""What every test may use: the process environment and the tiny model folder."""

from pathlib import Path

import pytest

import core.process  # noqa: F401  must come before anything imports torch
from tests import tiny


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny real Llama; see tests/tiny.py."""
    return tiny.build(tmp_path_factory.mktemp("tiny") / "tiny-llama")
