"""Rows, keys, paces and budgets, each by itself."""

import mmap
from pathlib import Path

import pytest
import torch

from core.memory.budget import Budget
from core.memory.key import chain, shared
from core.memory.pace import Line, Pace
from core.memory.rows import Rows


def test_rows_grow_move_and_are_given_back() -> None:
    rows = Rows((1, 2, 3), torch.float32, torch.device("cpu"))
    rows.resize(4)
    rows.tensor[:] = torch.arange(24.0).view(4, 1, 2, 3)
    held = rows.tensor
    rows.resize(5000)
    assert torch.equal(rows.tensor[:4], held), "though somebody held the old ones"
    del held
    rows.resize(9000)
    assert torch.equal(rows.tensor[:4].flatten(), torch.arange(24.0))
    rows.drop(1, 3)
    assert torch.equal(rows.tensor[:3].flatten(), torch.arange(6.0, 24.0))
    assert rows.seen.shape == (1, 2, 9000, 3) and rows.size == 9000 * 24
    rows.resize(3)
    assert torch.equal(rows.seen[0, :, 0], torch.arange(6.0, 12.0).view(2, 3))
    rows.resize(0)
    assert rows.size == 0 and rows.tensor.shape == (0, 1, 2, 3)


def test_rows_made_in_inference_may_be_written_outside() -> None:
    with torch.inference_mode():
        rows = Rows((1, 1, 1), torch.float32, torch.device("cpu"))
        rows.resize(2)
    rows.tensor[0] = 1
    assert rows.seen.shape == (1, 1, 2, 1)


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux alone tells it")
def test_rows_count_as_anonymous_memory_and_no_longer_than_needed() -> None:
    def anonymous() -> int:
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))

    rows, before = Rows((1, 1, 256), torch.float32, torch.device("cpu")), anonymous()
    rows.resize(32_768)
    rows.tensor.fill_(1)
    assert anonymous() - before > 30_000
    rows.drop(16_384, 16_384)
    rows.resize(16_384)
    assert 14_000 < anonymous() - before < 20_000
    rows.resize(0)
    assert anonymous() - before < 4_000 and mmap.PAGESIZE


def test_hashes_hang_on_every_token_before() -> None:
    one = chain(b"root", [1, 2, 3])
    assert chain(one, [4]) != chain(chain(b"root", [1, 2, 4]), [4])
    assert chain(b"root", [1, 2, 3]) == one != chain(b"toor", [1, 2, 3])
    assert shared([1, 2, 3], [1, 2, 4, 5]) == 2 == shared([1, 2], [1, 2, 4])
    assert shared([], [1]) == 0


def test_a_line_is_found_through_what_was_measured() -> None:
    line = Line()
    assert line.terms is None
    line.add(10, 3.0)
    assert line.terms == (0.0, 0.3), "one point says a pace and no more"
    for x in (20, 30, 40):
        line.add(x, 2 + 0.1 * x)
    assert line.terms == pytest.approx((2.0, 0.1))


def test_the_break_even_length_follows_from_both_paces() -> None:
    pace = Pace()
    assert pace.break_even(100) is None
    assert pace.pays(256, 10**9) and not pace.pays(255, 1), "unmeasured, a segment is tried"
    for x in (100, 200):
        pace.computing.add(x, 0.001 * x)
        pace.reading.add(x * 1000, 0.010 + 1e-9 * x * 1000)
    length = pace.break_even(1000)
    # Twice (10 ms + 1 µs a token) against 1 ms a token.
    assert length == int(0.020 / (0.001 - 0.000002)) + 1 == 21
    assert pace.pays(length, length * 1000) and not pace.pays(length - 1, (length - 1) * 1000)
    again = Pace(pace.kept())
    assert again.break_even(1000) == length
    assert Pace({"computing": ["x"], "reading": [1.0]}).break_even(1) is None  # pyright: ignore


def test_short_passes_say_nothing_of_the_pace() -> None:
    pace = Pace()
    pace.begin(8)
    pace.end()
    assert pace.computing.terms is None
    pace.begin(64)
    pace.end()
    assert pace.computing.terms is not None


def test_a_budget_is_halved_where_two_are_at_work() -> None:
    budget = Budget(100)
    one = budget.join(lambda: None)
    one.add(90)
    assert one.allowance(100) == 100
    two = budget.join(lambda: None)
    assert (one.allowance(90), two.allowance(30)) == (50, 10)
    one.add(-45)
    assert two.allowance(50) == 50, "what the first gave up is the second's"
    one.leave()
    assert two.allowance(90) == 100 and budget.used == 0


def test_the_idle_are_emptied_longest_idle_first_and_only_where_needed() -> None:
    budget, gone = Budget(100), []
    accounts = []
    for name in "abc":
        account = budget.join(lambda name=name: gone.append(name))
        account.add(20)
        accounts.append(account)
    for account in (accounts[1], accounts[0]):
        account.rest()
    third = accounts[2]
    assert third.allowance(60) == 60 and gone == []
    assert third.allowance(61) == 80 and gone == ["b"]
    assert not accounts[1].wake() and accounts[0].wake()
