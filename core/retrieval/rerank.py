"""Reading the query together with each candidate: late interaction, or a cross-encoder of the hub.

It knows how a query and texts become scores. It does not know where candidates come from, nor
what is done with the scores.
"""

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.errors import ModelError
from core.models import devices
from core.retrieval.embed import Transformer, model_folder
from core.seams import Reranker
from core.settings import Settings

if TYPE_CHECKING:
    import numpy as np

NONE = "none"
PAIR_TOKENS = 512


class LateInteraction:
    """Every token of the query against its nearest token of the text, by the embedder's vectors."""

    def __init__(self, embedder: Transformer) -> None:
        self._embedder = embedder

    def name(self) -> str:
        """Say which vectors are compared."""
        return f"late interaction over {self._embedder.name()}"

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return the mean nearness of the query's tokens for each text."""
        pieces = self._embedder.split_all(texts, [""] * len(texts))
        vectors = self._embedder.token_vectors([query, *(p for parts in pieces for p in parts)])
        asked, rest = vectors[0], iter(vectors[1:])
        return [max(nearness(asked, next(rest)) for _ in parts) for parts in pieces]


class CrossEncoder:
    """A sequence classifier that reads the query and a text at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()

    def name(self) -> str:
        """Say which model reads."""
        return self._settings.reranker

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return the model's own score for each text, cut to what it can read."""
        import torch

        if not texts:
            return []
        with self._lock, torch.inference_mode():
            tokenizer, model, threads = self._loaded
            devices.use_threads(threads)
            batch = tokenizer(
                [query] * len(texts),
                list(texts),
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
            model: Any = AutoModelForSequenceClassification.from_pretrained(
                folder, dtype=form, use_safetensors=True, **local
            )
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise ModelError(f"The reranker {folder.name} cannot be loaded: {error}") from error
        model = model.to(device.device).eval()
        return tokenizer, model, devices.threads_for(sum(p.numel() for p in model.parameters()))


def open_reranker(settings: Settings, embedder: Transformer) -> Reranker | None:
    """Return the reranker the settings name: late interaction unless there is another or none."""
    if settings.reranker.lower() == NONE:
        return None
    return CrossEncoder(settings) if settings.reranker else LateInteraction(embedder)


def nearness(query: "np.ndarray", text: "np.ndarray") -> float:
    """Return how near the text's tokens come to each of the query's, on average."""
    if not len(query) or not len(text):
        return 0.0
    return float((query @ text.T).max(axis=1).mean())
