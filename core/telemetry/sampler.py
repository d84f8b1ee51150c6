"""What a process uses, moment by moment: memory by kind, cards, swap, disk, processor.

Every figure is read from the system; what the system does not tell is None, and `reasons` says
why. It keeps a window of recent readings in memory, stores nothing, and loads no model library.
"""

import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psutil

from core.errors import StateError
from core.telemetry.cards import CARDS

KEPT = 600
NO_SPLIT = "Only Linux tells apart what a process' memory is."
NO_DISK = "This system does not count the disk bytes of single processes."
# The first reading has nothing to compare with.
FIRST = "It is known from the second reading on."
# Lines of /proc/PID/status, in kB, and the figures they add up to.
LINES = {
    "anonymous_bytes": ("RssAnon",),
    "file_bytes": ("RssFile", "RssShmem"),
    "data_bytes": ("VmData",),
    "swap_bytes": ("VmSwap",),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One moment of one process; None is not measured.

    `anonymous_bytes` is what the process alone holds, `file_bytes` mapped files that the system
    may take back, `data_bytes` what RLIMIT_DATA counts. Disk bytes count from the process' begin
    and are those of the device: what the page cache answered is not in them.
    """

    at: float
    rss_bytes: int
    anonymous_bytes: int | None
    file_bytes: int | None
    data_bytes: int | None
    swap_bytes: int | None
    vram_bytes: int | None
    cpu_percent: float | None
    read_bytes: int | None
    written_bytes: int | None


class Sampler:
    """Reads one process now and then, and keeps the last readings; this one unless told."""

    def __init__(self, pid: int | None = None, every_s: float = 1.0, keep: int = KEPT) -> None:
        try:
            self._process = psutil.Process(pid)
        except psutil.NoSuchProcess as error:
            raise StateError(f"There is no process {pid} to measure.") from error
        self._every = every_s
        self._kept: deque[Reading] = deque(maxlen=keep)
        self._reasons: dict[str, str] = {}
        self._busy_s: tuple[float, float] | None = None
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def reasons(self) -> Mapping[str, str]:
        """Say of each figure that is None in the last reading why it is."""
        with self._lock:
            return MappingProxyType(dict(self._reasons))

    @property
    def every_s(self) -> float:
        """Return the seconds between two readings while it runs."""
        return self._every

    def read(self) -> Reading:
        """Read the process now; raises StateError once it has ended."""
        with self._lock:
            try:
                return self._read()
            except psutil.NoSuchProcess as error:
                raise StateError(f"Process {self._process.pid} has ended.") from error

    def sample(self) -> Reading:
        """Read the process now and keep the reading."""
        found = self.read()
        self._kept.append(found)
        return found

    def latest(self) -> Reading | None:
        """Return the last kept reading."""
        return self._kept[-1] if self._kept else None

    def window(self, seconds: float | None = None) -> list[Reading]:
        """Return the kept readings of the last seconds, oldest first; all of them unless told."""
        kept = list(self._kept)
        if seconds is None or not kept:
            return kept
        since = time.time() - seconds
        return [reading for reading in kept if reading.at >= since]

    def start(self) -> None:
        """Begin to read every so often, in a thread that keeps nothing alive."""
        if self._thread is not None:
            return
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what was kept stays."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._ended.is_set():
            # Where memory has run out a reading is left out, and the next one may work again.
            with suppress(MemoryError):
                try:
                    self.sample()
                except StateError:
                    return
            self._ended.wait(self._every)

    def _read(self) -> Reading:
        self._reasons.clear()
        process = self._process
        with process.oneshot():
            rss = process.memory_info().rss
            times = process.cpu_times()
        split = self._split()
        read, written = self._disk()
        vram = CARDS.used_by(process.pid)
        if vram is None:
            self._reasons["vram_bytes"] = CARDS.reason
        return Reading(
            at=time.time(),
            rss_bytes=rss,
            anonymous_bytes=split.get("anonymous_bytes"),
            file_bytes=split.get("file_bytes"),
            data_bytes=split.get("data_bytes"),
            swap_bytes=split.get("swap_bytes"),
            vram_bytes=vram,
            cpu_percent=self._processor(times.user + times.system),
            read_bytes=read,
            written_bytes=written,
        )

    def _processor(self, busy: float) -> float | None:
        """Return the percent of one core since the last reading."""
        now, before = time.monotonic(), self._busy_s
        self._busy_s = (now, busy)
        if before is None or now <= before[0]:
            self._reasons["cpu_percent"] = FIRST
            return None
        return round(100 * (busy - before[1]) / (now - before[0]), 1)

    def _split(self) -> dict[str, int]:
        try:
            said = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        except OSError:
            self._reasons.update(dict.fromkeys(LINES, NO_SPLIT))
            return {}
        found = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
        split = {}
        for name, lines in LINES.items():
            told = [found[line].split()[0] for line in lines if line in found]
            if len(told) == len(lines):
                split[name] = sum(1024 * int(kb) for kb in told)
            else:
                self._reasons[name] = f"The kernel does not tell {', '.join(lines)}."
        return split

    def _disk(self) -> tuple[int | None, int | None]:
        counted = getattr(self._process, "io_counters", None)
        if counted is None:
            why = NO_DISK
        else:
            try:
                found = counted()
                return found.read_bytes, found.write_bytes
            except (psutil.AccessDenied, OSError):
                why = "The system does not let this process see its disk counters."
        self._reasons.update(read_bytes=why, written_bytes=why)
        return None, None
