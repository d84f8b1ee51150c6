"""Which reranker reads the candidates: the bundled one, a cross-encoder of the hub, or none.

It knows how a cross-encoder scores a query with each text. It does not know where candidates come
from, nor what is done with the scores.
"""

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from core.errors import ModelError
from core.models import devices
from core.retrieval.embed import heading, model_folder
from core.retrieval.reader import Reader
from core.seams import Asked, Candidate, Reranker
from core.settings import Settings

NONE = "none"
PAIR_TOKENS = 512


class CrossEncoder:
    """A sequence classifier that reads the query and a text at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()

    def name(self) -> str:
        """Say which model reads."""
        return self._settings.reranker

    def score(self, asked: Asked, candidates: Sequence[Candidate]) -> list[float]:
        """Return the model's own score for each candidate, cut to what it can read."""
        import torch

        if not candidates:
            return []
        texts = [f"{heading(each.chunk)}\n{each.chunk.text}" for each in candidates]
        with self._lock, torch.inference_mode():
            tokenizer, model, threads = self._loaded
            devices.use_threads(threads)
            batch = tokenizer(
                [asked.text] * len(texts),
                texts,
                truncation="only_second",
                max_length=min(PAIR_TOKENS, tokenizer.model_max_length),
                padding=True,
                return_tensors="pt",
            ).to(model.device)
            return model(**batch).logits.float()[:, -1].tolist()

    @cached_property
    def _loaded(self) -> tuple[Any, Any, int]:
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        folder = model_folder("RERANKER", self._settings.reranker, self._settings)
        device = devices.probe(self._settings.device, self._settings.dtype)
        form = torch.bfloat16 if device.dtype == "bf16" else torch.float32
        local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, **local)
            with devices.LOADING:
                model: Any = AutoModelForSequenceClassification.from_pretrained(
                    folder, dtype=form, use_safetensors=True, **local
                )
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise ModelError(f"The reranker {folder.name} cannot be loaded: {error}") from error
        model = model.to(device.device).eval()
        return tokenizer, model, devices.threads_for(sum(p.numel() for p in model.parameters()))


def open_reranker(settings: Settings) -> Reranker | None:
    """Return the reranker the settings name: the bundled one unless there is another or none."""
    if settings.reranker.lower() == NONE:
        return None
    return CrossEncoder(settings) if settings.reranker else Reader()
