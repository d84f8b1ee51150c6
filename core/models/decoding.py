"""One sequence, token by token: prefill in pieces, the next token, greedy or sampled.

It drives any decoder-only transformers model through its own forward pass. It knows token
numbers only: no text, no messages, no lock.

Answers from evidence copy from it. When the choice is greedy, what followed the last tokens
where they stood before is guessed and checked in one pass; the tokens are those of one pass
each (in bf16 up to the rounding of a pass over several tokens, as in a batch).
"""

from collections.abc import Iterator, Sequence

import torch
from transformers import PreTrainedModel

from core.memory.held import Held
from core.messages import Params, Stop
from core.models.prefix import fresh

PIECE = 512
GUESSES = 7
CUES = (3, 2)
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

    @property
    def is_greedy(self) -> bool:
        """Say whether the likeliest token is always taken."""
        return self._temperature <= 0

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
    model: PreTrainedModel,
    prompt: list[int],
    pick: Picker,
    limit: int,
    stop: Stop,
    held: Held | None = None,
) -> Iterator[int]:
    """Yield up to `limit` tokens after the prompt; ends at once when `stop` is set.

    What `held` holds of the prompt is not read again; it grows with what is read, and is whole
    whenever a token is yielded.
    """
    held = held or fresh(model.config)
    # A layer with a sliding window cannot forget a wrong guess.
    guesses = pick.is_greedy and held.cache.is_croppable and not any(held.cache.is_sliding)
    known, feed, left = list(prompt), prompt[len(held.tokens) :], limit
    while left > 0:
        guessed = guess(known)[: left - 1] if guesses and len(feed) == 1 else []
        logits = _forward(model, held, feed + guessed, len(guessed) + 1, stop)
        if logits is None:
            return
        chosen = [pick(logits[0])]
        for place, guessed_token in enumerate(guessed, 1):
            if chosen[-1] != guessed_token:
                break
            chosen.append(pick(logits[place]))
        wrong = len(guessed) + 1 - len(chosen)
        if wrong:
            del held.tokens[-wrong:]
            held.cache.crop(-wrong)
        for token in chosen:
            yield token
            if stop.is_set():
                return
        known += chosen
        left -= len(chosen)
        feed = chosen[-1:]


def guess(known: Sequence[int]) -> list[int]:
    """Return what followed the last tokens where they stood most lately before, if they did."""
    for length in CUES:
        cue = list(known[-length:])
        for at in range(len(known) - length - 1, -1, -1):
            if known[at] == cue[0] and list(known[at : at + length]) == cue:
                return list(known[at + length : at + length + GUESSES])
    return []


@torch.inference_mode()
def _forward(
    model: PreTrainedModel, held: Held, feed: list[int], keep: int, stop: Stop
) -> torch.Tensor | None:
    """Run the tokens through the model in pieces; None when `stop` was set meanwhile."""
    logits = None
    for at in range(0, len(feed), PIECE):
        if stop.is_set():
            return None
        piece = feed[at : at + PIECE]
        held.tokens.extend(piece)
        ids = torch.tensor([piece], device=model.device)
        out = model(input_ids=ids, past_key_values=held.cache, use_cache=True, logits_to_keep=keep)
        logits = out.logits[0]
    return logits


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether the error means that a device had no room."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in OUT_OF_MEMORY)
