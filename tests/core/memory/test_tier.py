"""Turns, restarts, sessions that share a start, damage, a full disk, two at once."""

import json
import resource
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import DynamicCache

from core.errors import BadInput
from core.memory.arithmetic import Shape
from core.memory.forgetting import forget
from core.memory.held import Held
from core.memory.kept import Tiers
from core.memory.pace import Pace
from core.memory.tier import Tier
from tests.core.memory import tiny

PROMPT = tiny.words(700)


@pytest.fixture(scope="module")
def made():
    return tiny.model()


def answer(made, tier: Tier, prompt: list[int], session: str = "s", count: int = 6):
    """Return how many tokens were reused, and what was written."""
    held = tier.open(prompt, session)
    reused, done = len(held.tokens), tiny.write(made, held, prompt, count)
    tier.close(held)
    return reused, done


def recomputed(made, prompt: list[int], count: int = 6) -> list[int]:
    held = Held(DynamicCache(config=made.config), [])
    return tiny.write(made, held, prompt, count).tokens


def test_the_next_turn_begins_in_memory(made, tmp_path: Path) -> None:
    tier = tiny.tier(made, tmp_path)
    reused, done = answer(made, tier, PROMPT)
    assert reused == 0
    longer = PROMPT + done.tokens + tiny.words(30, 2)
    # The last token of an answer was never fed.
    assert answer(made, tier, longer)[0] == len(PROMPT) + 5
    assert answer(made, tier, PROMPT)[0] == len(PROMPT) - 1, "never all of it"
    counted = tier.counters.read()
    assert (counted["hits_memory"], counted["misses"]) == (2, 1)
    assert counted["recomputed"] == 700 + 31 + 1


@pytest.mark.parametrize("ram", [100_000, 100 * tiny.MB])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_restart_goes_on_from_flash(tmp_path: Path, ram: int, dtype) -> None:
    made = tiny.model(dtype=dtype)
    first = tiny.tier(made, tmp_path, ram)
    done = answer(made, first, PROMPT)[1]
    first.shut()
    kept = Held(DynamicCache(config=made.config), [])
    assert tiny.write(made, kept, PROMPT, 6).tokens == done.tokens
    second = tiny.tier(made, tmp_path, ram)
    longer = PROMPT + done.tokens + tiny.words(40, 2)
    held = second.open(longer, "s")
    assert len(held.tokens) == len(PROMPT) + 5 and second.counters.read()["hits_flash"] == 1
    # What is read back is what stayed in memory all along, to the bit.
    assert tiny.same(tiny.write(made, held, longer, 6), tiny.write(made, kept, longer, 6))
    second.close(held)
    second.shut()


def test_sessions_share_a_start_and_nothing_else(made, tmp_path: Path) -> None:
    tier = tiny.tier(made, tmp_path)
    answer(made, tier, PROMPT, "one")
    tier.flush()
    other = PROMPT[:600] + tiny.words(100, 5)
    reused, done = answer(made, tier, other, "two")
    assert reused == 600 and done.tokens == recomputed(made, other)
    assert tier.counters.read()["reused_flash"] == 600
    tier.flush()
    before = tier.tiers("two").flash
    tier.forget("one")
    assert tier.tiers("one").flash == 0 and tier.tiers("two").flash == before
    assert answer(made, tier, other, "three")[0] == 699


@pytest.mark.parametrize(
    "changed",
    [
        {"files": "other"},
        {"config": "other"},
        {"template": "other"},
        {"adapter": "other"},
        {"dtype": "float16"},
        {"device": "meta"},
    ],
)
def test_another_key_finds_nothing(made, tmp_path: Path, changed: dict) -> None:
    tier = tiny.tier(made, tmp_path)
    answer(made, tier, PROMPT)
    tier.shut()
    other = tiny.tier(made, tmp_path, **changed)
    assert other.open(PROMPT, "s").tokens == []
    assert other.counters.read()["damaged"] == 0, "the files are whole, and of others"
    assert tiny.tier(made, tmp_path).open(PROMPT, "s").tokens == PROMPT[:-1]


def test_a_foreign_file_under_a_right_name_is_not_taken(made, tmp_path: Path) -> None:
    tiny_tier = tiny.tier(made, tmp_path)
    answer(made, tiny_tier, PROMPT)
    other_prompt = tiny.words(700, 9)
    answer(made, tiny_tier, other_prompt, "t")
    tiny_tier.shut()
    files = tmp_path / "segments"
    mine, foreign = Label(PROMPT), Label(other_prompt)
    (files / foreign.second).rename(files / mine.second)
    again = tiny.tier(made, tmp_path)
    assert len(again.open(PROMPT, "s").tokens) == 256
    assert again.counters.read()["damaged"] == 1


class Label:
    """The names of a prompt's segments under the key of the tests."""

    def __init__(self, prompt: list[int]) -> None:
        from core.memory.key import chain

        root = tiny.key(tiny.model()).root
        first = chain(root, prompt[:256])
        second = chain(first, prompt[256:512])
        self.second = f"{first.hex()[:32]}-256-{second.hex()[:32]}.kv"


@pytest.mark.parametrize("left", [0, 10, 5000, -1])
def test_a_file_that_was_cut_off_is_computed_again(made, tmp_path: Path, left: int) -> None:
    tier = tiny.tier(made, tmp_path)
    answer(made, tier, PROMPT)
    tier.shut()
    path = tmp_path / "segments" / Label(PROMPT).second
    data = path.read_bytes()
    path.write_bytes(data[:left])
    again = tiny.tier(made, tmp_path)
    reused, done = answer(made, again, PROMPT)
    assert reused == 256 and done.tokens == recomputed(made, PROMPT)
    assert again.counters.read()["damaged"] == 1
    again.flush()
    assert path.read_bytes()[-100:] == data[-100:], "written anew"


def test_the_folder_keeps_to_its_cap_and_forgets_the_oldest_session(made, tmp_path: Path) -> None:
    one = tiny.tier(made, tmp_path / "measure")
    answer(made, one, PROMPT)
    one.flush()
    size = one.tiers("s").flash
    tier = tiny.tier(made, tmp_path / "kv", disk=int(size * 2.5))
    prompts = {name: tiny.words(700, seed) for seed, name in enumerate("abcd")}
    for name in "abacd":
        answer(made, tier, prompts[name], name)
        tier.flush()
        assert tier.tiers().flash <= size * 2.5
    found = {name: tier.tiers(name).flash > 0 for name in "abcd"}
    assert found == {"a": False, "b": False, "c": True, "d": True}
    tier.shut()
    again = tiny.tier(made, tmp_path / "kv", disk=int(size * 2.5))
    assert again.tiers("d").flash == size and again.tiers("a").flash == 0
    files = [path.stat().st_size for path in (tmp_path / "kv" / "segments").glob("*.kv")]
    assert sum(files) == again.tiers().flash == 2 * size


def test_reading_that_does_not_pay_is_left(made, tmp_path: Path) -> None:
    tier = tiny.tier(made, tmp_path)
    answer(made, tier, PROMPT)
    tier.shut()
    slow_disk = Pace()
    for tokens in (100, 200):
        slow_disk.computing.add(tokens, tokens * 1e-6)
        slow_disk.reading.add(tokens * 1e3, 1.0 + tokens)
    root = tiny.key(made).root.hex()
    (tmp_path / "paces.json").write_text(json.dumps({root: slow_disk.kept()}))
    again = tiny.tier(made, tmp_path)
    assert again.open(PROMPT, "s").tokens == [] and again.break_even() is None
    assert again.counters.read()["too_short"] == 1


def test_a_full_disk_leaves_it_in_memory_and_says_so(made, tmp_path: Path) -> None:
    tier = tiny.tier(made, tmp_path, 100_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        held = tier.open(PROMPT, "s")
        done = tiny.write(made, held, PROMPT, 6)
        tier.close(held)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert done.tokens == recomputed(made, PROMPT)
    assert tier.counters.read()["failed_writes"] >= 1 and "stays in RAM" in held.notices[0]
    assert tier.tiers("s").ram > 100_000 and tier.tiers("s").flash == 0
    assert not list((tmp_path / "segments").iterdir())
    tier._shelf._stuck_until = 0.0
    assert answer(made, tier, PROMPT + done.tokens[:3])[0] > 700
    tier.flush()
    assert tier.tiers("s").flash > 0, "written once the disk takes it again"


def test_two_sessions_share_one_budget(made, tmp_path: Path) -> None:
    tier = tiny.tier(made, tmp_path, ram := 1_200_000)
    results, peaks = {}, []

    def talk(name: str) -> None:
        prompt = tiny.words(900, len(name))
        for _ in range(3):
            held = tier.open(prompt, name)
            done = tiny.write(made, held, prompt, 8)
            peaks.append(tier.budget.used)
            tier.close(held)
            prompt = prompt + done.tokens + tiny.words(50, 7)
        results[name] = (prompt, done.tokens)

    threads = [threading.Thread(target=talk, args=(name,)) for name in ("a", "bb")]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    for thread in threads:
        thread.join(deadline - time.monotonic())
    assert not any(thread.is_alive() for thread in threads), "nobody waits for ever"
    for prompt, last in results.values():
        cut = len(prompt) - 8 - 50
        assert last == recomputed(made, prompt[:cut], 8)
    assert max(peaks) <= ram
    assert tier.counters.read()["evicted_bytes"] > 0
    tier.shut()


def test_an_idle_session_makes_room_and_comes_back_from_flash(made, tmp_path: Path) -> None:
    tier = tiny.tier(made, tmp_path, 700_000)
    done = answer(made, tier, PROMPT, "a")[1]
    assert tier.tiers("a").ram > 0
    answer(made, tier, tiny.words(800, 4), "b")
    assert tier.tiers("a").ram == 0 and tier.budget.used <= 700_000
    reused, again = answer(made, tier, PROMPT, "a")
    # What is unfinished of the last segment comes back too, where it was written by then.
    assert reused in (512, 699) and again.tokens == done.tokens


def test_an_answer_cut_short_in_a_pass_is_not_kept(made, tmp_path: Path) -> None:
    tier = tiny.tier(made, tmp_path)
    held = tier.open(PROMPT, "s")
    tiny.write(made, held, PROMPT, 2)
    held.tokens.append(1)
    tier.close(held)
    assert tier.open(PROMPT, "s").tokens in ([], PROMPT[:512]) and tier.tiers("s").tokens <= 512


def test_what_it_cannot_keep_is_refused(made, tmp_path: Path) -> None:
    key = tiny.key(made)
    with pytest.raises(BadInput, match="sliding window"):
        Tier(key, Shape(2, 16, (None, 128, None)), tmp_path, 1, 1)
    with pytest.raises(BadInput, match="float64"):
        Tier(replace(key, dtype="float64"), Shape(2, 16, (None,) * 3), tmp_path, 1, 1)


def test_figures_of_one_session_are_a_part_of_those_of_all(made, tmp_path: Path) -> None:
    tier = tiny.tier(made, tmp_path)
    answer(made, tier, PROMPT, "one")
    answer(made, tier, [*PROMPT, 3], "one")
    answer(made, tier, tiny.words(300, 8), "two")
    tier.flush()
    one, two, all = (tier.memory(name) for name in ("one", "two", None))
    assert (one.counts["hits_memory"], two.counts["hits_memory"]) == (1, 0)
    for name in ("recomputed", "misses", "written_bytes", "reused_memory"):
        assert one.counts[name] + two.counts[name] == all.counts[name] > 0, name
    assert one.tiers.ram + two.tiers.ram == all.tiers.ram == tier.budget.used
    assert one.tiers.flash + two.tiers.flash == all.tiers.flash > 0
    assert set(tier.memory("never").counts.values()) == {0}
    assert tier.memory("never").tiers.flash == 0


@pytest.mark.parametrize("at_work", [False, True])
def test_what_is_forgotten_leaves_no_file_behind(made, tmp_path: Path, at_work: bool) -> None:
    tier = tiny.tier(made, tmp_path)
    answer(made, tier, PROMPT, "kept")
    shared = PROMPT[:512] + tiny.words(300, 6)
    held = tier.open(shared, "gone")
    tiny.write(made, held, shared, 6)
    if at_work:
        tier.forget("gone")
        tier.close(held)
    else:
        tier.close(held)
        tier.forget("gone")
    tier.flush()
    assert tier.tiers("gone") == Tiers()
    assert len(list((tmp_path / "sessions").glob("*.json"))) == 1
    files = sum(path.stat().st_size for path in (tmp_path / "segments").iterdir())
    assert files == tier.tiers("kept").flash == tier.tiers().flash
    assert answer(made, tier, PROMPT, "kept")[0] == len(PROMPT) - 1


def test_files_can_be_forgotten_where_no_tier_is_open(made, tmp_path: Path) -> None:
    tier = tiny.tier(made, tmp_path)
    answer(made, tier, PROMPT, "one")
    answer(made, tier, tiny.words(300, 9), "two")
    tier.shut()
    forget(tmp_path, "never")
    forget(tmp_path, "one")
    again = tiny.tier(made, tmp_path)
    assert again.tiers("one").flash == 0
    assert again.tiers("two").flash == again.tiers().flash > 0
