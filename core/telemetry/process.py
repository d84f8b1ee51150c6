"""What this process uses now: memory, processor, disk.

Read from the operating system at the moment of asking. It keeps no history.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_SELF = psutil.Process()
_SELF.cpu_percent()


@dataclass(frozen=True, slots=True)
class Usage:
    """One reading; every figure is measured."""

    rss_bytes: int
    cpu_percent: float
    threads: int
    memory_bytes: int
    memory_free_bytes: int
    kept_bytes: int
    disk_free_bytes: int
    uptime_s: float


def rss_bytes() -> int:
    """Return the memory this process holds now."""
    return _SELF.memory_info().rss


def live(data_dir: Path) -> Usage:
    """Read what the process uses; processor time is since the last reading."""
    memory = psutil.virtual_memory()
    with _SELF.oneshot():
        return Usage(
            rss_bytes=_SELF.memory_info().rss,
            cpu_percent=_SELF.cpu_percent(),
            threads=_SELF.num_threads(),
            memory_bytes=memory.total,
            memory_free_bytes=memory.available,
            kept_bytes=folder_bytes(data_dir),
            disk_free_bytes=psutil.disk_usage(str(data_dir)).free,
            uptime_s=time.time() - _SELF.create_time(),
        )


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files below a folder; files that vanish meanwhile count nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total
