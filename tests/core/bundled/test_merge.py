"""The mean of checkpoints counts each by its share."""

from pathlib import Path

import pytest
import torch

from core.bundled.merge import merge
from core.errors import BadInput


def _checkpoint(path: Path, value: float) -> Path:
    weights = {"layer": torch.full((2, 2), value, dtype=torch.bfloat16), "norm": torch.ones(2)}
    torch.save({"model": weights, "step": 3}, path)
    return path


def test_the_mean_counts_each_by_its_share(tmp_path: Path) -> None:
    one, two = _checkpoint(tmp_path / "a.pt", 1.0), _checkpoint(tmp_path / "b.pt", 5.0)
    made = torch.load(merge({one: 0.75, two: 0.25}, tmp_path / "merged.pt"))["model"]
    assert made["layer"].dtype == torch.bfloat16 and bool((made["layer"] == 2.0).all())
    assert made["norm"].dtype == torch.float32 and bool((made["norm"] == 1.0).all())


def test_shares_that_are_no_whole_and_files_that_are_none_are_refused(tmp_path: Path) -> None:
    one = _checkpoint(tmp_path / "a.pt", 1.0)
    with pytest.raises(BadInput, match="add up to 1"):
        merge({one: 0.5}, tmp_path / "merged.pt")
    with pytest.raises(BadInput, match=r"nothing\.pt is no checkpoint"):
        merge({tmp_path / "nothing.pt": 1.0}, tmp_path / "merged.pt")
    torch.save({"weights": 1}, tmp_path / "other.pt")
    with pytest.raises(BadInput, match=r"other\.pt is no checkpoint"):
        merge({tmp_path / "other.pt": 1.0}, tmp_path / "merged.pt")
