"""Weights that are not the shipped ones are never loaded as such."""

from pathlib import Path

import pytest

from core.bundled.pins import MODELS, Pin, check, digest, shipped
from core.errors import Corrupt, ModelMissing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    return tmp_path


def test_matching_weights_are_accepted(folder: Path) -> None:
    pin = Pin("demo", digest(folder / "model.safetensors"))
    assert check(pin, folder) == folder


def test_a_changed_byte_is_refused(folder: Path) -> None:
    pin = Pin("demo", digest(folder / "model.safetensors"))
    (folder / "model.safetensors").write_bytes(b"Weights")
    with pytest.raises(Corrupt, match="demo"):
        check(pin, folder)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="demo"):
        check(Pin("demo", "0" * 64), tmp_path)


def test_without_a_pin_nothing_is_shipped(tmp_path: Path) -> None:
    assert shipped(tmp_path / "pins.yaml") is None


def test_what_is_shipped_is_whole_and_small() -> None:
    pin = shipped()
    weights = sorted(MODELS.glob("*/*.safetensors"))
    assert [path.parent.name for path in weights] == ([pin.name] if pin else [])
    if pin:
        folder = check(pin)
        assert (folder / "model.safetensors").stat().st_size <= 64 * 2**20
        for name in ("README.md", "tokenizer.json", "evaluation.json", "curve.csv", "curve.png"):
            assert (folder / name).exists()
        assert "max_new_tokens" not in (folder / "generation_config.json").read_text()
