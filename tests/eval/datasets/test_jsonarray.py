"""An array is read element by element, across the borders of what is read at once."""

import io
import json

import pytest

from core.errors import BadInput
from eval.datasets import jsonarray
from eval.datasets.jsonarray import elements


def read(text: str, limit: int = 10_000) -> list[object]:
    return list(elements(io.StringIO(text), "f.json", limit))


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1000])
def test_any_border_gives_the_same(monkeypatch: pytest.MonkeyPatch, chunk: int):
    monkeypatch.setattr(jsonarray, "CHUNK", chunk)
    wanted = [{"a": 'é\n"]', "b": [1, {"c": None}]}, 12, 3.5, [], "x,", True]
    for text in (json.dumps(wanted), json.dumps(wanted, indent=2), f" {json.dumps(wanted)} "):
        assert read(text) == wanted
    assert read('{"a": 12, "b": {"c": [0]}, "d": ' + json.dumps(wanted) + "}") == wanted


@pytest.mark.parametrize(
    "text", ["", "7", "[1, 2", "[1 2]", '[{"a": }]', "[" * 3000, '{"a": 1', "[,]"]
)
def test_what_is_no_array_is_refused(text: str):
    with pytest.raises(BadInput, match=r"f\.json"):
        read(text)


def test_an_object_without_an_array():
    with pytest.raises(BadInput, match="holds no array of rows"):
        read('{"a": 1, "b": {"c": 2}}')


def test_a_value_beyond_the_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jsonarray, "CHUNK", 100)
    assert len(read(json.dumps(["x" * 500]))) == 1
    with pytest.raises(BadInput, match="more than 1,000 characters"):
        read(json.dumps(["x" * 5_000]), limit=1_000)
