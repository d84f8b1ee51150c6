"""A sentence encoder's weights: a safetensors folder run by transformers, in bf16 where it helps.

It knows how such a folder says it is pooled and how long its window is. It does not know which
folder is wanted, and it decides nothing about texts that are longer than the window.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ModelError
from core.models import devices

if TYPE_CHECKING:
    import torch

WINDOW = 256
# On a CPU what a batch makes of its tokens should stay in one core's cache.
BATCH_TOKENS = {"cpu": 1024}
MORE_TOKENS = 4096

Finish = Callable[[list[int], "torch.Tensor", "torch.Tensor"], None]


class Encoder:
    """A loaded encoder; as many batches are computed at once as there is room for."""

    def __init__(self, folder: Path, device: str = "auto", dtype: str = "auto") -> None:
        from tokenizers import Tokenizer

        self._device = devices.probe(device, dtype)
        self.tokenizer = _tokenizer(folder, Tokenizer)
        self._model: Any = _model(folder, self._device)
        self._first = bool(
            _json(folder / "1_Pooling" / "config.json").get("pooling_mode_cls_token")
        )
        self._threads = devices.threads_for(sum(p.numel() for p in self._model.parameters()))
        self._lanes = devices.lanes_for(self._device.device, self._threads)
        self._turns = threading.BoundedSemaphore(self._lanes)
        self.window = _window(folder, self._model.config)
        start, end = _frame(self.tokenizer)
        self._start, self._end, self._pad = start, end, self._model.config.pad_token_id or 0
        self.room = self.window - len(start) - len(end)
        self.dimensions = int(self._model.config.hidden_size)

    def vectors(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        """Return one vector of length one for every row of token ids."""
        import torch

        out = np.zeros((len(rows), self.dimensions), dtype=np.float32)

        def pool(places: list[int], states: torch.Tensor, mask: torch.Tensor) -> None:
            kept = mask.unsqueeze(-1)
            whole = states[:, 0] if self._first else (states * kept).sum(1) / kept.sum(1)
            out[places] = torch.nn.functional.normalize(whole, dim=-1).cpu().numpy()

        self._run(rows, pool)
        return out

    def _run(self, rows: Sequence[Sequence[int]], finish: Finish) -> None:
        """Compute every batch and hand it to `finish`, several at once where that is faster."""
        plan = list(self._plan(rows))

        def run(places: list[int]) -> None:
            self._batch(rows, places, finish)

        if self._lanes == 1 or len(plan) == 1:
            for places in plan:
                run(places)
            return
        with ThreadPoolExecutor(self._lanes, "encoder") as lanes:
            for done in [lanes.submit(run, places) for places in plan]:
                done.result()

    def _plan(self, rows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        """Yield which rows run together: those of like length, the longest first."""
        room = BATCH_TOKENS.get(self._device.device, MORE_TOKENS)
        order = sorted(range(len(rows)), key=lambda place: -len(rows[place]))
        while order:
            count = max(1, room // (len(rows[order[0]]) + self.window - self.room))
            yield order[:count]
            order = order[count:]

    def _batch(self, rows: Sequence[Sequence[int]], places: list[int], finish: Finish) -> None:
        import torch

        width = len(rows[places[0]]) + self.window - self.room
        ids = torch.full((len(places), width), self._pad)
        mask = torch.zeros((len(places), width))
        for at, place in enumerate(places):
            row = [*self._start, *rows[place], *self._end]
            ids[at, : len(row)] = torch.tensor(row)
            mask[at, : len(row)] = 1
        with self._turns, torch.inference_mode():
            devices.use_threads(self._threads)
            where = self._device.device
            ids, mask = ids.to(where), mask.to(where)
            states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            finish(places, states, mask)


def _tokenizer(folder: Path, kind: Any) -> Any:  # noqa: ANN401
    file = folder / "tokenizer.json"
    if not file.is_file():
        raise ModelError(
            f"The embedder {folder.name} has no tokenizer.json.",
            "Use a model with a fast tokenizer.",
        )
    found = kind.from_file(str(file))
    found.no_truncation()
    found.no_padding()
    return found


def _frame(tokenizer: Any) -> tuple[list[int], list[int]]:  # noqa: ANN401
    """Return the special tokens that stand before and after a text."""
    framed = tokenizer.encode("a")
    inside = [place for place, special in enumerate(framed.special_tokens_mask) if not special]
    return framed.ids[: inside[0]], framed.ids[inside[-1] + 1 :]


def _model(folder: Path, device: devices.Device) -> Any:  # noqa: ANN401
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        with devices.LOADING:
            model = AutoModel.from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.bfloat16 if device.dtype == "bf16" else torch.float32,
            )
    except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
        raise ModelError(f"The embedder {folder.name} cannot be loaded: {error}") from error
    if hasattr(model, "pooler"):
        model.pooler = None
    return model.to(device.device).eval()


def _window(folder: Path, config: Any) -> int:  # noqa: ANN401
    """Return how many tokens the model reads, as its folder says."""
    said = _json(folder / "sentence_bert_config.json").get("max_seq_length") or WINDOW
    return min(int(said), int(getattr(config, "max_position_embeddings", said)))


def _json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
