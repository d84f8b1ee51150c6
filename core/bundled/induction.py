"""Initial weights that can already copy, and copy from the right chunk.

It knows how to write attention heads into the first four layers of a fresh network; it
deliberately does not train. A small network finds these circuits by itself only after
millions of tokens, and two cores have no time for that:

- layer 0 notes, beside every token, a code of the token before it, and the number of the
  chunk it stands in (the nearest marker before it);
- layer 1 looks for places whose note matches the token at hand, copies what stands there,
  and remembers the chunk it was found in;
- layer 2 sums those memories over the question and the answer: the chunk that is meant;
- layer 3 copies again, but from the chunk that is meant.

Rotary positions turn the fast pairs of a head with distance, so that fast pairs carry "one
back", middle pairs carry "near", and slow pairs carry content.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from core.bundled.config import Shape

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM
    from transformers.models.llama.modeling_llama import LlamaAttention

CONSTANT = 0.3
SPREAD = 0.04
LOUD = 0.16
FAST, NEAR, SLOW = range(0, 12), range(16, 20), range(20, 32)
SHARPNESS = 8.0
NUMBERS = 4
REGION = NUMBERS  # the code of the question and the answer, beside those of the chunks


@dataclass(frozen=True, slots=True)
class Layout:
    """Which dimensions of the residual stream carry what."""

    groups: int
    hidden: int

    @property
    def width(self) -> int:
        """Return the size of a token's code in one head."""
        return 2 * len(SLOW) - NUMBERS - 1

    def code(self, group: int) -> int:
        """Return where a group's code of the token begins."""
        return 1 + group * self.width

    def note(self, group: int) -> int:
        """Return where a group's code of the token before begins."""
        return 1 + (self.groups + group) * self.width

    @property
    def number(self) -> int:
        """Return where a marker's own number stands."""
        return 1 + 2 * self.groups * self.width

    @property
    def flag(self) -> int:
        """Return where markers and openers are told from other tokens."""
        return self.number + NUMBERS + 1

    @property
    def sink(self) -> int:
        """Return where the token is told that heads look at when they find nothing."""
        return self.number + NUMBERS + 2

    @property
    def ballast(self) -> int:
        """Return where a token carries length and nothing else."""
        return self.number + NUMBERS + 3

    @property
    def chunk(self) -> int:
        """Return where the chunk that a token stands in is noted."""
        return self.ballast + 1

    @property
    def found(self) -> int:
        """Return where the chunk is noted in which a token was found."""
        return self.chunk + NUMBERS + 1

    @property
    def meant(self) -> int:
        """Return where the chunk that is meant is noted."""
        return self.found + NUMBERS

    @property
    def free(self) -> torch.Tensor:
        """Return the dimensions that carry nothing but the token."""
        return torch.arange(self.meant + NUMBERS, self.hidden)


@dataclass(frozen=True, slots=True)
class Strengths:
    """How loud the parts of the circuit are."""

    match: float = 3.0
    copy_any: float = 1.5
    copy_meant: float = 8.0
    marker: float = 192.0
    region: float = 24.0
    meant: float = 6.0
    gate: float = 4.0
    sink: float = 100.0


def plant(
    model: "LlamaForCausalLM",
    shape: Shape,
    seed: int,
    markers: list[int],
    openers: list[int],
    common: list[int],
    strengths: Strengths | None = None,
) -> None:
    """Write the circuit into a fresh network, in place.

    `markers` are the tokens [1] to [4]; `openers` the tokens that open what is no chunk;
    `common` those that say nothing about which chunk is meant.
    """
    layout = Layout(shape.kv_heads, shape.hidden)
    layers: Any = model.model.layers
    loud = strengths or Strengths()
    with torch.no_grad():
        table = model.model.embed_tokens.weight
        _plant_table(table, layout, seed, markers, openers)
        finder = layout.code(shape.kv_heads - 1)
        table[torch.tensor(common, dtype=torch.long), finder : finder + layout.width] = 0
        for layer in layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        _plant_previous(layers[0].self_attn, shape, layout)
        _plant_chunk(layers[0].self_attn, shape, layout, loud)
        _plant_copy(layers[1].self_attn, shape, layout, loud.match, loud.copy_any, 0.0, loud.sink)
        _plant_meant(layers[2].self_attn, shape, layout, loud)
        _plant_copy(
            layers[3].self_attn, shape, layout, loud.match, loud.copy_meant, loud.gate, loud.sink
        )


def _plant_table(
    table: torch.Tensor, layout: Layout, seed: int, markers: list[int], openers: list[int]
) -> None:
    """Give every token a random code, and markers their numbers."""
    generator = torch.Generator().manual_seed(seed)
    table.copy_(torch.randn(table.shape, generator=generator) * SPREAD)
    codes = slice(layout.code(0), layout.note(0))
    table[:, codes] = table[:, codes].sign() * SPREAD
    table[:, 0] = CONSTANT
    table[:, layout.note(0) : layout.meant + NUMBERS] = 0
    table[torch.tensor(markers + openers), layout.flag] = LOUD
    for place, marker in enumerate(markers):
        table[marker, layout.number + place] = LOUD
    table[torch.tensor(openers), layout.number + REGION] = LOUD
    table[openers[0], layout.sink] = LOUD
    _quieten(table, openers[0], layout)


def _quieten(table: torch.Tensor, token: int, layout: Layout) -> None:
    """Leave nothing to copy in a token, with its length kept, so that the norm changes nothing."""
    before = table[token].norm()
    table[token, layout.free] = 0
    table[token, layout.ballast] = (before**2 - table[token].norm() ** 2).sqrt()


def _plant_previous(attention: "LlamaAttention", shape: Shape, layout: Layout) -> None:
    """Let the first query head of every group note the code of the token before."""
    head, share = shape.hidden // shape.heads, shape.heads // shape.kv_heads
    pairs = torch.tensor(FAST)
    angle = shape.rope_theta ** (-pairs / (head // 2))
    size = SHARPNESS / (CONSTANT / SPREAD)
    rows = torch.arange(layout.width)
    for g in range(shape.kv_heads):
        q, k = g * share * head, g * head
        attention.k_proj.weight[k : k + head] = 0
        attention.v_proj.weight[k : k + head] = 0
        attention.q_proj.weight[q : q + share * head] = 0
        attention.k_proj.weight[k + pairs, 0] = size
        attention.q_proj.weight[q + pairs, 0] = size * angle.cos()
        attention.q_proj.weight[q + head // 2 + pairs, 0] = -size * angle.sin()
        attention.v_proj.weight[k + rows, layout.code(g) + rows] = 1.0
        attention.o_proj.weight[layout.note(g) + rows, q + rows] = SPREAD


def _plant_chunk(
    attention: "LlamaAttention", shape: Shape, layout: Layout, loud: Strengths
) -> None:
    """Let the second query head note the number of the nearest marker."""
    head = shape.hidden // shape.heads
    near = torch.tensor(NEAR)
    side = loud.marker**0.5
    attention.k_proj.weight[near, layout.flag] = side / (LOUD / SPREAD)
    attention.q_proj.weight[head + near, 0] = side / (CONSTANT / SPREAD)
    rows = torch.arange(NUMBERS + 1)
    attention.v_proj.weight[layout.width + rows, layout.number + rows] = 1.0
    attention.o_proj.weight[layout.chunk + rows, head + layout.width + rows] = SPREAD


def _plant_copy(
    attention: "LlamaAttention",
    shape: Shape,
    layout: Layout,
    match: float,
    copy: float,
    gate: float,
    sink: float,
) -> None:
    """Let the first query head of every group find its token in a note and copy from there.

    With a gate, places in the chunk that is meant are preferred; without one, the last group
    remembers the chunk of the place.
    """
    head, share = shape.hidden // shape.heads, shape.heads // shape.kv_heads
    slow = torch.tensor([*SLOW, *(pair + head // 2 for pair in SLOW)])
    token, chunk = slow[: layout.width], slow[layout.width : layout.width + NUMBERS]
    numbers, columns = torch.arange(NUMBERS), torch.arange(layout.width)
    for g in range(shape.kv_heads):
        q, k = g * share * head, g * head
        for weight, start in ((attention.k_proj.weight, k), (attention.q_proj.weight, q)):
            weight[start : start + head] = 0
        attention.v_proj.weight[k : k + head] = 0
        attention.k_proj.weight[k + token, layout.note(g) + columns] = match
        attention.q_proj.weight[q + token, layout.code(g) + columns] = match
        attention.k_proj.weight[k + slow[-1], layout.sink] = sink**0.5 / (LOUD / SPREAD)
        attention.q_proj.weight[q + slow[-1], 0] = sink**0.5 / (CONSTANT / SPREAD)
        attention.k_proj.weight[k + chunk, layout.chunk + numbers] = gate**0.5
        attention.q_proj.weight[q + chunk, layout.meant + numbers] = gate**0.5
        taken = layout.free[g :: shape.kv_heads][: head - NUMBERS]
        rows = torch.arange(len(taken))
        attention.v_proj.weight[k + rows, taken] = 1.0
        attention.o_proj.weight[taken, q + rows] = copy * SPREAD
        if not gate and g == shape.kv_heads - 1:
            last = head - NUMBERS + numbers
            attention.v_proj.weight[k + last, layout.chunk + numbers] = 1.0
            attention.o_proj.weight[layout.found + numbers, q + last] = SPREAD


def _plant_meant(
    attention: "LlamaAttention", shape: Shape, layout: Layout, loud: Strengths
) -> None:
    """Let the first query head sum where the tokens of the question and answer were found."""
    head = shape.hidden // shape.heads
    near, numbers = torch.tensor(NEAR), torch.arange(NUMBERS)
    side = loud.region**0.5
    attention.k_proj.weight[:head] = 0
    attention.q_proj.weight[:head] = 0
    attention.v_proj.weight[:head] = 0
    attention.k_proj.weight[near, layout.chunk + REGION] = side / (LOUD / SPREAD)
    attention.q_proj.weight[near, 0] = side / (CONSTANT / SPREAD)
    attention.v_proj.weight[numbers, layout.found + numbers] = 1.0
    attention.o_proj.weight[layout.meant + numbers, numbers] = loud.meant * SPREAD
