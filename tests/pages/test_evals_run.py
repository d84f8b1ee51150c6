"""One run: its sentence, its figures, every sample, what became of them, one sample whole."""

from dataclasses import replace

import pytest

from core.documents import Mark
from core.errors import NotFound
from core.records import Score
from pages import _evals_grid, _evals_run, _evals_sample
from pages._evals_asked import Asked
from pages._evals_desk import Desk
from tests.pages.runs import kept, outcomes

AT = Asked(view="run", run="r1")


def test_the_sentence_comes_first_and_carries_its_interval(desk: Desk):
    kept(desk.services.evals, outcomes(5, 12, 3))
    shown = _evals_run.show(desk, AT)
    assert shown.head.index("<h1>25") < shown.head.index('class="cards"')
    assert "20\u00a0answers are right (95" in shown.head
    assert "5 of 20" in shown.head
    assert shown.head.index(">Right") < shown.head.index(">Median time")
    assert "too few: 20 of at least 72" in shown.head


def test_each_kind_has_its_own_share_and_interval(desk: Desk):
    kept(desk.services.evals, outcomes(5, 15))
    head = _evals_run.show(desk, AT).head
    kinds = head.partition("By kind")[2]
    assert "easy" in kinds
    assert "50\u2009%" in kinds
    assert "23.7 to 76.3" in kinds


def test_every_sample_is_a_cell_that_says_in_words_what_it_is(desk: Desk):
    run = kept(desk.services.evals, outcomes(2, 1, 1, 1))
    body = _evals_run.show(desk, AT).body
    assert body.count('<a href="?tab=evals&amp;run=r1&amp;sample=') >= 5
    for said in ("Sample 0: right", "Sample 2: wrong", "Sample 3: refused", "Sample 4: error"):
        assert f'aria-label="{said}"' in body
    cells = body.partition('class="grid"')[2].partition("</div>")[0]
    assert [cells.count(sign) for sign in (">✓<", ">✕<", ">∅<", ">!<")] == [2, 1, 1, 1]
    assert cells.count('tabindex="0"') == 1
    assert run.failed == 1


def test_very_many_samples_are_drawn_in_parts():
    cells, tallies = [(n, 0, outcomes(1)[0]) for n in range(2_500)], {"correct": 2_500}
    shown = _evals_grid.grid(AT, cells[:1_000], tallies)
    assert shown.count('class="cell correct" tabindex') == 1_000
    assert "Samples 1 to 1,000 of 2,500" in shown
    at = replace(AT, page=45)
    assert _evals_grid.first(at, 2_500) == 2_000
    later = _evals_grid.grid(at, cells[2_000:], tallies)
    assert "Samples 2,001 to 2,500 of 2,500" in later


def test_what_became_of_them_leads_to_the_samples(desk: Desk):
    kept(desk.services.evals, outcomes(2, 3, 0, 1))
    body = _evals_run.show(desk, AT).body
    assert "overloaded 1" in body
    assert "run=r1&amp;outcome=wrong" in body
    narrowed = _evals_run.show(desk, replace(AT, outcome="wrong")).body
    rows = narrowed.partition('id="samples"')[2].partition("</section>")[0]
    assert rows.count("The answer is 0.") == 3
    assert "What is 0 +" not in rows
    none = _evals_run.show(desk, replace(AT, outcome="refused")).body
    assert "No sample fits." in none


def test_the_slowest_and_the_fastest_five(desk: Desk):
    kept(desk.services.evals, outcomes(8))
    part = _evals_run.show(desk, AT).body.partition("Slowest and fastest")[2]
    slow, _, fast = part.partition("The fastest")
    assert slow.index("Sample 7<") < slow.index("Sample 6<")
    assert fast.index("Sample 0<") < fast.index("Sample 1<")
    assert slow.count("<li>") == 5


def test_the_times_are_drawn_with_axes_a_finding_and_where_they_come_from(desk: Desk):
    kept(desk.services.evals, outcomes(20))
    (chart,) = _evals_run.show(desk, AT).charts
    assert chart.layout.title.text.startswith("Half of the answers took ")
    assert chart.layout.xaxis.title.text == "seconds for an answer"
    assert sum(chart.data[0].y) == 20
    assert any("measured" in note.text for note in chart.layout.annotations)
    kept(desk.services.evals, outcomes(3), id="r2")
    assert _evals_run.show(desk, replace(AT, run="r2")).charts == ()


def test_a_run_that_failed_says_why_and_what_happens_next(desk: Desk):
    run = kept(desk.services.evals, outcomes(2), total=5, state="failed")
    desk.services.evals.rows.amend(run.id, error="The server is gone.")
    head = _evals_run.show(desk, AT).head
    assert "✕ The server is gone." in head
    assert "3\u00a0samples are left; Go on asks only those." in head


def test_a_run_without_a_sample_is_not_told_as_zero(desk: Desk):
    kept(desk.services.evals, (), total=5, state="queued")
    shown = _evals_run.show(desk, AT)
    assert "waits for its turn." in shown.head
    assert "0\u2009%" not in shown.head
    assert shown.charts == ()


def test_where_the_figures_come_from_is_shown(desk: Desk):
    kept(desk.services.evals, outcomes(2))
    origin = _evals_run.show(desk, AT).body.partition("Where these figures come from")[2]
    assert "judged by numeric" in origin
    assert "method: naive" in origin
    assert "&#34;cores&#34;: 2" in origin or "&quot;cores&quot;: 2" in origin


def test_a_sample_is_shown_whole_and_harmless(desk: Desk):
    kept(desk.services.evals, outcomes(2, 1))
    shown = _evals_run.show(desk, replace(AT, sample="2"))
    assert "Sample 2 is wrong." in shown.head
    assert "What is 2 + &lt;b&gt;1&lt;/b&gt;?" in shown.body
    assert "pkg/sums.py:10–12" in shown.body
    assert "numeric@1" in shown.body
    assert "naive@abc123" in shown.body
    assert "&lt;q&gt; 2" in shown.body.partition("As the model was sent it")[2]
    assert "42 read, 7 written" in shown.body
    assert "sample=1" in shown.head
    assert "sample=3" not in shown.head


def test_a_failed_sample_tells_its_error_and_that_it_is_asked_again(desk: Desk):
    kept(desk.services.evals, outcomes(0, 0, 0, 1))
    body = _evals_run.show(desk, replace(AT, sample="0")).body
    assert "✕ The server said 429." in body
    assert "asks it again" in body


def test_a_label_shows_who_said_what_and_can_be_taken_back(desk: Desk):
    kept(desk.services.evals, outcomes(1, 1))
    at = replace(AT, sample="1")
    before = _evals_run.show(desk, at)
    assert 'data-do="unlabel"' not in before.body
    desk.evals.label("r1", 1, 0, True, "Ann <i>", "It is the same number.", desk.owner)
    after = _evals_run.show(desk, at)
    assert "Sample 1 is right. A person said so." in after.head
    assert "Ann &lt;i&gt;" in after.body
    assert 'data-do="unlabel"' in after.body
    desk.evals.unlabel("r1", 1, 0, desk.owner)
    gone = _evals_run.show(desk, at)
    assert "Sample 1 is wrong." in gone.head
    assert "taken back" in gone.body


def test_nobody_else_may_label(desk: Desk):
    kept(desk.services.evals, outcomes(1), owner="")
    mine = _evals_run.show(desk, replace(AT, sample="0")).body
    assert "Judge it yourself" in mine
    found = desk.evals.sample("r1", 0, 0, desk.owner)
    assert "Judge it yourself" not in _evals_sample.labels(found, mine=False)


def test_each_sentence_carries_its_mark_and_each_passage_what_it_supports(desk: Desk):
    kept(desk.services.evals, outcomes(1))
    found = desk.evals.sample("r1", 0, 0, desk.owner)
    marks = (
        Mark("add returns a + b [1].", 0, 22, "supported", 0.9, (1,), (11, 11)),
        Mark("It is fast.", 23, 34, "unsupported", 0.1),
    )
    words = "add returns a + b [1]. It is fast."
    told = replace(found, sample=replace(found.sample, answer=words, marks=marks))
    said = _evals_sample.answered(told)
    assert said.index('class="cite" data-act="cite" data-n="1"') < said.index("sign supported")
    assert 'data-n="1" data-first="11" data-last="11"' in said
    assert said.index("It is fast.") < said.index("sign unsupported")
    assert "✓&nbsp;1</span>" in said
    shown = _evals_sample.evidence(told)
    assert "1 of 1\u00a0source cited." in shown
    assert "supports 1\u00a0sentence" in shown
    assert 'data-first="11" data-last="11"' in shown


def test_what_was_given_is_shown_once(desk: Desk):
    kept(desk.services.evals, outcomes(1))
    found = desk.evals.sample("r1", 0, 0, desk.owner)
    same = found.sample.evidence[0].chunk.text
    given = replace(found, item=replace(found.item, contexts=(same, "Something else.")))
    shown = _evals_sample.evidence(given)
    assert shown.count("return") == 1
    assert "Something else." in shown


def test_sentences_that_nothing_supports_are_listed():
    score = Score("r", "q", "faithfulness", "1", details={"unsupported": ["It is <b>."]})
    assert "○</span> It is &lt;b&gt;." in _evals_sample.unsupported((score,))
    assert _evals_sample.unsupported(()) == ""


def test_a_run_that_is_not_there_is_said(desk: Desk):
    with pytest.raises(NotFound):
        _evals_run.show(desk, replace(AT, run="gone"))
