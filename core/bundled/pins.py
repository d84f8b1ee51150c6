"""Which weights are the shipped ones. It knows names and hashes; it deliberately loads nothing.

`assets/models/pins.yaml` names the model that is shipped and the SHA-256 of its weights; a
folder whose weights do not match is never loaded as the bundled model.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import yaml

from core.bundled.splits import ASSETS
from core.errors import Corrupt, ModelMissing

MODELS = ASSETS / "models"
PINS = MODELS / "pins.yaml"
WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class Pin:
    """The shipped model: its folder and the hash of its weights."""

    name: str
    sha256: str

    @property
    def folder(self) -> Path:
        """Return the folder of the shipped model."""
        return MODELS / self.name


def shipped(path: Path = PINS) -> Pin | None:
    """Return the model that is shipped, or nothing where none is good enough yet."""
    raw = yaml.safe_load(path.read_text()) if path.exists() else None
    return Pin(str(raw["name"]), str(raw["sha256"])) if raw else None


def digest(file: Path) -> str:
    """Return a file's SHA-256."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check(pin: Pin, folder: Path | None = None) -> Path:
    """Return the shipped folder once its weights have the pinned hash."""
    where = folder or pin.folder
    weights = where / WEIGHTS
    if not weights.exists():
        raise ModelMissing(
            f"The bundled model {pin.name} is missing.", "Get assets/models again from the source."
        )
    found = digest(weights)
    if found != pin.sha256:
        raise Corrupt(
            f"The weights of {pin.name} have the hash {found[:12]}, not {pin.sha256[:12]}.",
            "Get assets/models again from the source.",
        )
    return where
