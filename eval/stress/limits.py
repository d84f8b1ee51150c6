"""A limit on this process' memory: what the loaded model takes, and so many bytes more.

On Linux the system keeps it (RLIMIT_DATA: private writable memory, which is what keys, values and
working memory take; files mapped for reading do not count). On a card torch's allocator keeps it.
Elsewhere the bytes of keys and values are counted, and the lane says so.
"""

import ctypes
import gc
import mmap
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["rlimit", "vram", "counted", "none"]
STATUS = Path("/proc/self/status")
PROBE = 16_000_000
NOT_KEPT = "The system does not keep RLIMIT_DATA here, so keys and values are counted instead."


@dataclass(slots=True)
class Limit:
    """A limit that stands; lifted, this process can say what happened."""

    kind: Kind
    base: int | None = None
    limit: int | None = None
    notice: str = ""

    def lift(self) -> None:
        """Take the limit away."""
        if self.kind == "rlimit":
            import resource

            hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
            resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
        if self.kind == "vram":
            _torch().cuda.set_per_process_memory_fraction(1.0)


def choose(device: str, wanted: str = "") -> Kind:
    """Return how the limit can be kept for a model on that device."""
    if device == "cuda":
        return "vram"
    if wanted == "counted" or device != "cpu" or not sys.platform.startswith("linux"):
        return "counted"
    return "rlimit"


def stand(kind: Kind, budget: int) -> Limit:
    """Let this process have so many bytes more than it has now."""
    gc.collect()
    if kind == "rlimit":
        return _of_data(budget)
    if kind == "vram":
        return _of_card(budget)
    return Limit(kind, data_bytes(), None)


def data_bytes() -> int | None:
    """Return what RLIMIT_DATA counts of this process; None where the system does not tell."""
    with suppress(OSError):
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return None


def _of_data(budget: int) -> Limit:
    import resource

    with suppress(OSError, AttributeError):
        # What loading left free would else be room beyond the budget.
        ctypes.CDLL(None).malloc_trim(0)
    base = data_bytes()
    if base is None:
        return Limit("counted", notice=NOT_KEPT)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (base + budget, hard))
    limit = Limit("rlimit", base, base + budget)
    if _is_kept(budget):
        return limit
    limit.lift()
    return Limit("counted", base, notice=NOT_KEPT)


def _is_kept(budget: int) -> bool:
    """Say whether more than the budget is refused; nothing of it is touched."""
    try:
        mmap.mmap(-1, budget + PROBE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANON).close()
    except OSError:
        return True
    return False


def _of_card(budget: int) -> Limit:
    cuda = _torch().cuda
    cuda.empty_cache()
    base = int(cuda.memory_reserved())
    total = int(cuda.get_device_properties(0).total_memory)
    cuda.set_per_process_memory_fraction(min(1.0, (base + budget) / total))
    return Limit("vram", base, base + budget)


def _torch() -> Any:  # noqa: ANN401  imported late
    import torch

    return torch
