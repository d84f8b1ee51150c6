"""What a folder says of itself, and every folder that must not be loaded."""

import json
import shutil
from pathlib import Path

import pytest

from core.errors import ModelError, ModelMissing, PlumblineError
from core.models.folder import check_pin, inspect, sha256, short_count
from tests.tiny import CONTEXT


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def change(file: Path, **values: object) -> None:
    found = json.loads(file.read_text())
    file.write_text(json.dumps({**found, **values}))


def test_reads_the_facts_without_loading(folder: Path, local) -> None:
    facts = inspect(folder)
    assert facts.parameters == sum(p.numel() for p in local._model.parameters())
    assert facts.context_length == CONTEXT and facts.model_type == "llama"
    assert facts.size_bytes == (folder / "model.safetensors").stat().st_size
    assert facts.files_hash == sha256(folder / "model.safetensors")


def test_shards_are_all_wanted(folder: Path) -> None:
    weights = folder / "model.safetensors"
    index = {"weight_map": {"a": "part-1.safetensors", "b": "part-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    weights.rename(folder / "part-1.safetensors")
    with pytest.raises(ModelMissing, match="1 of 2 weight files are missing"):
        inspect(folder)
    shutil.copy(folder / "part-1.safetensors", folder / "part-2.safetensors")
    assert inspect(folder).parameters == 2 * 131_392


def remove(name: str):
    return lambda folder: (folder / name).unlink()


def cut_off(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


def only_pickles(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def not_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 50)


def escape(folder: Path) -> None:
    index = {"weight_map": {"a": "../../etc/passwd"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


BAD = [
    (shutil.rmtree, ModelMissing, "does not exist"),
    (remove("config.json"), ModelMissing, "no config.json"),
    (remove("model.safetensors"), ModelMissing, r"holds no \.safetensors"),
    (only_pickles, ModelError, "pickle"),
    (cut_off, ModelError, "damaged or was cut off"),
    (not_weights, ModelError, "damaged or was cut off"),
    (escape, ModelMissing, "1 of 1 weight files"),
    (lambda f: (f / "config.json").write_text("{no"), ModelError, "cannot be read"),
    (lambda f: (f / "config.json").write_text("[]"), ModelError, "not a JSON object"),
    (lambda f: change(f / "config.json", auto_map={"A": "x.A"}), ModelError, "own Python code"),
    (
        lambda f: change(f / "tokenizer_config.json", auto_map={"A": "x.A"}),
        ModelError,
        "tokenizer_config.json has auto_map",
    ),
]


@pytest.mark.parametrize(("spoil", "kind", "words"), BAD)
def test_what_cannot_be_used_is_explained(
    folder: Path, spoil, kind: type[PlumblineError], words: str
) -> None:
    spoil(folder)
    with pytest.raises(kind, match=words):
        inspect(folder)


def test_a_pinned_hash_is_checked(folder: Path) -> None:
    check_pin(folder)
    weights = folder / "model.safetensors"
    (folder / "SHA256").write_text(f"{sha256(weights)}  model.safetensors\n")
    check_pin(folder)
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(ModelError, match="not the file that was published"):
        check_pin(folder)
    weights.unlink()
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        check_pin(folder)


def test_a_pin_may_be_a_bare_hash(folder: Path) -> None:
    (folder / "SHA256").write_text("0" * 64)
    with pytest.raises(ModelError):
        check_pin(folder)


@pytest.mark.parametrize(
    ("count", "wanted"),
    [(131_392, "131K"), (12_345_678, "12M"), (1_540_000_000, "1.5B"), (70_000_000_000, "70B")],
)
def test_counts_as_people_say_them(count: int, wanted: str) -> None:
    assert short_count(count) == wanted
