"""From a checkpoint to a folder that usual engines load. It knows files and their formats; it
deliberately does not decide whether a model is good enough to ship."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import torch
import yaml

from core.bundled import pins
from core.bundled.card import card, draw_curve
from core.bundled.config import Config
from core.bundled.model import build
from core.bundled.tokenizer import load_tokenizer, save_tokenizer
from core.errors import TooLarge

LARGEST = 64 * 2**20


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
    with (folder / "curve.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("stretch", "tokens", "loss", "rate", "seconds"))
        for line in curve:
            writer.writerow([line[k] for k in ("stretch", "total", "loss", "rate", "seconds")])
    draw_curve(curve, folder / "curve.png")
    (folder / "README.md").write_text(card(config, measured, curve))


def ship(folder: Path, name: str) -> None:
    """Copy a finished folder into assets/models and pin the hash of its weights."""
    weights = folder / pins.WEIGHTS
    if weights.stat().st_size > LARGEST:
        raise TooLarge(
            f"{weights.name} has {weights.stat().st_size:,} bytes.",
            f"At most {LARGEST:,} are shipped.",
        )
    target = pins.MODELS / name
    shutil.copytree(folder, target, dirs_exist_ok=True)
    pin = {"name": name, "sha256": pins.digest(target / pins.WEIGHTS)}
    note = "# The shipped model and the SHA-256 of its weights, checked at load.\n"
    pins.PINS.write_text(note + yaml.safe_dump(pin, sort_keys=False))
