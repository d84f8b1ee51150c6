"""The network and its loss. It knows shapes, masks and weights; it deliberately does not
know where rows come from or when a step is taken."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from core.bundled.config import Schedule, Shape
from core.bundled.shards import ANSWER, CONTEXT, Rows

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM


def build(shape: Shape, seed: int) -> "LlamaForCausalLM":
    """Return a new network with seeded weights."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        max_position_embeddings=shape.context,
        rope_parameters={"rope_type": "default", "rope_theta": shape.rope_theta},
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=0,
        attention_bias=False,
    )
    return LlamaForCausalLM(config)


def visible(rows: Rows) -> torch.Tensor:
    """Return which token sees which: earlier, of the same example, prefix or own branch."""
    document = torch.from_numpy(rows.document)
    branch = torch.from_numpy(rows.branch)
    length = document.shape[1]
    earlier = torch.ones(length, length, dtype=torch.bool).tril()
    same = document[:, :, None] == document[:, None, :]
    reach = (branch[:, None, :] == 0) | (branch[:, :, None] == branch[:, None, :])
    return (earlier & same & reach)[:, None]


def targets(
    rows: Rows, schedule: Schedule, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return flat positions to predict from, the tokens to predict, and their weights.

    Of the context only a sample is predicted, with the weight the whole would have: the
    output layer is a large part of the work.
    """
    kind = rows.weights[:, 1:]
    joined = (rows.document[:, 1:] == rows.document[:, :-1]) & (rows.document[:, 1:] > 0)
    joined &= (rows.branch[:, 1:] == rows.branch[:, :-1]) | (rows.branch[:, 1:] == 0)
    sampled = rng.random(kind.shape) < schedule.context_sample
    wanted = joined & ((kind == ANSWER) | ((kind == CONTEXT) & sampled))
    row, column = np.nonzero(wanted)
    context = schedule.context_weight / max(schedule.context_sample, 1e-9)
    weight = np.where(kind[row, column] == ANSWER, 1.0, context).astype(np.float32)
    return row * rows.tokens.shape[1] + column, rows.tokens[row, column + 1], weight


def weighted_loss(
    model: "LlamaForCausalLM",
    rows: Rows,
    chosen: tuple[np.ndarray, np.ndarray, np.ndarray],
    device: str,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the weighted sum of the loss, and the loss of every chosen token."""
    at, wanted, weight = (torch.from_numpy(item).to(device) for item in chosen)
    with torch.autocast(device, dtype=torch.bfloat16):
        hidden = model.model(
            input_ids=torch.from_numpy(rows.tokens).to(device),
            attention_mask=visible(rows).to(device),
            position_ids=torch.from_numpy(rows.position).to(device),
            use_cache=False,
        ).last_hidden_state
        logits = model.lm_head(hidden.flatten(0, 1)[at])
    each = functional.cross_entropy(logits.float(), wanted, reduction="none")
    return (each * weight).sum(), each.detach()


def parameters_of(model: torch.nn.Module) -> tuple[list, list]:
    """Split the parameters into hidden matrices and the rest."""
    hidden, rest = [], []
    for name, parameter in model.named_parameters():
        matrix = parameter.ndim == 2 and "embed" not in name and "lm_head" not in name
        (hidden if matrix else rest).append(parameter)
    return hidden, rest
