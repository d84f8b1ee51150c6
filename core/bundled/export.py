"""From a checkpoint to a folder that usual engines load, and back into a working folder. It
knows files and their formats; it deliberately does not decide whether a model is good enough
to ship."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import torch

from core.bundled.card import card, draw_curve
from core.bundled.config import Config
from core.bundled.model import build
from core.bundled.tokenizer import load_tokenizer, save_tokenizer
from core.errors import BadInput, TooLarge
from core.models.catalog import BUNDLED
from core.models.folder import PIN, sha256

LARGEST = 64 * 2**20
WEIGHTS = "model.safetensors"
CURVE = "curve.csv"
COLUMNS = ("stretch", "total", "used", "loss", "rate", "seconds")


def write_model(config: Config, checkpoint: Path, tokenizer: Path, folder: Path) -> None:
    """Write weights in bf16, the configuration and the tokenizer with its chat template."""
    model: Any = build(config.model, config.seed)
    state = torch.load(checkpoint, map_location="cpu", weights_only=False)
    model.load_state_dict(state["model"])
    model.generation_config.do_sample = False
    model.to(torch.bfloat16).save_pretrained(str(folder))
    save_tokenizer(load_tokenizer(tokenizer), folder, config.model.context)


def write_card(config: Config, work: Path, folder: Path) -> None:
    """Write the card, the evaluation it is made from, and the curve as a table and a figure."""
    measured = json.loads((folder / "evaluation.json").read_text())
    curve = [json.loads(line) for line in (work / "curve.jsonl").read_text().splitlines()]
    with (folder / CURVE).open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(curve)
    draw_curve(curve, folder / "curve.png")
    (folder / "README.md").write_text(card(config, measured, curve))


def ship(folder: Path, name: str, models: Path = BUNDLED) -> Path:
    """Copy a finished folder among the bundled models and pin the hash of its weights."""
    weights = folder / WEIGHTS
    if weights.stat().st_size > LARGEST:
        raise TooLarge(
            f"{weights.name} has {weights.stat().st_size:,} bytes.",
            f"At most {LARGEST:,} are shipped.",
        )
    target = models / name
    shutil.copytree(folder, target, dirs_exist_ok=True, copy_function=_put)
    (target / PIN).write_text(f"{sha256(target / WEIGHTS)}  {WEIGHTS}\n")
    return target


def _put(source: str, target: str) -> str:
    """Put a file in the place of another at once: processes may have mapped the old one."""
    part = shutil.copy2(source, f"{target}.part")
    return str(Path(part).replace(target))


def adopt(folder: Path, work: Path) -> None:
    """Begin a working folder with a model's tokenizer and curve, so that training goes on."""
    if (work / "curve.jsonl").exists():
        raise BadInput(f"{work} holds a training already.", "Name a new folder.")
    save_tokenizer(load_tokenizer(folder), work / "tokenizer", _context(folder))
    with (folder / CURVE).open(newline="") as file, (work / "curve.jsonl").open("w") as curve:
        for row in csv.DictReader(file):
            line = {name: json.loads(value) for name, value in row.items() if name != "stretch"}
            curve.write(json.dumps({"stretch": row["stretch"], **line}) + "\n")


def _context(folder: Path) -> int:
    """Return how many tokens a model reads."""
    return int(json.loads((folder / "config.json").read_text())["max_position_embeddings"])
