"""What is made of what NVML answers; made-up answers, as no machine of the tests has a card."""

import os
import sys
from types import SimpleNamespace

import pytest

from core.telemetry.cards import NO_DRIVER, NOT_TOLD, OTHER_NUMBERS, Cards

ME, INIT = os.getpid(), 1


class NVMLError(Exception):
    """What NVML raises."""


class NotLoaded(NVMLError):
    """What it raises without a driver."""


def nvml(*listed: tuple[int, int | None], cards: int = 1, fails: type[NVMLError] | None = None):
    """Return NVML with so many cards, the first of which runs these processes."""

    def begin() -> None:
        if fails:
            raise fails("no")

    rows = [SimpleNamespace(pid=pid, usedGpuMemory=used) for pid, used in listed]
    return SimpleNamespace(
        nvmlInit=begin,
        nvmlDeviceGetCount=lambda: cards,
        nvmlDeviceGetHandleByIndex=int,
        nvmlDeviceGetComputeRunningProcesses=lambda card: rows if card == 0 else [],
        nvmlDeviceGetGraphicsRunningProcesses=lambda card: [],
        NVMLError=NVMLError,
        NVMLError_LibraryNotFound=NotLoaded,
        NVMLError_DriverNotLoaded=NotLoaded,
    )


@pytest.mark.parametrize(
    ("given", "used", "reason"),
    [
        (nvml((ME, 5), (INIT, 7), (ME, 6), cards=2), 11, ""),
        (nvml((INIT, 7)), 0, ""),
        (nvml(), 0, ""),
        (nvml((ME, None)), None, NOT_TOLD),
        (nvml((2**22 + 1, 7)), None, OTHER_NUMBERS),
        (nvml(cards=0), None, "NVML lists no card."),
        (nvml(fails=NotLoaded), None, NO_DRIVER),
        (nvml(fails=NVMLError), None, "NVML: no."),
    ],
)
def test_bytes_are_those_of_one_process_on_all_cards(monkeypatch, given, used, reason):
    monkeypatch.setitem(sys.modules, "pynvml", given)
    monkeypatch.setitem(sys.modules, "torch", None)
    cards = Cards()
    assert cards.used_by(ME) == used
    assert cards.reason == reason
    assert cards.used_by(ME) == used


def test_in_a_container_torch_is_asked_what_it_holds(monkeypatch):
    cuda = SimpleNamespace(
        is_initialized=lambda: True, device_count=lambda: 2, memory_reserved=lambda card: 40 + card
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml((2**22 + 1, 7)))
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    cards = Cards()
    assert cards.used_by(ME) == 81
    assert cards.reason == ""
    assert cards.used_by(INIT) is None
