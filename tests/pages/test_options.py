"""The settings drawer: blanks are defaults, and what is wrong is said, not mended."""

from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from core.assistant.options import MOST_TOKENS, Options
from core.errors import BadInput
from core.messages import ModelCard
from core.models.catalog import QUOTE
from pages._options import NOTHING_TO_SET, Drawer, as_options, standing, summary

TESTER = ModelCard("tester", "endpoint", "tester")


def drawer(card: ModelCard = TESTER, public: bool = False) -> Drawer:
    services: Any = SimpleNamespace(
        settings=SimpleNamespace(max_tokens=512, public=public),
        library=SimpleNamespace(list=list),
        catalog=SimpleNamespace(state=SimpleNamespace(card=card, why="it is set")),
    )
    with gr.Blocks():
        return Drawer(services)


def test_blank_fields_are_the_defaults():
    assert as_options(None, None, None, None, None) == (Options(), {})
    assert as_options("", 0, 1, None, " ") == (Options(), {})


def test_fields_become_options():
    given, wrong = as_options("Be brief.", 0.7, 0.9, 64, "42")
    assert given == Options("Be brief.", 0.7, 0.9, 64, 42)
    assert wrong == {}


@pytest.mark.parametrize("seed", ["x", "4.2", "-1", "1e3", "٣"])
def test_a_seed_must_be_a_whole_number(seed):
    assert "whole number" in as_options("", 0, 1, None, seed)[1]["seed"]


@pytest.mark.parametrize(
    ("longest", "told"),
    [
        (2.7, "2.7 tokens; it must be a whole number"),
        (1_000_000, "at most 65,536"),
        (0, "at least 1"),
        (float("inf"), "whole number"),
    ],
)
def test_a_longest_answer_is_never_rounded_or_cut(longest, told):
    assert told in as_options("", 0, 1, longest, "")[1]["max_tokens"]
    assert as_options("", 0, 1, MOST_TOKENS, "")[1] == {}


def test_everything_wrong_is_said_at_once_beside_its_field():
    made = drawer()
    values = ("", 99, -3, 1_000_000, "abc", "rag", "", "hybrid", 99)
    *beside, _, line = made.check(*values)
    expected = ("99 passages", "Temperature is 99", "Top-p is -3", "65,536", "“abc”")
    for note, words in zip(beside, expected, strict=True):
        assert words in note
    assert "needs a look" in line
    with pytest.raises(BadInput) as caught:
        made.read(*values)
    for words in expected:
        assert words in caught.value.message


def test_strangers_of_a_public_server_get_no_longer_answers_than_it_allows():
    assert "at most 512" in "".join(drawer(public=True).check("", 0, 1, 513, ""))
    assert "✕" not in "".join(drawer().check("", 0, 1, 513, ""))


def test_what_a_browser_kept_is_restored_if_it_can_be():
    made = drawer()
    kept = ["Be brief.", 0.7, 0.9, 64, "42", "cot", "shop", "dense", 7, "drop"]
    assert made.restore(made.take(*kept)[-1]) == kept
    assert made.take("Be brief.", 99, 0.9, 64, "42")[-1] == gr.skip()
    for broken in (None, "x", [], ["", "0", 1, 512, ""], [None, 0, 1, 512, ""]):
        assert made.restore(broken) == made.defaults()
    assert made.begin_again() == [*made.defaults(), None]


def test_without_a_model_nothing_can_be_set_and_that_is_said_once():
    made = drawer(QUOTE)
    assert standing(SimpleNamespace(card=QUOTE, why="x")).count("language model") == 1  # type: ignore[arg-type]
    assert NOTHING_TO_SET in made.shown()
    *beside, line = made.check("", 99, 1, 512, "")
    assert set(beside) == {""}
    assert "temperature" not in line
    assert made.read("", 99, 1, 512, "") == Options()


def test_the_summary_names_what_differs():
    assert "temperature 0" in summary(Options())
    assert "top-p" not in summary(Options())
    told = summary(Options("x", 0.25, 0.9, 64, 7))
    for part in ("temperature 0.25", "top-p 0.9", "64\u00a0tokens", "seed 7", "system prompt"):
        assert part in told
    assert "needs a look" in summary(None)


def test_what_happens_when_a_chat_no_longer_fits_is_asked_unless_it_was_chosen():
    made = drawer()
    assert made.read(*made.defaults()).overflow == "refuse"
    assert made.read(*made.defaults()[:-1], "summarise").overflow == "summarise"
    assert made.read(*made.defaults()[:-1], "burn it").overflow == ""
