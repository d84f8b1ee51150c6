"""Many prompts at once: left-padded, sorted by length, in groups of a few.

It returns what one-by-one decoding returns (the same tokens in fp32; in bf16 the rounding
of a group may differ, and bench/stream.py measures how often). It takes no lock itself.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from transformers import Cache, PreTrainedModel

from core.messages import Completion, Params, Usage
from core.models.decoding import Picker
from core.models.prompt import Prompt
from core.models.text import LOOPED, Writer

SIZES = (4, 8, 16)


@dataclass(slots=True)
class Row:
    """One prompt on its way through a group."""

    index: int
    prompt: Prompt
    new_writer: Callable[[], Writer]
    params: Params
    text: str = ""
    first_token_s: float | None = None
    total_s: float = 0.0
    writer: Writer = field(init=False)
    pick: Picker = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget what was written, so that the group can run again."""
        self.writer, self.pick = self.new_writer(), Picker(self.params)
        self.text, self.first_token_s, self.total_s = "", None, 0.0

    def take(self, token: int, since: float) -> None:
        """Add a token to the answer; what ended the answer is in its writer."""
        now = time.perf_counter() - since
        self.first_token_s = now if self.first_token_s is None else self.first_token_s
        self.total_s = now
        self.text += self.writer.push(token)
        if self.writer.finish is None and len(self.writer.tokens) >= self.prompt.max_tokens:
            self.writer.finish = "length"
        if self.writer.finish is not None:
            self.text += self.writer.flush()

    def completion(self, notices: tuple[str, ...]) -> Completion:
        """Return the finished answer."""
        looped = (LOOPED,) if self.writer.finish == "loop" else ()
        usage = Usage(
            tokens_in=len(self.prompt.tokens),
            tokens_out=len(self.writer.tokens),
            finish=self.writer.finish or "length",
            total_s=self.total_s,
            first_token_s=self.first_token_s,
            notices=(*self.prompt.notices, *looped, *notices),
        )
        return Completion(self.text, usage)


def groups(rows: Sequence[Row], size: int) -> list[list[Row]]:
    """Sort by prompt length and cut into groups of the nearest allowed size."""
    size = min(SIZES, key=lambda allowed: (abs(allowed - size), allowed))
    ordered = sorted(rows, key=lambda row: len(row.prompt.tokens))
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]


@torch.inference_mode()
def run(model: PreTrainedModel, rows: Sequence[Row], pad: int, cache: Cache) -> None:
    """Decode one group to its end with an empty cache; every row holds its answer afterwards."""
    since = time.perf_counter()
    live = [row for row in rows if row.prompt.max_tokens > 0]
    if not live:
        return
    ids, mask = _padded(live, pad, model.device)
    places = (mask.cumsum(-1) - 1).clamp(min=0)
    while True:
        out = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=places,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        chosen = _choose(live, out.logits[:, -1], since)
        kept = [i for i, row in enumerate(live) if row.writer.finish is None]
        if not kept:
            return
        if len(kept) < len(live):
            picked = torch.tensor(kept, device=model.device)
            cache.batch_select_indices(picked)
            mask, places = mask[picked], places[picked]
            live, chosen = [live[i] for i in kept], [chosen[i] for i in kept]
        ids = torch.tensor(chosen, device=model.device).unsqueeze(1)
        mask = torch.cat([mask, mask.new_ones(len(live), 1)], dim=1)
        places = places[:, -1:] + 1


def _choose(rows: Sequence[Row], logits: torch.Tensor, since: float) -> list[int]:
    chosen = []
    for row, line in zip(rows, logits, strict=True):
        token = row.pick(line)
        row.take(token, since)
        chosen.append(token)
    return chosen


def _padded(
    rows: Sequence[Row], pad: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(len(row.prompt.tokens) for row in rows)
    ids = [[pad] * (width - len(row.prompt.tokens)) + row.prompt.tokens for row in rows]
    mask = [[0] * (width - len(row.prompt.tokens)) + [1] * len(row.prompt.tokens) for row in rows]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)
