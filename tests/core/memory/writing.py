"""A process that writes segments until it is killed; a fork of it starts in a moment."""

from pathlib import Path

import core.process  # noqa: F401  sets the environment before torch is imported

import torch  # isort: skip

from tests.core.memory import tiny

PROMPT = tiny.words(1200)
RAM = 400_000


def made():
    """Return the model whose sessions are killed."""
    return tiny.model(layers=4, kv_heads=4)


def write(folder: str) -> None:
    """Answer once, then write the same segments over and over."""
    torch.set_num_threads(1)
    model = made()
    tier = tiny.tier(model, Path(folder), RAM)
    held = tier.open(PROMPT, "s")
    tiny.write(model, held, PROMPT, 3)
    cache = held.cache
    tier.close(held)
    rows = tiny.tier(model, Path(folder) / "spare")
    spare = rows.open(PROMPT, "s")
    tiny.write(model, spare, PROMPT, 3)
    cache = spare.cache
    while True:
        for stored in cache._stored:
            before = cache._chain[stored.place.first // 256]
            label = cache._label(stored.place, before)
            tier._shelf.put(label, cache._reader(stored.place), "s").result()
