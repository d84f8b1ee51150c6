"""Small real models and a tier over a folder, for every test of the memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import Cache, LlamaConfig, LlamaForCausalLM, PreTrainedModel

from core.memory.arithmetic import shape
from core.memory.held import Held
from core.memory.key import Key
from core.memory.tier import Tier

VOCABULARY = 512
PIECE = 512
MB = 1_000_000


def model(
    layers: int = 3, heads: int = 4, kv_heads: int = 2, dtype: torch.dtype = torch.float32
) -> PreTrainedModel:
    """Return a Llama with random weights, the same ones each time."""
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=16 * heads,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        max_position_embeddings=8192,
        initializer_range=0.2,
        eos_token_id=None,
        bos_token_id=None,
        pad_token_id=0,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        made = LlamaForCausalLM(config)
    return made.to(dtype).eval()


def key(made: PreTrainedModel, **changed) -> Key:
    sizes = shape(made.config.to_dict())
    facts = {
        "files": "f",
        "config": "c",
        "template": "t",
        "adapter": "",
        "dtype": str(made.dtype).removeprefix("torch."),
        "device": "cpu",
        "layers": sizes.layers,
        "kv_heads": sizes.kv_heads,
        "head_dim": sizes.head_dim,
    }
    return Key(**{**facts, **changed})


def tier(
    made: PreTrainedModel, folder: Path, ram: int = 100 * MB, disk: int = 1000 * MB, **changed
):
    tier = Tier(key(made, **changed), shape(made.config.to_dict()), folder, ram, disk)
    if tier.pace.computing.terms is None:
        # Reading always pays here: what a busy machine takes to read decides no test.
        tier.pace.computing.add(1000.0, 1e6)
    return tier


def words(count: int, seed: int = 1) -> list[int]:
    """Return that many tokens, the same ones each time."""
    random = torch.Generator().manual_seed(seed)
    return torch.randint(1, VOCABULARY, (count,), generator=random).tolist()


@dataclass
class Written:
    """What came of a prompt: tokens, and the logits of every pass."""

    tokens: list[int]
    logits: list[torch.Tensor]


@torch.inference_mode()
def step(made: PreTrainedModel, cache: Cache, feed: Sequence[int]) -> torch.Tensor:
    """Run tokens through the model and return the last logits."""
    ids = torch.tensor([list(feed)])
    return made(input_ids=ids, past_key_values=cache, use_cache=True).logits[0, -1].clone()


def write(made: PreTrainedModel, held: Held, prompt: Sequence[int], count: int) -> Written:
    """Answer greedily, as decoding does: tokens are told before each pass."""
    done = Written([], [])
    feed = list(prompt[len(held.tokens) :])
    while len(done.tokens) < count:
        for at in range(0, len(feed), PIECE):
            held.tokens += feed[at : at + PIECE]
            logits = step(made, held.cache, feed[at : at + PIECE])
        done.logits.append(logits)
        done.tokens.append(int(logits.argmax()))
        feed = done.tokens[-1:]
    return done


def same(one: Written, other: Written) -> bool:
    """Say whether two answers are the same to the bit."""
    alike = all(torch.equal(a, b) for a, b in zip(one.logits, other.logits, strict=True))
    return one.tokens == other.tokens and alike
