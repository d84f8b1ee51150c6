"""The tokenizer: names look the same everywhere, turns are turns."""

from pathlib import Path

import pytest

from core.bundled.corpus import units_of
from core.bundled.grounded import LEVELS, Composer, dialogue
from core.bundled.tokenizer import SPECIALS, load_tokenizer


@pytest.fixture(scope="module")
def folder(work: Path) -> Path:
    return work / "tokenizer"


@pytest.mark.parametrize(
    "text", ["def f(a, b=30):\n    return a  # ü ✓\n", "  x\t\n\n", "`A.b_c` has `d: int = 2` [1]."]
)
def test_text_survives(folder: Path, text: str) -> None:
    tokenizer = load_tokenizer(folder)
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


def test_a_name_has_the_same_tokens_in_code_and_in_prose(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    name = tokenizer.encode("max_retries").tokens
    for text in (
        "def f(max_retries)",
        "What is max_retries?",
        "`max_retries` is",
        "a, max_retries=3",
    ):
        tokens = tokenizer.encode(text).tokens
        assert any(tokens[i : i + len(name)] == name for i in range(len(tokens)))


def test_digits_stand_alone(folder: Path) -> None:
    assert load_tokenizer(folder).encode("1234").tokens == ["1", "2", "3", "4"]


def test_template_writes_turns_as_training_does(folder: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    messages = [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello."},
        {"role": "tool", "content": "Observation: 3"},
    ]
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert text == (
        "<|system|>Be short.<|end|><|user|>Hi<|end|><|assistant|>Hello.<|end|>"
        "<|tool|>Observation: 3<|end|><|assistant|>"
    )
    assert tokenizer.eos_token == "<|end|>"
    assert [tokenizer.convert_tokens_to_ids(name) for name in SPECIALS] == list(range(6))


def test_generation_markers_cover_the_assistants_turn_and_its_end(folder: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    out = tokenizer.apply_chat_template(
        messages, return_dict=True, return_assistant_tokens_mask=True
    )
    marked = [i for i, on in zip(out["input_ids"], out["assistant_masks"], strict=True) if on]
    assert tokenizer.decode(marked) == "Hello.<|end|>"


def test_a_branch_is_tokenised_as_if_it_were_one_text(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    composer = Composer(list(units_of("requests")), 3)
    for item in filter(None, (composer.one(LEVELS["short"]) for _ in range(20))):
        for branch in item.branches:
            parts = [item.prefix, *(text for text, _ in dialogue(branch))]
            pieces = [i for part in parts for i in tokenizer.encode(part).ids]
            assert pieces == tokenizer.encode("".join(parts)).ids
