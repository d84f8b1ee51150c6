"""How likely a model finds texts after a prompt: sums of log-probabilities, several at once.

The cut between prompt and continuation is that of lm-evaluation-harness: both are tokenised as
one text, and spaces at the prompt's end belong to the continuation. It takes no lock itself.
"""

from collections.abc import Callable, Sequence

import torch
from transformers import PreTrainedModel

TOGETHER = 8

Encode = Callable[[str], list[int]]
Pair = tuple[list[int], list[int]]


def pairs(encode: Encode, prompt: str, continuations: Sequence[str], context: int) -> list[Pair]:
    """Return (before, after) in tokens for each continuation, the oldest left out beyond."""
    bare = prompt.rstrip()
    spaces = prompt[len(bare) :]
    start = len(encode(bare)) if bare else 0
    found = []
    for text in continuations:
        whole = encode(bare + spaces + text)
        after = whole[start:][-(context - 1) :]
        before = whole[: len(whole) - len(after)][-(context - len(after)) :]
        found.append((before, after))
    return found


@torch.inference_mode()
def sums(model: PreTrainedModel, rows: Sequence[Pair], start: int) -> list[float]:
    """Return the log-probability of each row's second part after its first.

    `start` is the token that stands before a first part that is empty.
    """
    given = [(before or [start], after) for before, after in rows]
    found: list[float] = []
    for at in range(0, len(given), TOGETHER):
        found += _group(model, given[at : at + TOGETHER])
    return found


def _group(model: PreTrainedModel, rows: Sequence[Pair]) -> list[float]:
    # Padded on the left, so that all continuations end together and few logits are kept.
    width = max(len(before) + len(after) for before, after in rows)
    whole = [before + after for before, after in rows]
    ids = torch.tensor([[0] * (width - len(row)) + row for row in whole], device=model.device)
    mask = torch.tensor(
        [[0] * (width - len(row)) + [1] * len(row) for row in whole], device=model.device
    )
    longest = max(len(after) for _, after in rows)
    out = model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=(mask.cumsum(-1) - 1).clamp(min=0),
        use_cache=False,
        logits_to_keep=longest + 1,
    )
    chances = torch.log_softmax(out.logits[:, :-1].float(), dim=-1)
    picked = chances.gather(-1, ids[:, width - longest :].unsqueeze(-1)).squeeze(-1)
    return [
        float(row[longest - len(after) :].sum())
        for row, (_, after) in zip(picked, rows, strict=True)
    ]
