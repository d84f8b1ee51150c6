"""Which part keeps the keys and values of a conversation between its turns, by the settings.

Off: the last conversation, in memory (prefix.py). Flash: every one, within a budget, on flash
beyond it (core/memory). A model that the flash tier cannot serve goes without it and says so.
"""

import hashlib
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import xxhash
from transformers import Cache, PreTrainedModel

from core.errors import BadInput, StateError
from core.memory.arithmetic import shape
from core.memory.held import Held
from core.memory.kept import Memory
from core.memory.key import Key
from core.memory.tier import Tier
from core.models.folder import Folder
from core.models.prefix import Prefix
from core.settings import Settings

MB = 1_000_000
CHUNK = 1 << 24


class Keeper(Protocol):
    """Opens a cache for a prompt with what is known of it, and keeps it afterwards."""

    def open(self, tokens: list[int], session: str = "") -> Held:
        """Return a cache that holds a beginning of the tokens, never all of them."""
        ...

    def close(self, held: Held) -> None:
        """Keep what an answer worked with."""
        ...

    def abandon(self, held: Held) -> None:
        """Keep nothing of what an answer worked with."""
        ...

    def drop(self) -> None:
        """Give back the memory of what is kept."""
        ...

    def shut(self) -> None:
        """Keep nothing any more in this process."""
        ...

    def group(self) -> AbstractContextManager[Cache]:
        """Lend a cache for prompts side by side, of which nothing is kept."""
        ...

    def forget(self, session: str) -> None:
        """Keep nothing of a session any more."""
        ...

    def memory(self, session: str | None = None) -> Memory:
        """Return what is kept of a session, or of all."""
        ...


def open_keeper(
    model: PreTrainedModel, facts: Folder, template: str, settings: Settings
) -> tuple[Keeper, str]:
    """Return what keeps this model's conversations, and a notice where it is not what was set."""
    if settings.kv_tier == "off":
        return Prefix(model.config), ""
    try:
        sizes = shape(model.config.to_dict())
        key = Key(
            files=facts.files_hash or _digest(facts.path),
            config=hashlib.sha256((facts.path / "config.json").read_bytes()).hexdigest(),
            template=hashlib.sha256(template.encode()).hexdigest(),
            adapter="",
            dtype=str(model.dtype).removeprefix("torch."),
            device=model.device.type,
            layers=sizes.layers,
            kv_heads=sizes.kv_heads,
            head_dim=sizes.head_dim,
        )
        folder = settings.data_dir / "kv"
        return Tier(key, sizes, folder, settings.kv_ram_mb * MB, settings.kv_disk_mb * MB), ""
    except (BadInput, StateError) as error:
        return Prefix(model.config), f"The flash tier is off: {error.message}"


def _digest(folder: Path) -> str:
    """Return a hash over the weights of a model too large for a slower one."""
    found = xxhash.xxh3_128()
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                found.update(piece)
    return f"xxh3:{found.hexdigest()}"
