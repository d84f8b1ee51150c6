"""The mean of several checkpoints' weights: what a later stretch forgot, an earlier one still has.

It knows weights by name and how much each checkpoint counts. Which mean is good is measured on
the dev packages, not here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from core.errors import BadInput


def merge(checkpoints: Mapping[Path, float], target: Path) -> Path:
    """Write the weighted mean of checkpoints as one that can be exported."""
    if not checkpoints or abs(sum(checkpoints.values()) - 1) > 1e-6:
        raise BadInput("The shares of the checkpoints do not add up to 1.", "Write A=0.4 B=0.6.")
    states = {path: _weights(path) for path in checkpoints}
    first = next(iter(states.values()))
    mean = {name: torch.zeros_like(weight, dtype=torch.float32) for name, weight in first.items()}
    for path, share in checkpoints.items():
        for name, weight in states[path].items():
            mean[name] += share * weight.float()
    whole = {name: weight.to(first[name].dtype) for name, weight in mean.items()}
    torch.save({"model": whole}, target)
    return target


def _weights(path: Path) -> dict[str, Any]:
    try:
        return torch.load(path, map_location="cpu", weights_only=False)["model"]
    except (OSError, KeyError) as error:
        raise BadInput(
            f"{path.name} is no checkpoint.", "Name files of the checkpoints."
        ) from error
