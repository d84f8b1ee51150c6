"""What the process uses is read from the system, and folders are counted as they are."""

import os
from pathlib import Path

from core.telemetry.process import folder_bytes, live


def test_bytes_of_a_folder_are_the_sum_of_its_files(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "a").write_bytes(b"x" * 100)
    (tmp_path / "deep" / "b").write_bytes(b"x" * 23)
    assert folder_bytes(tmp_path) == 123
    assert folder_bytes(tmp_path / "absent") == 0


def test_a_reading_is_about_this_process(tmp_path: Path):
    before = live(tmp_path)
    ballast = bytearray(os.urandom(1)) * 60_000_000
    after = live(tmp_path)
    assert after.rss_bytes - before.rss_bytes > 40_000_000
    assert 0 < after.rss_bytes < after.memory_bytes
    assert after.uptime_s >= before.uptime_s > 0
    assert len(ballast) == 60_000_000
