"""What a visitor may change, and what a text must be."""

import pytest

from core.assistant.options import MAX_CHARACTERS, Options, check_text, clean
from core.errors import BadInput, TooLarge


def test_good_options_become_parameters():
    params = Options(temperature=0.5, top_p=0.9, max_tokens=7, seed=3, stop=("x",)).params(512)
    assert (params.temperature, params.top_p, params.max_tokens, params.seed) == (0.5, 0.9, 7, 3)
    assert Options().params(512).max_tokens == 512


def test_everything_wrong_is_said_at_once():
    with pytest.raises(BadInput) as caught:
        Options(temperature=9, top_p=0, max_tokens=0, seed=-1).params(512)
    for word in ("Temperature is 9", "Top-p is 0", "0 tokens", "seed is -1"):
        assert word in caught.value.message


@pytest.mark.parametrize("text", ["", "  \n", "\x00\x07"])
def test_an_empty_message_is_refused(text: str):
    with pytest.raises(BadInput, match="empty"):
        check_text(text)


def test_a_huge_message_is_refused_with_its_size():
    with pytest.raises(TooLarge, match="400,001"):
        check_text("x" * (MAX_CHARACTERS + 1))


def test_surrogates_and_control_characters_are_cleaned():
    assert clean("a\ud800b\x00c\x1b\n\té🙂") == "a�bc\n\té🙂"
