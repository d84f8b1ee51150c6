"""One search is a line; an agent's steps are cards, failed ones marked; thoughts are folded."""

from core.seams import Step
from pages import _trace

SEARCH = {"kind": "retrieve", "text": "Searched shop: 3 passages", "seconds": 0.012}
RUN = [
    {"kind": "thread", "text": "abc", "seconds": None},
    {"kind": "thought", "text": "I add <them>.", "seconds": 0.5, "tokens_in": 30, "tokens_out": 12},
    {
        "kind": "observation",
        "text": "Error: no",
        "seconds": 0.25,
        "tool": "calculator",
        "ok": False,
    },
    {"kind": "observation", "text": "x" * 9_000, "seconds": 0.25, "tool": "retrieve"},
]


def test_a_search_alone_is_a_line() -> None:
    shown = _trace.steps({"steps": [SEARCH]})
    assert shown.startswith('<ul class="steps"><li>Searched shop: 3 passages in ')
    assert "<details" not in shown
    assert _trace.steps({}) == ""


def test_steps_are_cards_with_their_figures_and_nothing_of_them_is_live() -> None:
    shown = _trace.steps({"steps": RUN})
    assert shown.count('<li class="step') == 3 and "abc" not in shown
    assert "<summary>3\u00a0steps · 1 failed · 1\u2009s</summary>" in shown
    assert (
        "I add &lt;them&gt;." in shown and "0.5\u2009s · 30 read, 12\u00a0tokens written" in shown
    )
    assert shown.count("0.25\u2009s · no model call") == 2
    assert shown.count('data-act="export-answer"') == 1
    assert '<span class="word">failed</span>' in shown and shown.count("step failed") == 1
    assert '✕ Result</b><span class="word">failed</span> <code>calculator</code>' in shown
    assert "x" * 4_000 + "…" in shown and "x" * 4_001 not in shown
    assert _trace.calls({"steps": RUN}) == "2\u00a0tool calls"
    assert _trace.calls({"steps": [SEARCH]}) == ""


def test_what_is_being_done_is_said_in_a_few_words() -> None:
    said = {"retrieve": "Searched shop: 3 passages", "action": "Calling calculator"}
    said |= {"thread": "", "thought": "Thought", "observation": "Result"}
    for kind, words in said.items():
        text = words if kind == "retrieve" else "a1b2c3"
        assert _trace.doing(Step(kind, text, tool="calculator")) == words


def test_thoughts_are_folded_away() -> None:
    assert "<p>2 &lt; 3</p></details>" in _trace.reasoning({"reasoning": "2 < 3"})
    assert _trace.reasoning({"reasoning": " "}) == _trace.reasoning({}) == ""


def test_a_summary_that_a_model_was_shown_stands_in_full_and_not_among_the_steps() -> None:
    step = {"kind": "summary", "text": "They <talked>.", "seconds": 1.0, "given": "4"}
    shown = _trace.steps({"steps": [step, SEARCH]})
    assert "Instead of the 4\u00a0oldest messages the model was shown this summary" in shown
    assert "They &lt;talked&gt;." in shown and "<details" not in shown
    assert '<ul class="steps"><li>Searched shop' in shown


def test_what_a_check_put_aside_can_be_opened_beside_the_search() -> None:
    check = {
        "kind": "check",
        "text": "No passage holds `x`. Put aside: `x` is <1>.",
        "seconds": None,
    }
    shown = _trace.steps({"steps": [SEARCH, check]})
    assert shown.startswith('<details class="trace">') and "<b>Check</b>" in shown
    assert "Put aside: `x` is &lt;1&gt;." in shown
