"""What records come to: lanes, comparisons, sentences, exports and what is brought again."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import BadInput
from eval.stress import export, plan, summary, trace
from eval.stress.state import Fold, State, folded
from tests.eval.stress.making import small

ALLOCATOR = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."


def turn(lane: str, n: int, **more: Any) -> dict[str, Any]:
    told = {
        "event": "turn",
        "lane": lane,
        "at_s": float(n),
        "session": 0,
        "turn": n,
        "prompt_tokens": 100 * n,
        "reused_tokens": 100 * (n - 1),
        "written_tokens": 8,
        "first_token_s": 0.1,
        "total_s": 0.5,
        "ram_bytes": 1_000_000 * n,
        "vram_bytes": 0,
        "flash_bytes": 0,
        "digest": f"d{n}",
        "answer": "=It is so.",
        "unknown": 1,
    }
    return {**told, **more}


def records() -> list[dict[str, Any]]:
    lane = {"event": "lane", "limit": "rlimit", "base_bytes": 10, "limit_bytes": 20, "turns": 3}
    flash = {"ram_bytes": 700_000, "flash_bytes": 3_000_000}
    died = {"event": "failure", "kind": "memory", "type": "RuntimeError", "message": ALLOCATOR}
    return [
        {"event": "setup", "began": 1.0, "machine": {"cores": 2}},
        {**lane, "lane": "memory", "model": {"name": "m"}},
        turn("memory", 1),
        turn("memory", 2),
        {**died, "lane": "memory", "at_s": 3.0, "session": 0, "turn": 3, "token": 287},
        {"event": "lane_end", "lane": "memory", "state": "failed"},
        {**lane, "lane": "flash"},
        {"event": "sample", "lane": "flash", "at_s": 4.0, "data_bytes": 15},
        *[turn("flash", n, **flash) for n in (1, 2)],
        turn("flash", 3, needle="recalled", **flash),
        {"event": "lane_end", "lane": "flash", "counters": {"reused_memory": 5}},
        {
            "event": "resumed",
            "lane": "flash",
            "prompt_tokens": 300,
            "reused_tokens": 299,
            "first_token_s": 0.1,
            "recompute_s": 1.5,
            "break_even_tokens": 120,
        },
        {"event": "lane", "lane": "control", "limit": "none", "turns": 3},
        *[turn("control", n, recompute_s=0.4) for n in (1, 2)],
        turn("control", 3, recompute_s=0.4, needle="recalled"),
        {"event": "lane_end", "lane": "control"},
    ]


def fold(told: list[dict[str, Any]]) -> Fold:
    return folded(("memory", "flash", "control"), told)


def state(told: list[dict[str, Any]] | None = None) -> State:
    found = fold(records() if told is None else told)
    scenario = small(turns=3)
    return State(
        id="r",
        state="completed",
        asked=plan.parse({"model": "/srv/private/models/mine"}),
        scenario=scenario,
        budget_bytes=10,
        lanes=found.lanes,
        created=datetime(2026, 11, 21, tzinfo=UTC),
        turns=found.turns,
        model=found.model,
        machine=found.machine,
        summary=summary.sentence(found.lanes, scenario),
        figures=summary.figures(found.lanes),
    )


def test_the_summary_says_both_sides_in_plain_words():
    assert state().summary == (
        "Without: died at turn 3, 287 tokens, allocator error. "
        "With: 3 turns, same answers, first token 4.0× sooner than recomputing, 15× after a "
        "restart, 700\u2009kB in memory, 3\u2009MB on flash. "
        "The fact of turn 1, asked at the end: recalled by flash, the control."
    )
    figures = state().figures
    assert (figures["died_turn"].value, figures["died_token"].value) == (3, 287)
    assert figures["identical"].value is True
    assert figures["break_even_tokens"].value == 120
    assert {figure.origin for figure in figures.values()} == {"measured"}


def test_lanes_are_told_as_they_went():
    memory, flash, control = fold(records()).lanes
    assert [lane.state for lane in (memory, flash, control)] == ["failed", "done", "done"]
    assert memory.death is not None
    assert memory.death.token == 287
    assert flash.samples[0].data_bytes == 15
    assert [each.same for each in flash.turns] == [True] * 3
    assert [each.same for each in control.turns] == [None] * 3
    half = fold(records()[:3]).lanes
    assert [lane.state for lane in half] == ["running", "waiting", "waiting"]


def test_another_answer_is_told_with_its_turn():
    told = [
        {**each, "digest": "other"}
        if (each.get("lane"), each.get("turn")) == ("flash", 2)
        else each
        for each in records()
    ]
    assert "other answers from turn 2 on" in state(told).summary
    assert state(told).figures["identical"].value is False


def test_without_the_control_sameness_is_told_as_far_as_it_was_seen():
    told = [each for each in records() if each.get("lane") != "control"]
    assert "same answers up to turn 2," in state(told).summary
    assert "recomputing" not in state(told).summary


def test_a_fact_the_control_loses_is_no_fault_of_a_mode():
    told = [
        {**each, "needle": "lost"} if each.get("needle") == "recalled" else each
        for each in records()
    ]
    words = "The model loses the fact of turn 1 over 300 tokens even without a limit."
    assert state(told).summary.endswith(words)


def test_a_lane_that_begins_again_is_told_anew():
    told = [*records()[:3], records()[1], turn("memory", 1)]
    (memory, *_) = fold(told).lanes
    assert [each.turn for each in memory.turns] == [1]


def test_an_exported_run_comes_back_replayed_without_a_path():
    text = export.export(state(), "json").decode()
    assert "/srv/private" not in text
    back = export.brought("b", text)
    assert back.replayed
    assert back.summary == state().summary
    assert [replace(lane) for lane in back.lanes] == [*state().lanes]
    assert {figure.origin for figure in back.figures.values()} == {"replayed"}
    assert back.origin("first_token_s") == "replayed"
    assert state().origin("kv_bytes") == "computed"
    assert export.export(back, "json").decode() == text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 9}', "null", '{"format": 1}'])
def test_what_is_no_run_is_refused(text: str):
    with pytest.raises(BadInput):
        export.brought("b", text)


def test_a_table_has_a_row_for_each_turn_and_no_formulas():
    rows = export.export(state(), "csv").decode().splitlines()
    assert len(rows) == 1 + 8
    assert "'=It is so." in rows[1]
    with pytest.raises(BadInput, match="Use one of json"):
        export.export(state(), "xls")


def test_a_trace_goes_out_and_comes_in_with_its_lengths():
    text = export.export(state(), "trace").decode()
    first = json.loads(text.splitlines()[0])
    assert set(first) == {"timestamp", "input_length", "output_length", "hash_ids"}
    scenario = trace.scenario_of("mine", text)
    assert [length.tokens for length in scenario.lengths] == [100, 92, 92]
    assert [length.answer for length in scenario.lengths] == [8, 8, 8]
    assert scenario.sessions == 1


def test_requests_that_share_no_prefix_are_sessions_of_their_own():
    lines = [
        {"timestamp": 0, "input_length": 1000, "output_length": 10, "hash_ids": [1, 2]},
        {"timestamp": 1, "input_length": 700, "output_length": 10, "hash_ids": [7, 8]},
        {"timestamp": 2, "input_length": 1500, "output_length": 10, "hash_ids": [1, 2, 3]},
    ]
    found = trace.scenario_of("two", "\n".join(map(json.dumps, lines)))
    assert [length.session for length in found.lengths] == [0, 1, 0]
    assert [length.tokens for length in found.lengths] == [1000, 700, 490]


@pytest.mark.parametrize("text", ["", "nonsense", '{"input_length": 0, "output_length": 1}'])
def test_what_is_no_trace_is_refused(text: str):
    with pytest.raises(BadInput):
        trace.scenario_of("mine", text)
