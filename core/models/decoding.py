"""One sequence, token by token: prefill in pieces, the next token, greedy or sampled.

It drives any decoder-only transformers model through its own forward pass. It knows token
numbers only: no text, no messages, no lock.
"""

from collections.abc import Iterator

import torch
from transformers import DynamicCache, PreTrainedModel

from core.messages import Params, Stop

PIECE = 512
OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")


class Picker:
    """Chooses the next token; a seed makes it choose the same way every time."""

    def __init__(self, params: Params) -> None:
        self._temperature = params.temperature
        self._top_p = params.top_p
        self._random = torch.Generator()
        if params.seed is None:
            self._random.seed()
        else:
            self._random.manual_seed(params.seed % 2**63)

    def __call__(self, logits: torch.Tensor) -> int:
        """Return the next token for one row of logits."""
        if self._temperature <= 0:
            return int(logits.argmax(-1))
        scaled = logits.float().cpu() / self._temperature
        if self._top_p < 1:
            scaled = _nucleus(scaled, self._top_p)
        chances = torch.softmax(scaled, -1)
        return int(torch.multinomial(chances, 1, generator=self._random))


def _nucleus(logits: torch.Tensor, top_p: float) -> torch.Tensor:
    """Leave only the likeliest tokens that together reach `top_p`; at least one stays."""
    ordered, places = torch.sort(logits, descending=True)
    before = torch.softmax(ordered, -1).cumsum(-1) - torch.softmax(ordered, -1)
    drop = before >= top_p
    drop[0] = False
    return logits.index_fill(-1, places[drop], float("-inf"))


def tokens(
    model: PreTrainedModel, prompt: list[int], pick: Picker, limit: int, stop: Stop
) -> Iterator[int]:
    """Yield up to `limit` tokens after the prompt; ends at once when `stop` is set."""
    cache = DynamicCache(config=model.config)
    feed = prompt
    for _ in range(limit):
        logits = _forward(model, cache, feed, stop)
        if logits is None:
            return
        token = pick(logits)
        yield token
        feed = [token]


@torch.inference_mode()
def _forward(
    model: PreTrainedModel, cache: DynamicCache, feed: list[int], stop: Stop
) -> torch.Tensor | None:
    """Run the tokens through the model in pieces; None when `stop` was set meanwhile."""
    logits = None
    for at in range(0, len(feed), PIECE):
        if stop.is_set():
            return None
        ids = torch.tensor([feed[at : at + PIECE]], device=model.device)
        out = model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        logits = out.logits[0, -1]
    return logits


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether the error means that a device had no room."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in OUT_OF_MEMORY)
