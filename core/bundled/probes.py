"""A quick look at what has been learned, for steering. It knows how to tell whether greedy
decoding would give exactly the expected answer; it deliberately publishes nothing.

One pass over the expected answers is enough: greedy decoding gives an answer word for word
exactly when each of its tokens is the likeliest after the ones before it.

    python -m core.bundled probe --work FOLDER --checkpoint FILE
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from core.bundled.config import Config
from core.bundled.corpus import units_of
from core.bundled.grounded import LEVELS, Composer, Grounded, to_examples
from core.bundled.model import build, visible
from core.bundled.shards import ANSWER, Example, Rows, positions
from core.bundled.splits import load_splits
from core.bundled.tokenizer import encode_all, load_tokenizer

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM


def probe(config: Config, work: Path, checkpoint: Path, level: str, count: int) -> dict[str, str]:
    """Return, by kind, the share of exact answers on the dev packages and how many were asked."""
    torch.set_num_threads(1)
    model = build(config.model, config.seed).eval()
    state = torch.load(checkpoint, map_location="cpu", weights_only=False)
    model.load_state_dict(state["model"])
    found = exact(model, compose(load_splits().dev, level, count, config.seed), work / "tokenizer")
    found["all"] = [hit for hits in found.values() for hit in hits]
    return {
        "tokens": f"{state['total']:,}",
        **{kind: f"{sum(hits) / len(hits):.2f} of {len(hits)}" for kind, hits in found.items()},
    }


def compose(packages: Sequence[str], level: str, count: int, seed: int) -> list[Grounded]:
    """Make held-out evidence with held-out phrasings from packages."""
    composers = [Composer(list(units_of(p)), seed, held_out=True) for p in packages]
    rng = random.Random(seed)
    made: list[Grounded] = []
    while len(made) < count:
        item = rng.choice(composers).one(LEVELS[level])
        if item:
            made.append(item)
    return made


def single(example: Example) -> Rows:
    """Return one example as a batch of one row."""
    branch = np.asarray(example.branches, dtype=np.int16)
    return Rows(
        tokens=np.asarray([example.tokens], dtype=np.int64),
        weights=np.asarray([example.weights], dtype=np.uint8),
        branch=branch[None],
        document=np.ones((1, len(branch)), dtype=np.int32),
        position=positions(branch)[None],
    )


def exact(model: "LlamaForCausalLM", items: list[Grounded], folder: Path) -> dict[str, list[bool]]:
    """Return, for every question by kind, whether greedy decoding answers it word for word."""
    texts = [text for item in items for text in item.texts]
    examples = to_examples(items, encode_all(load_tokenizer(folder), texts))
    found: dict[str, list[bool]] = defaultdict(list)
    for item, example in zip(items, examples, strict=True):
        right = _hits(model, single(example))
        spans = _answers(example)
        kinds = [turn.kind for branch in item.branches for turn in branch]
        for kind, (start, end) in zip(kinds, spans, strict=True):
            found[kind].append(bool(right[start - 1 : end - 1].all()))
    return dict(found)


def _hits(model: "LlamaForCausalLM", rows: Rows) -> np.ndarray:
    """Tell for every token whether the likeliest next token is the one that follows."""
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.model(
            input_ids=torch.from_numpy(rows.tokens),
            attention_mask=visible(rows),
            position_ids=torch.from_numpy(rows.position),
            use_cache=False,
        ).last_hidden_state[0]
        wanted = torch.from_numpy(np.flatnonzero(rows.weights[0] == ANSWER) - 1)
        best = model.lm_head(hidden[wanted]).argmax(-1)
    hits = np.zeros(rows.tokens.shape[1], dtype=bool)
    hits[wanted.numpy()] = best.numpy() == rows.tokens[0, wanted.numpy() + 1]
    return hits


def _answers(example: Example) -> list[tuple[int, int]]:
    """Return where each answer begins and ends."""
    spoken = np.concatenate([[0], np.asarray(example.weights) == ANSWER, [0]]).astype(int)
    edges = np.diff(spoken)
    begins, ends = np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist()
    return list(zip(begins, ends, strict=True))
