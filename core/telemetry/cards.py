"""What NVIDIA cards say of their memory, through NVML; without a card, why there is no figure.

It opens NVML once, when first asked, and never again after it refused. In a container NVML may
not know this process by its number; then torch's own count is taken. It knows no model.
"""

import os
import sys
import threading
from typing import Any

import psutil

NO_PACKAGE = "The package nvidia-ml-py is not installed."
NO_DRIVER = "No NVIDIA driver is loaded."
OTHER_NUMBERS = "The driver knows processes by other numbers than this system, as in a container."
NOT_TOLD = "The driver does not tell the memory of single processes."


class Cards:
    """The cards of this machine; `reason` says why nothing is measured, and is blank otherwise."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nvml: Any = None
        self._handles: list[Any] = []
        self.reason = ""

    def used_by(self, pid: int) -> int | None:
        """Return the bytes a process holds on all cards; None where that is not told."""
        with self._lock:
            self._open()
            if not self._handles:
                return None
            try:
                return self._sum(pid)
            except self._nvml.NVMLError as error:
                self.reason = f"NVML: {error}."
                return None

    def _sum(self, pid: int) -> int | None:
        listed = [
            (process.pid, process.usedGpuMemory)
            for handle in self._handles
            for ask in (
                self._nvml.nvmlDeviceGetComputeRunningProcesses,
                self._nvml.nvmlDeviceGetGraphicsRunningProcesses,
            )
            for process in ask(handle)
        ]
        found = [used for other, used in listed if other == pid]
        self.reason = ""
        if not found:
            return self._unlisted(pid, [other for other, _ in listed])
        if None in found:
            # Under some drivers a process is listed and its memory is not.
            self.reason = NOT_TOLD
            return None
        return sum(found)

    def _unlisted(self, pid: int, others: list[int]) -> int | None:
        """Return what is known of a process that no card lists; mostly it uses none."""
        held = _reserved() if pid == os.getpid() else 0
        if held or all(psutil.pid_exists(other) for other in others):
            return held
        self.reason = OTHER_NUMBERS
        return None

    def _open(self) -> None:
        if self._nvml is not None or self.reason:
            return
        try:
            import pynvml
        except ImportError:
            self.reason = NO_PACKAGE
            return
        try:
            pynvml.nvmlInit()
            count = pynvml.nvmlDeviceGetCount()
            self._handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(count)]
            self.reason = "" if count else "NVML lists no card."
        except (
            pynvml.NVMLError_LibraryNotFound,  # pyright: ignore[reportAttributeAccessIssue]
            pynvml.NVMLError_DriverNotLoaded,  # pyright: ignore[reportAttributeAccessIssue]
        ):
            self.reason = NO_DRIVER
        except pynvml.NVMLError as error:
            self.reason = f"NVML: {error}."
        self._nvml = pynvml


def _reserved() -> int:
    """Return the bytes torch holds on cards in this process, where it was loaded and uses any."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return 0
    return sum(torch.cuda.memory_reserved(card) for card in range(torch.cuda.device_count()))


CARDS = Cards()
