"""An open store in a folder of its own."""

import pytest

from core.store.connection import Store


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path)
    yield opened
    opened.close()
