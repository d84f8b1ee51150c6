"""What a model folder says about itself, read without torch: sizes, context, hash, dangers.

It reads JSON and safetensors headers. It loads no weights and runs nothing from the folder.
"""

import hashlib
import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ModelError, ModelMissing

HEADER_LIMIT = 100_000_000
HASHED_UP_TO = 256_000_000
JSON_FILES = ("config.json", "tokenizer_config.json", "generation_config.json")
PIN = "SHA256"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
CONTEXT_KEYS = ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length")


@dataclass(frozen=True, slots=True)
class Folder:
    """A model folder that may be loaded, with what its files say."""

    path: Path
    parameters: int
    size_bytes: int
    context_length: int | None
    model_type: str
    files_hash: str | None


def inspect(path: Path) -> Folder:
    """Read the folder's facts, or say in words why it cannot be used."""
    if not path.is_dir():
        raise ModelMissing(
            f"The model folder {path} does not exist.", "Check HUB_MODEL, or the folder's name."
        )
    configs = {name: _json(path / name) for name in JSON_FILES if (path / name).is_file()}
    if "config.json" not in configs:
        raise ModelMissing(
            f"The folder {path.name} has no config.json.", "Choose a transformers model folder."
        )
    _refuse_code(path.name, configs)
    weights = _weights(path)
    config = configs["config.json"]
    return Folder(
        path=path,
        parameters=sum(_numbers(file) for file in weights),
        size_bytes=sum(file.stat().st_size for file in weights),
        context_length=_context(config),
        model_type=str(config.get("model_type", "")),
        files_hash=_hash(weights),
    )


def check_pin(path: Path) -> None:
    """Compare the files with the hashes pinned in `SHA256` beside them, where there is one."""
    pin = path / PIN
    if not pin.is_file():
        return
    for line in pin.read_text(encoding="utf-8").splitlines():
        wanted, _, name = line.strip().partition(" ")
        file = path / (name.strip().lstrip("*") or "model.safetensors")
        if wanted and (not file.is_file() or sha256(file) != wanted.lower()):
            raise ModelError(
                f"{file.name} of the model {path.name} is not the file that was published: "
                "its SHA-256 differs from the pinned one.",
                "Restore the file from the repository, or remove the folder.",
            )


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def short_count(parameters: int) -> str:
    """Return a parameter count as people say it: 12M, 1.5B."""
    if parameters >= 1_000_000_000:
        return f"{parameters / 1e9:.1f}".removesuffix(".0") + "B"
    if parameters >= 1_000_000:
        return f"{parameters / 1e6:.0f}M"
    return f"{max(parameters / 1e3, 1):.0f}K"


def _json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{file.name} of the model cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise ModelError(f"{file.name} of the model is not a JSON object.")
    return value


def _refuse_code(name: str, configs: dict[str, dict[str, Any]]) -> None:
    for file, config in configs.items():
        if config.get("auto_map") or config.get("custom_pipelines"):
            raise ModelError(
                f"The model {name} wants to run its own Python code ({file} has auto_map).",
                "Plumbline never runs code from a model folder. Use a model whose architecture "
                "transformers includes, or serve it elsewhere and set INFERENCE_URL.",
            )


def _weights(path: Path) -> list[Path]:
    """Return the safetensors files, all of those that an index names."""
    index = path / "model.safetensors.index.json"
    if index.is_file():
        shards = _json(index).get("weight_map")
        names = sorted({str(v) for v in shards.values()}) if isinstance(shards, dict) else []
        missing = [name for name in names if not (path / Path(name).name).is_file()]
        if missing or not names:
            raise ModelMissing(
                f"The model {path.name} is incomplete: {len(missing)} of {len(names)} weight "
                "files are missing.",
                "Download it again, or set ALLOW_DOWNLOAD=1.",
            )
        return [path / Path(name).name for name in names]
    files = sorted(path.glob("*.safetensors"))
    if files:
        return files
    if any(next(path.glob(pattern), None) for pattern in PICKLES):
        raise ModelError(
            f"The model {path.name} has its weights in pickle files, which can run code.",
            "Use a copy in safetensors format.",
        )
    raise ModelMissing(
        f"The folder {path.name} holds no .safetensors file.", "Choose a folder with weights."
    )


def _numbers(file: Path) -> int:
    """Count the numbers in a safetensors file from its header, and check its length."""
    damaged = ModelError(
        f"{file.name} is damaged or was cut off.", "Download or copy the model again."
    )
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > HEADER_LIMIT:
                raise damaged
            header = json.loads(stream.read(length))
        header.pop("__metadata__", None)
        end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
        numbers = sum(math.prod(entry["shape"]) for entry in header.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise damaged from error
    if file.stat().st_size != 8 + length + end:
        raise damaged
    return numbers


def _context(config: dict[str, Any]) -> int | None:
    inner = config.get("text_config")
    for source in (config, inner if isinstance(inner, dict) else {}):
        for key in CONTEXT_KEYS:
            if isinstance(source.get(key), int) and source[key] > 0:
                return int(source[key])
    return None


def _hash(weights: list[Path]) -> str | None:
    """Return one hash over the weights; None for files too large to read at every start."""
    if sum(file.stat().st_size for file in weights) > HASHED_UP_TO:
        return None
    if len(weights) == 1:
        return sha256(weights[0])
    return hashlib.sha256("".join(sha256(file) for file in weights).encode()).hexdigest()
