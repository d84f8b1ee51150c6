"""Greedy answers of a model folder, many at a time. It knows padding and stopping; it
deliberately does not judge what is said."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

BATCH = 24


class Answerer:
    """A model folder that is asked in texts with the turns already written."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        torch.set_num_threads(threads)
        self.tokenizer = AutoTokenizer.from_pretrained(str(folder), padding_side="left")
        model: Any = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.bfloat16)
        self.model = model.eval()

    @property
    def parameters(self) -> int:
        """Return the number of parameters, shared ones once."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    def answer(self, openings: Sequence[str], longest: int) -> list[str]:
        """Continue every opening greedily to the end of the turn."""
        order = sorted(range(len(openings)), key=lambda i: len(openings[i]))
        replies = [""] * len(openings)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            for i, reply in zip(
                batch, self._batch([openings[i] for i in batch], longest), strict=True
            ):
                replies[i] = reply
        return replies

    def surprise(self, texts: Sequence[str]) -> tuple[float, int]:
        """Return the summed loss in nats and the bytes of the texts."""
        nats, size = 0.0, 0
        for text in texts:
            ids = self.tokenizer(text, return_tensors="pt").input_ids[:, :1024]
            with torch.inference_mode():
                logits = self.model(ids).logits[0, :-1].float()
            picked = torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="sum")
            nats += float(picked)
            size += len(self.tokenizer.decode(ids[0, 1:]).encode())
        return nats, size

    def _batch(self, openings: Sequence[str], longest: int) -> list[str]:
        """Continue a batch of similar length."""
        inputs = self.tokenizer(list(openings), return_tensors="pt", padding=True)
        inputs.pop("token_type_ids", None)
        with torch.inference_mode():
            out = self.model.generate(**inputs, max_new_tokens=longest, do_sample=False)
        new = out[:, inputs.input_ids.shape[1] :]
        return [self.tokenizer.decode(one, skip_special_tokens=True) for one in new]


def loops(text: str, size: int = 4, times: int = 3) -> bool:
    """Tell whether a run of `size` words occurs at least `times` times in a row."""
    words = text.split()
    for width in range(1, size + 1):
        for start in range(len(words) - width * times + 1):
            piece = words[start : start + width]
            if all(
                words[start + width * k : start + width * (k + 1)] == piece for k in range(times)
            ):
                return True
    return False
