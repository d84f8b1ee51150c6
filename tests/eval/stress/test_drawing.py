"""A run as pictures: what is in memory and on flash, where it ended, what was never measured."""

from dataclasses import replace

import pytest

from eval.stress import drawing
from eval.stress.state import Lane, Turn
from tests import stressed
from tests.stressed import BUDGET, DIED, TOKEN, TURNS


def test_what_lies_on_flash_alone_is_what_memory_does_not_hold():
    held = drawing.held(stressed.state(), stressed.flash())
    assert held[0] == (100 * TOKEN, 0)
    assert held[-1] == (5_000_000, TURNS * 100 * TOKEN - 5_000_000)


def test_sessions_beside_each_other_count_together_and_a_sweep_does_not():
    turns = tuple(
        Turn(
            "flash", n, 1, 0.0, 100, None, None, None, 0.1, kv_bytes=70, ram_bytes=50, flash_bytes=9
        )
        for n in range(2)
    )
    lane = Lane("flash", turns=turns)
    state = stressed.state(lane)
    assert drawing.held(state, lane) == [(50, 20), (50, 90)]
    sweep = stressed.SCENARIO.model_copy(update={"kind": "sweep"})
    assert drawing.held(replace(state, scenario=sweep), lane) == [(50, 20), (50, 20)]


def test_a_lane_that_dies_ends_with_its_exception_at_the_turn_it_died_in():
    lane, chart = drawing.draw(stressed.state()).lanes[0]
    assert lane.name == "memory"
    assert chart.cross is not None and chart.cross.step == DIED - 1
    assert chart.cross.told == (
        f"Turn {DIED}, 800\u00a0tokens: out of memory. RuntimeError: {stressed.MESSAGE}"
    )
    assert chart.steps == TURNS
    assert len(chart.bars) == DIED - 1
    assert f"{DIED - 1} of {TURNS}\u00a0turns" in chart.name


def test_every_lane_has_one_scale_and_the_budget_on_it():
    charts = [chart for _, chart in drawing.draw(stressed.state()).lanes]
    assert len({chart.top for chart in charts}) == 1
    assert charts[0].top > TURNS * 100 * TOKEN
    assert all(chart.level and chart.level.value == BUDGET for chart in charts)


def test_the_session_without_a_limit_is_no_lane_but_what_others_are_timed_against():
    drawn = drawing.draw(stressed.state())
    assert [lane.name for lane, _ in drawn.lanes] == ["memory", "flash"]
    assert drawn.first and [line.kind for line in drawn.first.lines] == ["memory", "flash", "again"]
    assert drawn.even and drawn.even.level and drawn.even.level.value == 310
    assert drawn.speed and [line.kind for line in drawn.speed.lines] == ["memory", "flash"]


def test_what_was_not_measured_is_not_drawn():
    unknown = replace(
        stressed.memory(), turns=tuple(
            replace(each, first_token_s=None, tokens_per_s=None, data_bytes=None)
            for each in stressed.memory().turns
        )
    )  # fmt: skip
    drawn = drawing.draw(stressed.state(unknown))
    assert drawn.first is None and drawn.speed is None and drawn.even is None
    assert all(bar.mark is None for bar in drawn.lanes[0][1].bars)
    assert "first token" not in drawn.lanes[0][1].bars[0].told


def test_a_run_that_has_just_begun_is_an_empty_frame():
    drawn = drawing.draw(stressed.state(Lane("memory"), Lane("flash"), turns=0))
    assert [len(chart.bars) for _, chart in drawn.lanes] == [0, 0]
    assert drawn.first is None


@pytest.mark.parametrize("kind", ["slow", "truncation"])
def test_what_ends_nothing_is_no_cross(kind: str):
    lane = stressed.memory()
    told = replace(lane, state="done", failures=(replace(lane.failures[0], kind=kind),))
    assert drawing.draw(stressed.state(told)).lanes[0][1].cross is None


def test_reading_back_alone_has_no_break_even_to_show():
    assert drawing.draw(stressed.state(stressed.flash())).even is None


def test_a_summary_is_cut_where_another_way_begins_and_nowhere_else():
    told = (
        "Without: died at turn 22, allocator error. With: 30 turns, 1.5 MB in memory. "
        "Dropping the oldest turns: 30 turns. The fact of turn 1, asked at the end: lost by all."
    )
    assert [part.partition(":")[0] for part in drawing.parts(told)] == [
        "Without",
        "With",
        "Dropping the oldest turns",
        "The fact of turn 1, asked at the end",
    ]
