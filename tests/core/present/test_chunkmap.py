"""The map of chunks: folders told apart, the query where it belongs, nothing of a path live."""

import json

import numpy as np
import pytest

from core.errors import BadInput
from core.present.charts import MARKS, SERIES
from core.present.chunkmap import OTHER, Dot, Found, Plane, figure, folders
from core.present.tokens import AA_SHAPE, PALETTES, colours, contrast

VECTORS = np.random.default_rng(7).normal(size=(60, 8)).astype("float32")
DOTS = [Dot(float(i), -float(i), f"lib/part{i % 7}/a{i}.py", f"f{i}") for i in range(60)]


def test_a_plane_keeps_what_differs_most():
    line = np.outer(np.arange(10.0), np.ones(4)) + np.eye(10, 4) * 0.01
    plane = Plane(line)
    assert plane.shares[0] > 0.99
    places = plane.places(line)
    assert sorted(places) in (places, places[::-1])


def test_a_vector_lies_where_it_lay_when_the_plane_was_made():
    plane = Plane(VECTORS)
    again = plane.places(VECTORS[5:6])
    assert np.allclose(again, plane.places(VECTORS)[5:6], atol=1e-5)


def test_two_chunks_are_no_map():
    with pytest.raises(BadInput, match="at least 3 chunks with vectors; there are 2"):
        Plane(VECTORS[:2])


def test_folders_begin_where_paths_differ_and_rare_ones_are_one():
    assert folders(["a/b/x.py", "a/c/y.py", "a/c/d/z.py"]) == ["b", "c", "c"]
    assert folders(["x.py", "a/y.py"]) == ["top level", "a"]
    assert folders(["a/x.py", "a/y.py"]) == ["top level", "top level"]
    assert folders([]) == []
    many = folders([dot.path for dot in DOTS])
    assert len(set(many)) == len(MARKS) + 1
    assert OTHER in many


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("palette", PALETTES)
def test_series_can_be_seen_on_the_paper_they_are_drawn_on(palette, scheme):
    paper = colours()[palette, scheme]["paper"]
    assert all(contrast(colour, paper) >= AA_SHAPE for colour in SERIES[scheme])
    assert len(SERIES[scheme]) == len(MARKS)


def test_the_figure_has_title_axes_groups_results_and_the_query():
    found = Found((1.0, 2.0), ((1, DOTS[3]), (2, DOTS[9])))
    drawn = json.loads(figure("Chunks of lib", DOTS, (0.2, 0.1), found, "studio", "dark").to_json())
    names = [trace["name"] for trace in drawn["data"]]
    assert names[-3:] == [OTHER, "results, by rank", "the query"]
    assert sum(len(trace["text"]) for trace in drawn["data"][:-2]) == len(DOTS)
    assert drawn["layout"]["title"]["text"] == "Chunks of lib"
    assert (
        drawn["layout"]["xaxis"]["title"]["text"] == "First direction, 20\u2009% of the differences"
    )
    assert drawn["layout"]["paper_bgcolor"] == colours()["studio", "dark"]["paper"]
    looks = {(t["marker"]["color"], t["marker"]["symbol"]) for t in drawn["data"]}
    assert len(looks) == len(names)


def test_nothing_of_a_path_or_a_symbol_becomes_markup():
    dot = Dot(0, 0, "<img src=x>/a.py", "<b onload=1>")
    drawn = figure("<i>", [dot] * 3, (1, 0), Found(None, ((1, dot),)), "studio", "light").to_json()
    for live in ("<img", "<b on", "<i>"):
        assert json.dumps(live)[1:-1] not in drawn
