"""What would fit is worked out from the shapes, and the first token without room is exact."""

import json

import pytest

from core.errors import BadInput
from core.memory.arithmetic import Shape
from core.memory.fitting import ASSETS, WEIGHTS, Known, known, what_fits
from core.models.folder import inspect

GB = 1_000_000_000
SMALL = Known("small", 1_000, Shape(1, 8, (None, None)), "this test")


def test_the_listed_models_are_there_and_the_bundled_one_is_read_from_its_files():
    by_name = {each.name: each for each in known()}
    assert {"SmolLM2-135M", "Llama-3.2-3B", "Llama-3.1-8B", "Llama-3.1-70B"} < set(by_name)
    folder = next((ASSETS / "models").glob("*/config.json")).parent
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    bundled = by_name[folder.name]
    assert bundled.shape.layers == config["num_hidden_layers"]
    assert bundled.parameters == inspect(folder).parameters
    assert all(each.source for each in known())


@pytest.mark.parametrize("context", [1, 5, 100])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize(("weights", "weight_bytes"), [("fp16", 2000), ("int4", 500)])
def test_one_byte_less_fails_at_the_last_token(context, batch, weights, weight_bytes):
    whole = weight_bytes + batch * context * 64
    assert WEIGHTS[weights] * 1_000 // 8 == weight_bytes
    fits = what_fits(SMALL, whole, context, weights=weights, batch=batch)
    assert (fits.fits, fits.fails_at, fits.kv_bytes) == (True, None, whole - weight_bytes)
    fails = what_fits(SMALL, whole - 1, context, weights=weights, batch=batch)
    assert (fails.fits, fails.fails_at) == (False, context)
    assert f"token {context}" in fails.sentence


def test_what_is_said_is_what_was_computed():
    found = what_fits("Llama-3.1-8B", 16 * GB, 100_000, weights="int4")
    assert found.weight_bytes == 8_030_261_248 // 2
    assert found.token_bytes == 131_072
    assert found.fails_at == (16 * GB - found.weight_bytes) // 131_072 + 1
    assert f"{found.fails_at:,}" in found.sentence
    assert "16 GB" in found.sentence
    assert found.origin == "modelled"
    assert "not counted" in found.formula
    alone = what_fits("Llama-3.1-70B", 16 * GB)
    assert alone.fails_at == 0
    assert "weights alone" in alone.sentence
    small = what_fits("SmolLM2-135M", 16 * GB, dtype="fp32")
    assert small.fits
    assert "fp32" in small.sentence


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model": "Llama-9"}, "Llama-9"),
        ({"memory": 0}, "0 bytes"),
        ({"context": 0}, "context"),
        ({"context": 10**12}, "1,000,000,000,000"),
        ({"batch": 0}, "batch"),
        ({"dtype": "fp7"}, "fp7"),
        ({"weights": "int3"}, "int3"),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict, said: str):
    asked = {"model": "SmolLM2-135M", "memory": GB, **changed}
    with pytest.raises(BadInput, match=said):
        what_fits(**asked)
