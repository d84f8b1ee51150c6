"""The device and its reason, the number of threads, and how full the memory is."""

from pathlib import Path

import psutil
import pytest
import torch

from core.errors import ModelError
from core.models import devices


def test_auto_measures_both_formats_and_says_what_it_found() -> None:
    found = devices.probe("cpu", "auto")
    assert set(found.figures) == {"fp32", "bf16"} and min(found.figures.values()) > 0
    faster = found.figures["bf16"] > found.figures["fp32"] * devices.GAIN
    assert found.dtype == ("bf16" if faster else "fp32")
    assert f"{found.figures['bf16']:.0f} against {found.figures['fp32']:.0f}" in found.why


@pytest.mark.parametrize(("bf16", "wanted"), [(900.0, "bf16"), (10.0, "fp32"), (210.0, "fp32")])
def test_bf16_only_where_it_clearly_gains(
    monkeypatch: pytest.MonkeyPatch, bf16: float, wanted: str
) -> None:
    monkeypatch.setattr(devices, "_gflops", lambda _k, name: bf16 if name == "bf16" else 200.0)
    assert devices.probe.__wrapped__("cpu", "auto").dtype == wanted


def test_what_was_asked_for_is_not_measured() -> None:
    found = devices.probe("cpu", "fp32")
    assert (found.device, found.dtype, found.figures) == ("cpu", "fp32", {})
    assert "DEVICE=cpu was set" in found.why and "DTYPE=fp32 was set" in found.why


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_device_that_is_not_there_is_said() -> None:
    with pytest.raises(ModelError, match="DEVICE=cuda is not available"):
        devices.probe("cuda", "auto")
    assert devices.gpu_bytes() is None


def test_the_best_device_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert devices._place("auto")[0] == ("cuda" if torch.cuda.is_available() else "mps")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _index: "H-something")
    assert devices._place("auto") == ("cuda", "a CUDA GPU was found (H-something)")


def test_small_models_use_one_thread() -> None:
    assert devices.threads_for(12_000_000) == 1
    assert devices.threads_for(1_000_000_000) == (psutil.cpu_count(logical=False) or 1)
    devices.use_threads(1)
    assert torch.get_num_threads() == 1


def test_batches_run_side_by_side_only_where_threads_are_left():
    assert devices.lanes_for("cuda", 1) == 1
    assert devices.lanes_for("cpu", 1000) == 1
    assert 1 <= devices.lanes_for("cpu", 1) <= (psutil.cpu_count(logical=False) or 1)


@pytest.mark.parametrize(("share", "warns"), [(0.5, False), (0.9, False), (0.91, True)])
def test_warns_above_ninety_percent(
    monkeypatch: pytest.MonkeyPatch, share: float, warns: bool
) -> None:
    monkeypatch.setattr(devices, "memory_share", lambda _kind: share)
    assert bool(devices.pressure("cuda")) is warns


def test_a_containers_limit_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("990\n")
    (tmp_path / "memory.stat").write_text("anon 950\ninactive_file 30\n")
    monkeypatch.setattr(devices, "_CGROUP", tmp_path)
    assert devices.memory_share("cpu") == pytest.approx(0.96)
    (tmp_path / "memory.max").write_text("max\n")
    assert devices.memory_share("cpu") == pytest.approx(
        psutil.virtual_memory().percent / 100, abs=0.05
    )
