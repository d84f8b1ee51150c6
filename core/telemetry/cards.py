"""What NVIDIA cards say of their memory, through NVML; without a card, why there is no figure.

It opens NVML once, when first asked, and never again after it refused. It knows no model.
"""

import threading
from typing import Any

NO_PACKAGE = "The package nvidia-ml-py is not installed."
NO_DRIVER = "No NVIDIA driver is loaded."
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
        found = [
            process.usedGpuMemory
            for handle in self._handles
            for ask in (
                self._nvml.nvmlDeviceGetComputeRunningProcesses,
                self._nvml.nvmlDeviceGetGraphicsRunningProcesses,
            )
            for process in ask(handle)
            if process.pid == pid
        ]
        # Under some drivers a process is listed and its memory is not.
        self.reason = NOT_TOLD if None in found else ""
        return None if None in found else sum(found)

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


CARDS = Cards()
