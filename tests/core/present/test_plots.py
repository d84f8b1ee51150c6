"""Bars and lines: scales, what stands where, and that no word becomes markup."""

import re
from itertools import pairwise

import pytest

from core.present import plots
from core.present.numbers import size
from core.present.plots import Axis, Bar, Bars, Cross, Level, Line, Lines, Part, Point


def chart(steps: int = 4, cross: Cross | None = None, top: float = 100) -> Bars:
    made = (
        Bar("1", (Part("held", 25),), "one", at=0.5),
        Bar("2", (Part("held", 25), Part("flash", 50)), "<two>", at=1.5),
    )
    return Bars("a name", made, steps, top, size, level=Level(50, "budget 50 B"), cross=cross)


@pytest.mark.parametrize(
    ("most", "least", "found"),
    [
        (100, 0, [0, 50, 100]),
        (83, 0, [0, 50]),
        (9, 0, [0, 5]),
        (8, 0, [0, 2, 4, 6, 8]),
        (0.3, 0, [0, 0.1, 0.2, 0.3]),
        (34, 4, [10, 20, 30]),
        (0, 0, [0]),
    ],
)
def test_ticks_are_round_and_inside(most: float, least: float, found: list[float]):
    assert plots.ticks(most, least) == pytest.approx(found)


def test_a_bar_is_as_high_as_its_share_of_the_scale():
    made = plots.bars(chart())
    heights = re.findall(r'class="part (\w+)" style="height:([\d.]+)%"', made)
    assert heights == [("held", "25.00"), ("held", "25.00"), ("flash", "50.00")]
    assert 'class="level" style="bottom:50.00%"><b>budget 50 B' in made
    assert 'data-at="1.50" style="left:25.000%;width:25.000%"' in made


def test_steps_that_never_came_have_their_number_and_no_bar():
    made = plots.bars(chart())
    assert made.count('class="bar"') == 2
    labels = made.split('class="plot-x"')[1]
    assert re.findall(r">(\d)</span>", labels) == ["1", "2", "3", "4"]


def test_a_part_of_nothing_is_not_drawn():
    empty = Bars("x", (Bar("1", (Part("held", 0),), "none"),), 1, 10, size)
    assert 'class="part' not in plots.bars(empty)


def test_a_mark_stands_at_its_height():
    marked = Bars("x", (Bar("1", (), "none", mark=7),), 1, 10, size)
    assert 'class="mark" style="bottom:70.00%"' in plots.bars(marked)
    assert 'class="mark"' not in plots.bars(chart())


def test_words_are_never_markup():
    made = plots.bars(chart(cross=Cross(2, "<b>no</b> memory")))
    assert "&lt;two&gt;" in made
    assert "&lt;b&gt;no&lt;/b&gt; memory" in made


@pytest.mark.parametrize(("step", "place"), [(0, "why beside"), (3, "why")])
def test_the_words_of_a_cross_stand_beside_it_where_there_is_room(step: int, place: str):
    made = plots.bars(chart(cross=Cross(step, "died")))
    assert f'class="{place}"' in made
    assert f'class="cross" data-at="0.00" style="left:{(step + 0.5) * 25:.2f}%"' in made


def lines(*ends: float, level: Level | None = None) -> Lines:
    made = tuple(
        Line(f"line {n}", f"kind-{n}", (Point(1, 1, f"a{n}"), Point(3, end, f"b{n}", at=2)))
        for n, end in enumerate(ends)
    )
    return Lines("name", made, Axis(1, 5, "turn", str), Axis(0, 10, "seconds", str), level)


def test_a_point_lies_at_its_share_of_both_axes():
    made = plots.lines(lines(5))
    assert 'points="0.00,90.00 50.00,50.00"' in made
    assert 'data-at="2.00" style="left:50.00%;bottom:50.00%"' in made


def test_names_at_the_ends_keep_apart_and_stay_inside():
    made = plots.lines(lines(10, 10, 9.9))
    at = [float(x) for x in re.findall(r'name-of [\w-]+" style="bottom:([\d.]+)%', made)]
    assert at == sorted(at)
    assert all(b - a >= plots.APART - 0.01 for a, b in pairwise(at))
    assert at[-1] <= 100


def test_a_place_tells_what_every_line_is_there():
    made = plots.lines(lines(5, 6))
    assert "a0 · a1" in made
    assert "b0 · b1" in made
    strips = re.findall(r'class="bar" style="left:([\d.]+)%;width:([\d.]+)%"', made)
    assert strips == [("0.00", "25.00"), ("25.00", "75.00")]


def test_a_line_without_points_is_left_out():
    chart = lines(5)
    empty = Lines("x", (*chart.lines, Line("never", "no", ())), chart.x, chart.y)
    assert "never" not in plots.lines(empty)


@pytest.mark.parametrize(("value", "side"), [(2, "stand"), (4.5, "stand left")])
def test_an_upright_line_is_named_where_there_is_room(value: float, side: str):
    assert f'class="{side}"' in plots.lines(lines(5, level=Level(value, "even")))
