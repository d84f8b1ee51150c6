"""Bars and lines as a picture hold the words that the page shows."""

from core.present import pictures, plotted
from core.present.numbers import size
from core.present.plots import Axis, Bar, Bars, Cross, Level, Line, Lines, Part, Point


def test_a_picture_of_bars_and_lines_holds_every_name_and_why_it_ended():
    made = (Bar("1", (Part("near", 3), Part("far", 4)), "one", mark=8.0),)
    lane = Bars("lane", made, 4, 10, size, "flash", Level(5, "budget 5 B"), Cross(1, "no memory"))
    line = Line("computed again", "again", (Point(1, 1, "a"), Point(2, 3, "b")))
    chart = Lines("name", (line,), Axis(0, 4, "turn", str), Axis(0, 4, "s", str), Level(2, "even"))
    with pictures.mosaic(5, 4, [["lane"], ["line"]], [1, 1]) as (figure, axes):
        plotted.bars(axes["lane"], lane)
        plotted.lines(axes["line"], chart)
        drawn = pictures.svg(figure)
    for word in ("budget 5 B", "✕ no memory", "computed again", "even", "turn"):
        assert word in drawn
    heights = [patch.get_height() for patch in axes["lane"].patches]
    assert heights == [3, 4]
