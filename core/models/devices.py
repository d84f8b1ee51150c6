"""Where a local model runs and in which number format, with the reason and the figures.

It times one small matrix product in each format; it knows nothing of models. torch is
imported inside functions, so that asking for memory before a model is loaded costs nothing.
"""

import os
import sys
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import psutil

from core.errors import ModelError

Kind = Literal["cuda", "mps", "cpu"]

SIDE = 512
GAIN = 1.2
SMALL_MODEL = 50_000_000
FULL = 0.9
_CGROUP = Path("/sys/fs/cgroup")
# transformers changes torch and its own classes while it loads: two loads at once lose weights.
LOADING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Device:
    """A place to run, a number format, and why; `figures` are what the probe measured."""

    device: Kind
    dtype: Literal["bf16", "fp32"]
    why: str
    figures: dict[str, float] = field(default_factory=dict)


@lru_cache(maxsize=8)
def probe(device: str = "auto", dtype: str = "auto") -> Device:
    """Choose the device and the format, timing bf16 against fp32 unless one was asked for."""
    kind, why = _place(device)
    if dtype in ("bf16", "fp32"):
        return Device(kind, "bf16" if dtype == "bf16" else "fp32", f"{why}; DTYPE={dtype} was set")
    figures = {name: round(_gflops(kind, name), 1) for name in ("fp32", "bf16")}
    faster = figures["bf16"] > figures["fp32"] * GAIN
    reason = (
        f"bf16 {'is faster' if faster else 'gains nothing'} here: "
        f"{figures['bf16']:.0f} against {figures['fp32']:.0f} GFLOP/s in fp32"
    )
    return Device(kind, "bf16" if faster else "fp32", f"{why}; {reason}", figures)


def _place(wanted: str) -> tuple[Kind, str]:
    import torch

    has = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted != "auto":
        if not has.get(wanted):
            raise ModelError(
                f"DEVICE={wanted} is not available on this machine.",
                "Set DEVICE=auto, or install a torch build for that device.",
            )
        return wanted, f"DEVICE={wanted} was set"  # pyright: ignore[reportReturnType]
    if has["cuda"]:
        return "cuda", f"a CUDA GPU was found ({torch.cuda.get_device_name(0)})"
    if has["mps"]:
        return "mps", "an Apple GPU was found"
    return "cpu", "no CUDA or Apple GPU was found"


def _gflops(kind: Kind, dtype: str) -> float:
    """Return the best of three timed square products, after one untimed."""
    import torch

    form = torch.bfloat16 if dtype == "bf16" else torch.float32
    left = torch.ones(SIDE, SIDE, device=kind, dtype=form)
    best = float("inf")
    for turn in range(4):
        start = time.perf_counter()
        (left @ left)[0, 0].item()
        best = min(best, time.perf_counter() - start) if turn else best
    return 2 * SIDE**3 / best / 1e9


def threads_for(parameters: int) -> int:
    """Return how many CPU threads serve a model of that size best."""
    return 1 if parameters < SMALL_MODEL else max(1, psutil.cpu_count(logical=False) or 1)


def lanes_for(device: str, threads: int) -> int:
    """Return how many batches are computed side by side, each by that many threads."""
    if device != "cpu":
        return 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    cores = psutil.cpu_count(logical=False) or 1
    return max(1, min(cores, allowed or cores) // threads)


def use_threads(count: int) -> None:
    """Let torch use that many threads from here on; cheap when nothing changes."""
    import torch

    if torch.get_num_threads() != count:
        torch.set_num_threads(count)


def gpu_bytes() -> int | None:
    """Return the GPU memory this process holds; None where there is no GPU or no torch yet."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return None
    return int(torch.cuda.memory_allocated())


def memory_share(kind: str) -> float | None:
    """Return the used share of the device's memory, from 0 to 1; None where it cannot be told."""
    if kind == "cuda":
        import torch

        free, total = torch.cuda.mem_get_info()
        return 1 - free / total
    if kind == "mps":
        return None
    machine = psutil.virtual_memory().percent / 100
    return max(machine, _container_share() or 0.0)


def pressure(kind: str) -> str | None:
    """Return a sentence when the device's memory is more than 90 % full."""
    share = memory_share(kind)
    if share is None or share <= FULL:
        return None
    name = {"cuda": "GPU memory", "cpu": "Memory"}[kind]
    return f"{name} is {share:.0%} full; a longer chat may not fit."


def _container_share() -> float | None:
    """Return the used share of the container's memory limit, where there is one."""
    try:
        limit = (_CGROUP / "memory.max").read_text().strip()
        stat = (_CGROUP / "memory.stat").read_text()
        used = int((_CGROUP / "memory.current").read_text())
    except OSError:
        return None
    if limit == "max":
        return None
    # Page cache is given back when memory is short, so it does not count as used.
    cached = sum(
        int(row.split()[1]) for row in stat.splitlines() if row.startswith("inactive_file")
    )
    return max(0.0, (used - cached) / int(limit))
