"""The planted circuit copies, and knows its chunk, before anything was learned."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.bundled.config import load_config
from core.bundled.induction import NUMBERS, Layout, plant
from core.bundled.model import build, targets, weighted_loss
from core.bundled.shards import Mixture, write_shard
from core.bundled.warmup import copy_rows

MARKERS, OPENERS = [11, 12, 13, 14], [3, 4, 1]


def test_a_planted_network_copies_and_a_fresh_one_does_not(tmp_path: Path) -> None:
    config = load_config("cpu")
    stream = np.random.default_rng(0).integers(20, 8000, 20_000).tolist()
    write_shard(tmp_path, "copy", copy_rows(stream, 8, 112, seed=1))
    rows = Mixture(tmp_path, {"copy": 1.0}, "", 128, 0).rows(4)
    chosen = targets(rows, config.train, np.random.default_rng(0))
    model = build(config.model, 0)
    answers = torch.from_numpy(chosen[2] == 1.0)
    with torch.inference_mode():
        fresh = weighted_loss(model, rows, chosen, "cpu")[1][answers].mean()
        plant(model, config.model, 0, MARKERS, OPENERS, [])
        planted = weighted_loss(model, rows, chosen, "cpu")[1][answers].mean()
    assert fresh > 8
    assert planted < 4


def _planted(common: list[int]) -> tuple[Any, Layout]:
    config = load_config("cpu")
    model = build(config.model, 0).eval()
    plant(model, config.model, 0, MARKERS, OPENERS, common)
    return model, Layout(config.model.kv_heads, config.model.hidden)


def _after(model: Any, layer: int, tokens: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        return model.model(torch.tensor([tokens]), output_hidden_states=True).hidden_states[layer][
            0
        ]


def test_every_token_knows_the_chunk_it_stands_in() -> None:
    model, layout = _planted([])
    words = np.random.default_rng(1).integers(20, 8000, (3, 60)).tolist()
    tokens = [3, 11, *words[0], 12, *words[1], 13, *words[2]]
    noted = _after(model, 1, tokens)[:, layout.chunk : layout.chunk + NUMBERS].argmax(-1).tolist()
    expected = [0] * 60 + [1] * 60 + [2] * 60
    assert [noted[i] for i, t in enumerate(tokens) if t not in MARKERS + OPENERS] == expected


def test_a_name_that_is_asked_for_points_at_its_chunk() -> None:
    model, layout = _planted([])
    words = np.random.default_rng(2).permutation(np.arange(20, 8000))[:240].reshape(3, 80).tolist()
    for chunk in range(3):
        name = words[chunk][10:14]
        tokens = [3, 11, *words[0], 12, *words[1], 13, *words[2], 4, *name]
        meant = _after(model, 3, tokens)[-1, layout.meant : layout.meant + NUMBERS]
        assert int(meant.argmax()) == chunk


def test_common_words_point_nowhere() -> None:
    word = 500
    tokens = [3, 11, word, 21, 22, 12, word, 23, 24, 4, word]
    loud, layout = _planted([])
    quiet, _ = _planted([word])
    found = [
        _after(model, 2, tokens)[-1, layout.found : layout.found + NUMBERS].abs().sum()
        for model in (loud, quiet)
    ]
    assert found[1] < 0.2 * found[0]
