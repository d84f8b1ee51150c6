"""Vector indexes of their own for every test, of one backend or of each that keeps files."""

import pytest

from tests.core.retrieval.keeping import Bench


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.keeper.close()
    made.store.close()


@pytest.fixture(params=["faiss", "chroma", "qdrant"])
def each(request, tmp_path):
    made = Bench(tmp_path, request.param)
    yield made
    made.keeper.close()
    made.store.close()
