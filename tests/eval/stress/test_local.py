"""Lanes over the tiny model, in this process, with keys and values counted."""

from pathlib import Path

import pytest

from eval.stress.local import Lane, is_memory
from eval.stress.scenario import Scenario
from tests.eval.stress.making import order, small, told


def ran(
    capsys: pytest.CaptureFixture[str], told_order: dict, resume: bool = False
) -> tuple[int, list[dict]]:
    lane = Lane(told_order)
    code = lane.resume() if resume else lane.run()
    return code, told(capsys.readouterr().out)


def turns(found: list[dict]) -> list[dict]:
    return [each for each in found if each["event"] == "turn"]


def failures(found: list[dict]) -> list[dict]:
    return [each for each in found if each["event"] == "failure"]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return small()


def test_flash_writes_the_tokens_of_the_control_and_is_taken_up_again(
    tiny_model: Path,
    tmp_path: Path,
    scenario: Scenario,
    capsys: pytest.CaptureFixture[str],
):
    # Longer than a segment, so that there is something on flash to begin with.
    scenario = small(tokens=120)
    _, control = ran(capsys, order("control", tmp_path / "c", tiny_model, scenario))
    code, flash = ran(capsys, order("flash", tmp_path / "f", tiny_model, scenario))
    assert code == 0
    assert [turn["digest"] for turn in turns(flash)] == [turn["digest"] for turn in turns(control)]
    assert len(turns(flash)) == 4
    assert all(turn["recompute_s"] > 0 for turn in turns(control))
    assert turns(flash)[-1]["flash_bytes"] > 0
    assert turns(flash)[-1]["ram_bytes"] > 0
    assert turns(flash)[-1]["needle"] in ("recalled", "lost")
    assert turns(flash)[0]["needle"] is None
    begun = control[0]
    assert (begun["event"], begun["limit"], begun["turns"]) == ("lane", "none", 4)
    # 2 layers, 2 kv heads of 16, keys and values, fp32
    assert begun["model"]["bytes_per_token"] == 2 * 2 * 2 * 16 * 4
    _, again = ran(capsys, order("flash", tmp_path / "f", tiny_model, scenario), resume=True)
    resumed = again[-1]
    assert resumed["event"] == "resumed"
    assert resumed["reused_tokens"] >= 256
    assert resumed["prompt_tokens"] == turns(flash)[-1]["prompt_tokens"]


def test_memory_fails_where_the_budget_ends_and_says_so(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    made = order("memory", tmp_path, tiny_model, small(), budget_bytes=100_000)
    code, found = ran(capsys, made)
    assert code == 1
    (failed,) = failures(found)
    assert (failed["kind"], failed["type"]) == ("memory", "MemoryError")
    assert "counted budget is 100,000" in failed["message"]
    # 512 bytes a token: some 195 of them fit.
    assert 1 < failed["turn"] <= 4
    assert failed["token"] > 100_000 / 512 - 64
    assert len(turns(found)) == failed["turn"] - 1
    assert found[0]["limit"] == "counted"


def test_two_sessions_weigh_together(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    made = small(sessions=2, turns=3, needle=None)
    _, one = ran(capsys, order("memory", tmp_path / "a", tiny_model, small(turns=3, needle=None)))
    code, two = ran(capsys, order("memory", tmp_path / "b", tiny_model, made))
    assert code == 0
    assert [turn["session"] for turn in turns(two)] == [0, 1] * 3
    assert turns(two)[-1]["ram_bytes"] > 1.5 * turns(one)[-1]["ram_bytes"]
    # The first session's turns are the same, whether or not there is a second one.
    assert turns(two)[-2]["digest"] == turns(one)[-1]["digest"]


def test_truncating_drops_turns_and_tells_it(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    made = order("truncate", tmp_path, tiny_model, small(), budget_bytes=200_000)
    code, found = ran(capsys, made)
    assert code == 0
    assert found[0]["window"] == int(200_000 * 0.4 / 512)
    assert max(turn["prompt_tokens"] for turn in turns(found)) <= found[0]["window"]
    assert turns(found)[-1]["dropped"] > 0
    (truncated,) = failures(found)
    assert truncated["kind"] == "truncation"


def test_recomputing_keeps_nothing(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    _, found = ran(capsys, order("recompute", tmp_path, tiny_model, small(turns=2, needle=None)))
    assert [turn["reused_tokens"] for turn in turns(found)] == [0, 0]
    assert turns(found)[-1]["ram_bytes"] == 0


def test_a_slow_turn_and_a_full_context_are_told(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    lengths = [{"session": 0, "tokens": n, "answer": 2} for n in (50, 5000)]
    sweep = small(kind="sweep", turns=2, lengths=lengths, needle=None)
    code, found = ran(capsys, order("memory", tmp_path, tiny_model, sweep, slow_s=1e-9))
    assert code == 1
    slow, full = failures(found)
    assert (slow["kind"], slow["turn"]) == ("slow", 1)
    assert (full["kind"], full["turn"]) == ("context", 2)
    assert "1,024" in full["message"]


def test_a_full_disk_is_a_notice_and_the_answers_stay(
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    scenario = small(tokens=120)
    _, control = ran(capsys, order("control", tmp_path / "c", tiny_model, scenario))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.memory.shelf.write", full)
    code, flash = ran(capsys, order("flash", tmp_path / "f", tiny_model, scenario))
    assert code == 0
    assert [turn["digest"] for turn in turns(flash)] == [turn["digest"] for turn in turns(control)]
    notices = [each["text"] for each in flash if each["event"] == "notice"]
    assert any("The disk took no more" in words for words in notices)


def test_what_means_that_there_was_no_room():
    allocator = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 12 bytes"
    assert is_memory(RuntimeError(allocator), "rlimit")
    assert is_memory(OSError(12, "Cannot allocate memory"), "rlimit")
    assert is_memory(RuntimeError("could not create a primitive"), "rlimit")
    assert not is_memory(RuntimeError("could not create a primitive"), "none")
    assert not is_memory(OSError(28, "No space left on device"), "rlimit")
    assert not is_memory(RuntimeError("shapes differ"), "rlimit")
