"""Rows pass by file, folder, pattern, language and kind."""

import pytest

from core.retrieval.filters import mask
from core.retrieval.found import Filters

ROWS = {
    "id": list("abcd"),
    "path": ["src/net/pool.py", "src/net.py", "docs/net.md", "src/net/deep/x.go"],
    "language": ["python", "python", "markdown", "go"],
    "kind": ["class", "function", "section", "function"],
}


def passing(filters: Filters) -> str:
    allowed = mask(filters, ROWS)
    assert allowed is not None
    return "".join(name for name, ok in zip(ROWS["id"], allowed, strict=True) if ok)


def test_no_filter_asks_for_no_mask():
    assert mask(Filters(), ROWS) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/net", "ad"), ("src/net/", "ad"), ("./src", "abd"), ("src/net.py", "b"),
        ("*.py", "ab"), ("src/*/x.go", "d"), ("net", ""), ("docs/net.m?", "c"),
        ("src/net.p[xy]", "b"),
    ],
)  # fmt: skip
def test_a_path_is_a_file_a_folder_or_a_pattern(path: str, expected: str):
    assert passing(Filters(paths=(path,))) == expected


def test_several_values_widen_and_several_filters_narrow():
    assert passing(Filters(paths=("docs", "src/net.py"))) == "bc"
    assert passing(Filters(paths=("src",), kinds=("function",), languages=("go", "c"))) == "d"
    assert passing(Filters(languages=("cobol",))) == ""
