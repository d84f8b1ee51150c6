"""A corpus is of the very files that its suite was made of."""

from pathlib import Path

import pytest

from core.errors import NotFound
from eval.datasets import corpora


def test_another_version_of_a_package_is_refused(tmp_path: Path):
    with pytest.raises(NotFound, match=r"is not the file of \w+ [\d.]+ that the suite codeqa"):
        corpora.texts("codeqa", root=tmp_path)
    with pytest.raises(NotFound, match="no corpus 'arith'"):
        corpora.texts("arith")
