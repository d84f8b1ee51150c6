"""The recipe's settings, read from YAML. It knows their names and types; it deliberately
knows nothing of how they are used."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from core.errors import SettingsError

PRESETS = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of the network."""

    vocabulary: int = 8192
    hidden: int = 384
    layers: int = 7
    heads: int = 6
    kv_heads: int = 3
    inner: int = 896
    rope_theta: float = 20000.0
    context: int = 8192


@dataclass(frozen=True, slots=True)
class Schedule:
    """How steps are made in every stretch."""

    threads: int = 2
    micro_tokens: int = 4096
    step_tokens: int = 8192
    muon_lr: float = 0.01
    adamw_lr: float = 0.002
    warmup_steps: int = 40
    weight_decay: float = 0.01
    clip: float = 1.0
    context_weight: float = 0.1
    context_sample: float = 0.2
    checkpoint_seconds: float = 300
    crowded: float = 5.0
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Stretch:
    """One run of training with its own mixture, row length and decay to zero."""

    name: str
    mtokens: float
    row: int
    mixture: dict[str, float]
    decay: float = 0.3
    lr: float = 1.0
    filler: str = ""

    @property
    def tokens(self) -> int:
        """Return the stretch's length in tokens."""
        return int(self.mtokens * 1e6)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a recipe is made of.

    Without `packages` all that may be trained on are read; without `compare_with` what is
    read is compared with every test package. `merge` names the stretches whose mean is the model.
    """

    seed: int
    name: str
    model: Shape
    train: Schedule
    stretches: tuple[Stretch, ...]
    merge: dict[str, float] = field(default_factory=dict)
    prepare: dict[str, int] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    compare_with: tuple[str, ...] = ()

    def stretch(self, name: str) -> Stretch:
        """Return a stretch by its name."""
        for item in self.stretches:
            if item.name == name:
                return item
        names = ", ".join(item.name for item in self.stretches)
        raise SettingsError(f"There is no stretch {name!r}.", f"The stretches are: {names}.")


def load_config(preset: str) -> Config:
    """Read a preset by name, or a YAML file by path."""
    path = Path(preset) if preset.endswith(".yaml") else PRESETS / f"{preset}.yaml"
    if not path.exists():
        raise SettingsError(f"There is no preset {preset!r}.", "Use cpu, gpu or smoke.")
    raw = yaml.safe_load(path.read_text())
    try:
        return Config(
            seed=int(raw["seed"]),
            name=str(raw["name"]),
            model=Shape(**raw["model"]),
            train=Schedule(**raw["train"]),
            stretches=tuple(Stretch(**item) for item in raw["stretches"]),
            merge=raw.get("merge", {}),
            prepare=raw.get("prepare", {}),
            packages=tuple(raw.get("packages", ())),
            compare_with=tuple(raw.get("compare_with", ())),
        )
    except (KeyError, TypeError) as error:
        raise SettingsError(f"{path.name} is not a recipe: {error}.", "See cpu.yaml.") from error
