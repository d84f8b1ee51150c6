"""A sequence classifier from a folder or the hub: loaded as asked, and run over pairs of texts.

It knows how such weights are loaded and how pairs are cut. It does not know what a label means.
"""

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from core.errors import ModelError
from core.models import devices
from core.retrieval.embed import model_folder
from core.settings import Settings

PAIR_TOKENS = 512
AT_ONCE = 32


class Classifier:
    """A model that reads two texts at once; `setting` names the setting that chose it."""

    def __init__(self, setting: str, wanted: str, settings: Settings) -> None:
        self._setting = setting
        self._wanted = wanted
        self._settings = settings
        self._lock = threading.Lock()

    @property
    def labels(self) -> dict[int, str]:
        """Return what the model calls its outputs."""
        with self._lock:
            return dict(self._loaded[1].config.id2label)

    def logits(self, pairs: Sequence[tuple[str, str]], cut: str) -> list[list[float]]:
        """Return a row of logits for each pair; `cut` says which text gives way to the limit."""
        import torch

        found: list[list[float]] = []
        with self._lock, torch.inference_mode():
            tokenizer, model, threads = self._loaded
            devices.use_threads(threads)
            for at in range(0, len(pairs), AT_ONCE):
                some = pairs[at : at + AT_ONCE]
                batch = tokenizer(
                    [first for first, _ in some],
                    [second for _, second in some],
                    truncation=cut,
                    max_length=min(PAIR_TOKENS, tokenizer.model_max_length),
                    padding=True,
                    return_tensors="pt",
                ).to(model.device)
                found += model(**batch).logits.float().tolist()
        return found

    @cached_property
    def _loaded(self) -> tuple[Any, Any, int]:
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        folder = model_folder(self._setting, self._wanted, self._settings)
        device = devices.probe(self._settings.device, self._settings.dtype)
        form = torch.bfloat16 if device.dtype == "bf16" else torch.float32
        local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, **local)
            with devices.LOADING:
                model: Any = AutoModelForSequenceClassification.from_pretrained(
                    folder, dtype=form, use_safetensors=True, **local
                )
        except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
            raise ModelError(
                f"The model {folder.name} ({self._setting}) cannot be loaded: {error}"
            ) from error
        model = model.to(device.device).eval()
        return tokenizer, model, devices.threads_for(sum(p.numel() for p in model.parameters()))
