"""What keys and values weigh: published figures, real caches, windows, refusals, what fits."""

import pytest
import torch
from transformers import DynamicCache, LlamaConfig, MistralConfig
from transformers.models.auto.modeling_auto import AutoModelForCausalLM

from core.errors import BadInput
from core.memory.arithmetic import GIB, Shape, fit, shape
from core.memory.fitting import known

NAMED = {each.name: each for each in known()}


@pytest.mark.parametrize(
    ("name", "gib"), [("Llama-3.2-3B", 13.67), ("Llama-3.1-8B", 15.62), ("Llama-3.1-70B", 39.06)]
)
def test_published_sizes_at_128000_tokens(name: str, gib: float) -> None:
    assert int(NAMED[name].shape.bytes(128_000, "fp16") / GIB * 100) / 100 == gib


def test_smollm2_adds_23040_bytes_a_token() -> None:
    assert NAMED["SmolLM2-135M"].shape.per_token("bf16") == 23_040


@pytest.mark.parametrize(
    "config",
    [
        LlamaConfig(num_attention_heads=4, num_key_value_heads=2),
        LlamaConfig(num_attention_heads=4, num_key_value_heads=4, head_dim=32),
        MistralConfig(num_attention_heads=4, num_key_value_heads=2, sliding_window=9),
    ],
)
@pytest.mark.parametrize(("tokens", "batch"), [(5, 1), (40, 3)])
def test_a_real_cache_weighs_what_is_computed(config, tokens: int, batch: int) -> None:
    config.update({"vocab_size": 64, "hidden_size": 64, "intermediate_size": 64})
    config.update({"num_hidden_layers": 3})
    model, cache = AutoModelForCausalLM.from_config(config), DynamicCache(config=config)
    with torch.inference_mode():
        model(torch.ones(batch, tokens, dtype=torch.long), past_key_values=cache)
    real = sum(t.numel() * t.element_size() for la in cache.layers for t in (la.keys, la.values))
    assert shape(config.to_dict()).bytes(tokens, "fp32", batch) == real


def test_windows_are_counted_layer_by_layer() -> None:
    kinds = ["full_attention", "sliding_attention"]
    found = shape(
        {
            "text_config": {
                "num_hidden_layers": 2,
                "num_attention_heads": 8,
                "num_key_value_heads": 1,
                "hidden_size": 64,
                "sliding_window": 513,
                "layer_types": kinds,
            }
        }
    )
    assert found == Shape(1, 8, (None, 513)) and not found.is_plain
    assert found.bytes(1000, "fp16") == (1000 + 512) * 2 * 8 * 2


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"kv_lora_rank": 512}, "latent"),
        ({"layer_types": ["full_attention", "linear_attention"]}, "linear_attention"),
        ({"sliding_window": 4096}, "not named"),
        ({"num_hidden_layers": None}, "num_hidden_layers"),
        ({"num_kv_shared_layers": 1}, "share"),
    ],
)
def test_what_cannot_be_told_is_refused(changed: dict, why: str) -> None:
    config = {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 64}
    with pytest.raises(BadInput, match=why):
        shape({**config, **changed})


def test_the_first_token_that_does_not_fit_is_named() -> None:
    small = Shape(1, 8, (None, None))
    assert small.per_token("fp16") == 64
    assert fit(small, "fp16", 100, 1000 + 6400, 1000).fits
    found = fit(small, "fp16", 100, 1000 + 6399, 1000)
    assert (found.fits, found.fails_at, found.kv_bytes) == (False, 100, 6400)
    assert fit(small, "fp16", 100, 999, 1000).fails_at == 0
    assert fit(small, "fp16", 100, 1000 + 6400, 1000, batch=2).fails_at == 51
    with pytest.raises(BadInput, match="fp7"):
        small.per_token("fp7")


def test_a_full_window_never_runs_out() -> None:
    sliding = Shape(1, 8, (11,))
    assert fit(sliding, "fp16", 1_000_000, 320, 0).fits
    assert fit(sliding, "fp16", 1_000_000, 319, 0).fails_at == 10
