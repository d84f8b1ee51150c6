"""What would fit: a model, a number format, a context and a memory, computed and not tried.

The models are a list (assets/shapes.json) and the one that ships with Plumbline, read from its
own files. Every figure is modelled: weights and keys and values, no activations, no overhead.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.memory.arithmetic import Shape, fit, shape

ASSETS = Path(__file__).resolve().parents[2] / "assets"
# Bits of one weight; what a quantisation adds (scales, zeros) is not counted.
WEIGHTS = {"fp32": 32, "fp16": 16, "bf16": 16, "fp8": 8, "int8": 8, "int4": 4}
FORMULA = (
    "weights = parameters · bits / 8; "
    "keys and values = batch · tokens · 2 · layers · kv_heads · head_dim · bytes of the format; "
    "activations and overhead are not counted"
)
LONGEST = 100_000_000
LARGEST_BATCH = 100_000


@dataclass(frozen=True, slots=True)
class Known:
    """A model: its shape, its number of weights, and where both are read from."""

    name: str
    parameters: int
    shape: Shape
    source: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a context fits, and the first token of each sequence that would not."""

    model: str
    dtype: str
    weights: str
    context: int
    batch: int
    memory_bytes: int
    weight_bytes: int
    kv_bytes: int
    token_bytes: int
    fits: bool
    fails_at: int | None
    sentence: str
    origin: str = "modelled"
    formula: str = FORMULA


@lru_cache(maxsize=1)
def known() -> tuple[Known, ...]:
    """Return the models that are known by name, the smallest first."""
    rows = json.loads((ASSETS / "shapes.json").read_text(encoding="utf-8"))
    listed = [_known(row) for row in rows]
    bundled = [_bundled(path) for path in sorted((ASSETS / "models").glob("*/config.json"))]
    return tuple(sorted((*bundled, *listed), key=lambda each: each.parameters))


def what_fits(
    model: str | Known,
    memory: int,
    context: int = 32_768,
    dtype: str = "fp16",
    weights: str = "fp16",
    batch: int = 1,
) -> Verdict:
    """Say whether weights and so many sequences of a context fit into so many bytes.

    `dtype` is the format of keys and values, `weights` that of the weights.
    """
    found = model if isinstance(model, Known) else _named(model)
    _check("The context", context, LONGEST)
    _check("The batch", batch, LARGEST_BATCH)
    if memory < 1:
        raise BadInput(f"A memory of {memory} bytes holds nothing.", "Give at least 1 byte.")
    if weights not in WEIGHTS:
        raise BadInput(f"{weights} is no format of weights.", f"Use one of {', '.join(WEIGHTS)}.")
    weight_bytes = found.parameters * WEIGHTS[weights] // 8
    told = fit(found.shape, dtype, context, memory, weight_bytes, batch)
    return Verdict(
        model=found.name,
        dtype=dtype,
        weights=weights,
        context=context,
        batch=batch,
        memory_bytes=memory,
        weight_bytes=weight_bytes,
        kv_bytes=told.kv_bytes,
        token_bytes=batch * found.shape.per_token(dtype),
        fits=told.fits,
        fails_at=told.fails_at,
        sentence=_sentence(found.name, weights, dtype, context, batch, memory, told.fails_at),
    )


def _sentence(
    name: str, weights: str, dtype: str, context: int, batch: int, memory: int, fails: int | None
) -> str:
    formats = weights if weights == dtype else f"{weights} with keys and values in {dtype}"
    often = "" if batch == 1 else f"{batch:,} times "
    asked = f"{name} in {formats} and {often}{context:,} tokens"
    room = f"{memory / 1e9:,.3g} GB"
    if fails is None:
        return f"{asked} fit into {room}."
    if fails == 0:
        return f"{asked} do not fit into {room}: the weights alone are larger."
    return f"{asked} do not fit into {room}: token {fails:,} is the first without room."


def _named(name: str) -> Known:
    for each in known():
        if each.name == name:
            return each
    raise BadInput(
        f"No shape is known of {name}.", f"Use one of {', '.join(each.name for each in known())}."
    )


def _known(row: Mapping[str, Any]) -> Known:
    windows = (None,) * int(row["layers"])
    sizes = Shape(int(row["kv_heads"]), int(row["head_dim"]), windows)
    return Known(str(row["name"]), int(row["parameters"]), sizes, str(row["source"]))


def _bundled(config: Path) -> Known:
    """Read a model folder: its shape from the config, its weights from the file's header."""
    with (config.parent / "model.safetensors").open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    shapes = [facts["shape"] for name, facts in header.items() if name != "__metadata__"]
    sizes = shape(json.loads(config.read_text(encoding="utf-8")))
    total = sum(math.prod(each) for each in shapes)
    return Known(config.parent.name, total, sizes, f"assets/models/{config.parent.name}")


def _check(what: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise BadInput(f"{what} cannot be {value:,}.", f"Use a number from 1 to {most:,}.")
