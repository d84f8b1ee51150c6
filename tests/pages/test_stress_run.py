"""One run as HTML: its sentence, lanes, cards and turns; where each figure comes from."""

import re
from dataclasses import replace

import pytest

from eval.stress.state import Lane
from pages import _stress_run as run
from pages._stress_cards import cards
from tests import stressed
from tests.stressed import DIED, TURNS


def figures(made: str) -> dict[str, str]:
    """Return the cards by their labels."""
    found = re.findall(r'class="label">(.*?)</p><p class="figure">(.*?)</p>', made)
    return dict(found)


def test_the_sentence_stands_first_a_line_for_each_way():
    assert run.sentence(stressed.state()) == (
        f"<span>Without: died at turn {DIED}, 800 tokens.</span>"
        f"<span>With: {TURNS} turns, same answers.</span>"
    )


def test_while_it_runs_the_sentence_says_what_is_run_and_the_line_how_far_it_is():
    state = stressed.state(
        stressed.memory(), stressed.flash(3), Lane("control"), state="running", summary="",
        progress=0.4, status="flash: turn <3>",
    )  # fmt: skip
    said = run.sentence(state)
    assert said == "<span>A small session: with the flash tier, then without a limit.</span>"
    died = run.sentence(replace(state, summary="Without: died at turn 8."))
    assert died == f"<span>Without: died at turn 8.</span>{said}"
    told = run.live(state)
    assert 'aria-valuenow="40"' in told and "With the flash tier: turn &lt;3&gt;" in told
    assert run.live(stressed.state()) == ""


def test_the_cards_say_how_far_each_way_came_and_what_is_the_same():
    found = figures(cards(stressed.state()))
    assert found["In memory alone"] == f"✕ turn {DIED}"
    assert found["With the flash tier"] == f"✓ {TURNS} of {TURNS}"
    assert found["First token"] == "24× sooner"
    assert found["In memory"] == "5\u2009MB"
    assert found["On flash"] == "12\u2009MB"
    assert found["Tokens"] == "✔ identical"
    assert found["Fact of turn 1"] == "✓ recalled"


def test_a_difference_in_tokens_is_said_with_its_turn():
    turns = [*stressed.flash().turns]
    turns[4] = replace(turns[4], same=False)
    other = replace(stressed.flash(), turns=tuple(turns))
    made = cards(stressed.state(stressed.memory(), other))
    assert figures(made)["Tokens"] == "✕ different"
    assert "not what was written in memory alone, from turn 5 on" in made
    assert "as without a limit" in cards(stressed.state())


def test_a_fact_the_model_loses_by_itself_is_not_held_against_the_tier():
    def lost(lane: Lane) -> Lane:
        return replace(lane, turns=(*lane.turns[:-1], replace(lane.turns[-1], needle="lost")))

    made = cards(
        stressed.state(stressed.memory(), lost(stressed.flash()), lost(stressed.control()))
    )
    assert "by the model, not the tier" in made
    made = cards(stressed.state(stressed.memory(), lost(stressed.flash()), stressed.control()))
    assert "with the flash tier: lost" in made


def test_what_is_not_known_yet_is_a_dash_and_never_nothing():
    turn = stressed.turn("flash", 1, ram_bytes=None, flash_bytes=None, same=None)
    state = stressed.state(
        Lane("flash", "running", turns=(turn,)), state="running", figures={}, summary=""
    )
    found = figures(cards(state))
    assert [found[name] for name in ("First token", "In memory", "On flash", "Tokens")] == ["—"] * 4


def test_every_figure_has_a_badge_and_that_of_a_stored_run_is_replayed():
    assert run.figures(stressed.state()).count("counted by the limit") > stressed.TURNS
    for made in (run.figures, run.body):
        told = made(stressed.state())
        assert set(re.findall(r'class="badge"[^>]*>(\w+)', told)) <= {"measured", "computed"}
        told = made(stressed.state(replayed=True))
        assert set(re.findall(r'class="badge"[^>]*>(\w+)', told)) == {"replayed"}
    assert cards(stressed.state()).count('class="badge"') == cards(stressed.state()).count("<li")


def test_a_limit_that_is_only_counted_says_so():
    lane = replace(stressed.memory(), limit="counted")
    made = cards(stressed.state(lane))
    assert 'nothing enforces it">counted</span>' in made
    assert "Plumbline counts the bytes" in run.body(stressed.state(lane))


def test_the_exception_is_told_in_its_own_words_and_is_no_markup():
    told = run.figures(stressed.state())
    assert "RuntimeError: DefaultCPUAllocator: can&#x27;t allocate memory &lt;here&gt;" in told
    assert "<here>" not in told


def test_what_the_model_said_is_never_markup():
    told = run.body(stressed.state())
    assert "It is &lt;called&gt; Plumb." in told
    assert "<called>" not in told


def test_a_way_that_never_got_there_is_listed_under_the_fact():
    told = run.body(stressed.state())
    part = told.partition("What the first turn said")[2].partition("</section>")[0]
    assert part.count("✓ recalled") == 1
    assert part.count("never got there") == 2


def test_tables_leave_out_what_was_measured_nowhere():
    told = run.body(stressed.state())
    tables = dict(re.findall(r"<h2>([^<]+), turn by turn</h2></summary>(.*?)</details>", told))
    assert "Computed again" in tables["Without a limit"]
    assert "Computed again" not in tables["With the flash tier"]
    assert "On flash" not in tables["In memory alone"]
    assert tables["In memory alone"].count("<tr>") == 1 + DIED - 1


@pytest.mark.parametrize("state", ["cancelled", "failed"])
def test_a_run_without_a_turn_says_so(state: str):
    told = run.body(stressed.state(Lane("memory"), Lane("flash"), state=state, summary=""))
    assert "No turn of this run was finished" in told


def test_the_player_is_as_long_as_the_run():
    assert 'data-length="42.00"' in run.player(stressed.state())
