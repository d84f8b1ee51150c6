"""Initial weights that can already copy. It knows how to write a previous-token head and an
induction head into the first two layers of a fresh network; it deliberately does not train.

A small network finds this circuit by itself only after millions of tokens, and two cores
have no time for that. Layer 0 notes, beside every token, a code of the token before it;
layer 1 looks for a place whose note matches the token at hand and copies what stands there.
Rotary positions turn the fast pairs of a head with distance, so that fast pairs carry
"one back" and slow pairs carry content.
"""

from typing import TYPE_CHECKING, Any

import torch

from core.bundled.config import Shape

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM
    from transformers.models.llama.modeling_llama import LlamaAttention

CONSTANT = 0.3
SPREAD = 0.04
FAST = 12
SHARPNESS = 8.0
MATCH = 2.0
COPY = 8.0


def plant(model: "LlamaForCausalLM", shape: Shape, seed: int) -> None:
    """Write the circuit into a fresh network, in place."""
    generator = torch.Generator().manual_seed(seed)
    head = shape.hidden // shape.heads
    slow = head // 2 - 20 if head >= 64 else head // 4
    width, groups = 2 * slow, shape.kv_heads
    codes = [1 + g * width for g in range(groups)]
    notes = [1 + (groups + g) * width for g in range(groups)]
    with torch.no_grad():
        table = model.model.embed_tokens.weight
        table.copy_(torch.randn(table.shape, generator=generator) * SPREAD)
        table[:, 0] = CONSTANT
        table[:, notes[0] : notes[-1] + width] = 0
        layers: Any = model.model.layers
        for layer in layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        _plant_previous(layers[0].self_attn, shape, head, width, codes, notes)
        _plant_induction(layers[1].self_attn, shape, head, width, codes, notes)


def _plant_previous(
    attention: "LlamaAttention",
    shape: Shape,
    head: int,
    width: int,
    codes: list[int],
    notes: list[int],
) -> None:
    """Let the first query head of every group note the code of the token before."""
    share, half = shape.heads // shape.kv_heads, head // 2
    pairs = torch.arange(min(FAST, half))
    angle = shape.rope_theta ** (-pairs / half)
    size = SHARPNESS / (CONSTANT / SPREAD)
    for g, (code, note) in enumerate(zip(codes, notes, strict=True)):
        q, k = g * share * head, g * head
        attention.k_proj.weight[k : k + head] = 0
        attention.k_proj.weight[k + pairs, 0] = size
        attention.q_proj.weight[q : q + head] = 0
        attention.q_proj.weight[q + pairs, 0] = size * angle.cos()
        attention.q_proj.weight[q + half + pairs, 0] = -size * angle.sin()
        rows = torch.arange(width)
        attention.v_proj.weight[k : k + width] = 0
        attention.v_proj.weight[k + rows, code + rows] = 1.0
        attention.o_proj.weight[note + rows, q + rows] = SPREAD


def _plant_induction(
    attention: "LlamaAttention",
    shape: Shape,
    head: int,
    width: int,
    codes: list[int],
    notes: list[int],
) -> None:
    """Let the first query head of every group find its token's code in a note and copy."""
    share, half = shape.heads // shape.kv_heads, head // 2
    slow = torch.arange(half - width // 2, half)
    places = torch.cat([slow, slow + half])
    free = torch.arange(notes[-1] + width, shape.hidden)
    for g, (code, note) in enumerate(zip(codes, notes, strict=True)):
        q, k = g * share * head, g * head
        columns = torch.arange(width)
        attention.k_proj.weight[k : k + head] = 0
        attention.k_proj.weight[k + places, note + columns] = MATCH
        attention.q_proj.weight[q : q + head] = 0
        attention.q_proj.weight[q + places, code + columns] = MATCH
        taken = free[g :: shape.kv_heads][:head]
        rows = torch.arange(len(taken))
        attention.v_proj.weight[k : k + head] = 0
        attention.v_proj.weight[k + rows, taken] = 1.0
        attention.o_proj.weight[taken, q + rows] = COPY * SPREAD
