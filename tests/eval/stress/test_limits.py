"""The limit is the system's own, in a process of its own."""

import subprocess
import sys

import pytest

from eval.stress.limits import choose

CODE = """
import sys
from eval.stress import limits
limit = limits.stand("rlimit", 20_000_000)
assert limit.kind == "rlimit", limit
kept = [bytearray(1_000_000) for _ in range(10)]
held = limits.data_bytes()
try:
    kept.append(bytearray(15_000_000))
except MemoryError:
    limit.lift()
    kept.append(bytearray(15_000_000))
    print(held - limit.base, limit.limit - limit.base)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_DATA is of Linux")
def test_beyond_the_budget_allocation_fails_until_it_is_lifted():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    held, budget = map(int, done.stdout.split())
    assert budget == 20_000_000
    assert 9_000_000 < held < 12_000_000


def test_where_the_system_keeps_no_limit_it_is_counted():
    assert choose("mps") == "counted"
    assert choose("cpu", "counted") == "counted"
    assert choose("cuda") == "vram"
