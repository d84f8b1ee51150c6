"""What the keys and values of a model weigh, from its config alone, and when they no longer fit.

    bytes per token = 2 · layers · kv_heads · head_dim · bytes of the format

It loads no model and knows none by name (fitting.py does). A layer with a sliding window is
counted for what it keeps; a config whose layers keep something else than keys and values is
refused, not guessed at.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import BadInput

BYTES = {"fp32": 4, "fp16": 2, "bf16": 2, "fp8": 1, "int8": 1}
GIB = 1024**3
# Families whose every layer slides as soon as the config names a window.
SLIDING = frozenset({"mistral", "mixtral", "phi3", "starcoder2"})
# What says that a layer keeps no plain keys and values, or not its own.
STRANGE = {
    "kv_lora_rank": "its keys and values are compressed (latent attention)",
    "num_kv_shared_layers": "some of its layers share their keys and values",
    "global_head_dim": "its layers differ in size",
    "ssm_cfg": "it has state-space layers",
    "state_size": "it has state-space layers",
    "attention_chunk_size": "its attention is cut in chunks",
    "is_encoder_decoder": "it has an encoder",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides the weight of a cache; a window of None is a layer that keeps everything."""

    kv_heads: int
    head_dim: int
    windows: tuple[int | None, ...]

    @property
    def layers(self) -> int:
        """Return the number of layers."""
        return len(self.windows)

    @property
    def is_plain(self) -> bool:
        """Say whether every layer keeps every token."""
        return all(window is None for window in self.windows)

    def row(self, dtype: str) -> int:
        """Return the bytes of one token in one layer, keys and values together."""
        if dtype not in BYTES:
            raise BadInput(f"{dtype} is no number format.", f"Use one of {', '.join(BYTES)}.")
        return 2 * self.kv_heads * self.head_dim * BYTES[dtype]

    def per_token(self, dtype: str) -> int:
        """Return the bytes a token adds while no window is full."""
        return self.layers * self.row(dtype)

    def bytes(self, tokens: int, dtype: str, batch: int = 1) -> int:
        """Return the bytes of the keys and values of so many tokens."""
        kept = sum(tokens if w is None else min(tokens, w - 1) for w in self.windows)
        return batch * kept * self.row(dtype)


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a context fits into a memory, and the first token that would not; modelled."""

    fits: bool
    fails_at: int | None
    kv_bytes: int
    weight_bytes: int
    memory_bytes: int


def shape(config: Mapping[str, Any]) -> Shape:
    """Read the shape from a model's config.json, or say why it cannot be told."""
    inner = config.get("text_config")
    config = inner if isinstance(inner, Mapping) else config
    name = str(config.get("model_type") or "This model")
    for key, why in STRANGE.items():
        if config.get(key):
            raise BadInput(f"The cache of {name} cannot be computed: {why}.")
    layers = _number(config, name, "num_hidden_layers", "n_layer", "n_layers")
    heads = _number(config, name, "num_attention_heads", "n_head", "n_heads")
    kv_heads = config.get("num_key_value_heads") or config.get("num_kv_heads") or heads
    if config.get("multi_query") and not config.get("new_decoder_architecture"):
        kv_heads = 1
    head_dim = config.get("head_dim")
    if not head_dim:
        head_dim = _number(config, name, "hidden_size", "n_embd", "d_model") // heads
    return Shape(int(kv_heads), int(head_dim), _windows(config, name, layers))


def fit(shape: Shape, dtype: str, context: int, memory: int, weights: int, batch: int = 1) -> Fit:
    """Say whether weights and context fit into so many bytes; activations are not counted."""
    left = memory - weights
    most = bisect_right(range(context + 1), left, key=lambda n: shape.bytes(n, dtype, batch)) - 1
    return Fit(
        fits=most >= context,
        fails_at=None if most >= context else most + 1,
        kv_bytes=shape.bytes(context, dtype, batch),
        weight_bytes=weights,
        memory_bytes=memory,
    )


def _number(config: Mapping[str, Any], name: str, *keys: str) -> int:
    found = next((config[key] for key in keys if isinstance(config.get(key), int)), None)
    if not found:
        raise BadInput(f"The cache of {name} cannot be computed: its config has no {keys[0]}.")
    return int(found)


def _windows(config: Mapping[str, Any], name: str, layers: int) -> tuple[int | None, ...]:
    """Return what each layer keeps, as transformers decides it."""
    window, types = config.get("sliding_window"), config.get("layer_types")
    if isinstance(types, list | tuple):
        strange = sorted(set(types) - {"full_attention", "sliding_attention"})
        if strange or len(types) != layers:
            said = ", ".join(strange) or f"{len(types)} kinds for {layers} layers"
            raise BadInput(f"The cache of {name} cannot be computed: it has {said}.")
        if "sliding_attention" in types and not window:
            raise BadInput(f"The cache of {name} cannot be computed: no window is named.")
        return tuple(int(window or 0) if kind[0] == "s" else None for kind in types)
    if not window or config.get("use_sliding_window") is False:
        return (None,) * layers
    if name in SLIDING:
        return (int(window),) * layers
    raise BadInput(f"The cache of {name} cannot be computed: its layers are not named.")
