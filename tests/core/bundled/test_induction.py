"""The planted circuit copies before anything was learned."""

from pathlib import Path

import numpy as np
import torch

from core.bundled.config import load_config
from core.bundled.induction import plant
from core.bundled.model import build, targets, weighted_loss
from core.bundled.shards import Mixture, write_shard
from core.bundled.warmup import copy_rows


def test_a_planted_network_copies_and_a_fresh_one_does_not(tmp_path: Path) -> None:
    config = load_config("cpu")
    stream = np.random.default_rng(0).integers(10, 8000, 20_000).tolist()
    write_shard(tmp_path, "copy", copy_rows(stream, 8, 112, seed=1))
    rows = Mixture(tmp_path, {"copy": 1.0}, "", 128, 0).rows(4)
    chosen = targets(rows, config.train, np.random.default_rng(0))
    model = build(config.model, 0)
    answers = torch.from_numpy(chosen[2] == 1.0)
    with torch.inference_mode():
        fresh = weighted_loss(model, rows, chosen, "cpu")[1][answers].mean()
        plant(model, config.model, 0)
        planted = weighted_loss(model, rows, chosen, "cpu")[1][answers].mean()
    assert fresh > 8
    assert planted < 3
