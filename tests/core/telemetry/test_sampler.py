"""What a process uses is what it did: memory held, files mapped, bytes written, time burnt."""

import mmap
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from core.errors import StateError
from core.telemetry import cards
from core.telemetry.cards import Cards
from core.telemetry.sampler import Sampler

MB = 1_000_000
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells memory apart")


@LINUX
def test_memory_that_is_held_is_anonymous_and_counts_for_the_limit():
    sampler = Sampler()
    before = sampler.read()
    held = mmap.mmap(-1, 32 * MB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    held.write(b"x" * 32 * MB)
    after = sampler.read()
    held.close()
    for name in ("rss_bytes", "anonymous_bytes", "data_bytes"):
        # Other threads of the process may take memory of their own in between.
        assert 30 * MB < getattr(after, name) - getattr(before, name) < 120 * MB, name
    assert abs(after.file_bytes - before.file_bytes) < 30 * MB


@LINUX
def test_a_mapped_file_is_told_apart_and_adds_nothing_to_the_limit(tmp_path: Path):
    path = tmp_path / "rows"
    path.write_bytes(b"x" * 32 * MB)
    sampler = Sampler()
    before = sampler.read()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen:
        assert sum(seen[at] for at in range(0, 32 * MB, 4096)) > 0
        after = sampler.read()
    assert 30 * MB < after.file_bytes - before.file_bytes < 40 * MB
    assert after.anonymous_bytes - before.anonymous_bytes < 4 * MB
    assert after.data_bytes - before.data_bytes < 4 * MB


@LINUX
def test_bytes_that_reach_the_disk_are_counted():
    sampler = Sampler()
    before = sampler.read()
    # Beside the tests: the folder for temporary files may lie in memory.
    path = Path(__file__).with_name(f"written-{os.getpid()}")
    try:
        with path.open("wb") as file:
            file.write(os.urandom(2 * MB))
            file.flush()
            os.fsync(file.fileno())
        after = sampler.read()
    finally:
        path.unlink()
    assert before.written_bytes is not None
    assert after.written_bytes is not None
    assert after.written_bytes - before.written_bytes >= 2 * MB


def test_processor_time_is_known_from_the_second_reading_on():
    sampler = Sampler()
    assert sampler.read().cpu_percent is None
    assert "second reading" in sampler.reasons["cpu_percent"]
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    assert sampler.read().cpu_percent > 0
    assert "cpu_percent" not in sampler.reasons


def test_a_window_holds_the_last_readings_and_no_more():
    sampler = Sampler(keep=3)
    assert sampler.latest() is None
    taken = [sampler.sample() for _ in range(5)]
    assert sampler.window() == taken[2:]
    assert sampler.latest() == taken[4]
    assert sampler.window(60) == taken[2:]
    assert sampler.window(0) == []


def test_it_samples_by_itself_until_it_is_stopped():
    sampler = Sampler(every_s=0.01)
    sampler.start()
    sampler.start()
    until = time.monotonic() + 20
    while len(sampler.window()) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    sampler.stop()
    kept = sampler.window()
    assert len(kept) >= 3
    assert [reading.at for reading in kept] == sorted(reading.at for reading in kept)
    time.sleep(0.05)
    assert sampler.window() == kept


def test_another_process_can_be_measured_and_its_end_is_said():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        sampler = Sampler(pid=child.pid)
        assert sampler.sample().rss_bytes == pytest.approx(
            psutil.Process(child.pid).memory_info().rss, rel=0.5
        )
    finally:
        child.communicate(b"\n")
    with pytest.raises(StateError, match="has ended"):
        sampler.read()
    with pytest.raises(StateError, match="no process"):
        Sampler(pid=child.pid)


def test_without_a_card_the_reason_stands_in_the_place_of_a_figure(monkeypatch):
    reading, mine = Sampler().read(), Cards()
    if reading.vram_bytes is None:
        assert mine.used_by(os.getpid()) is None
        assert mine.reason
    monkeypatch.setitem(sys.modules, "pynvml", None)
    bare = Cards()
    assert bare.used_by(os.getpid()) is None
    assert bare.reason == cards.NO_PACKAGE


def test_what_the_system_does_not_tell_is_none_with_its_reason(monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: (_ for _ in ()).throw(OSError()))
    sampler = Sampler()
    monkeypatch.setattr(sampler, "_process", _Mac(sampler._process))
    reading = sampler.read()
    assert reading.rss_bytes > 0
    for name in ("anonymous_bytes", "file_bytes", "data_bytes", "swap_bytes", "written_bytes"):
        assert getattr(reading, name) is None
        assert sampler.reasons[name]


class _Mac:
    """A process as macOS shows it: without disk counters."""

    def __init__(self, inside: psutil.Process) -> None:
        self._inside = inside

    def __getattr__(self, name: str):
        if name == "io_counters":
            raise AttributeError(name)
        return getattr(self._inside, name)
