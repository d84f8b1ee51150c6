"""The questions to start from suit what answers and what is searched."""

import pytest

from core.messages import ModelCard
from pages import _starters


def card(kind: str) -> ModelCard:
    return ModelCard("m", kind, "a model")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "corpus", "questions"),
    [
        ("bundled", "", _starters.FOR_BUNDLED),
        ("bundled", "transformers", _starters.FOR_TRANSFORMERS),
        ("bundled", "mine", _starters.FOR_BUNDLED),
        ("endpoint", "transformers", _starters.FOR_TRANSFORMERS),
        ("endpoint", "mine", _starters.FOR_MODELS),
        ("quote", "transformers", _starters.FOR_QUOTES),
    ],
)
def test_questions_suit(kind: str, corpus: str, questions: _starters.Starters) -> None:
    assert _starters.choose(card(kind), corpus) == questions
    assert questions[0][1] in _starters.welcome(card(kind), corpus=corpus)
    assert questions[3][1] in _starters.strip(card(kind), corpus)


def test_the_welcome_names_what_is_searched_and_how_small_the_model_is() -> None:
    said = _starters.welcome(card("bundled"), corpus="mine", title="mine 1.2")
    assert "Ask about mine 1.2" in said and "tiny bundled model" in said
    assert "quotes" in _starters.welcome(card("quote"), corpus="mine", title="mine 1.2")
