"""A prompt's mark changes with its words, and only what is named is filled in."""

from core.assistant.prompting import Prompt, names, prompt


def test_every_prompt_can_be_read_and_has_a_mark_of_its_own() -> None:
    marks = {prompt(name).mark for name in names()}
    assert {"rag", "naive", "cot", "cot-bundled"} <= set(names())
    assert len(marks) == len(names())
    assert all(prompt(name).text for name in names())


def test_the_mark_follows_the_words() -> None:
    assert Prompt("a", "One.").mark != Prompt("a", "Two.").mark
    assert Prompt("a", "One.").mark.startswith("a@")


def test_only_what_is_named_is_filled_and_filled_words_are_not_read_again() -> None:
    assert Prompt("a", "{x} and {y}: {z}").fill(x="{y}", y="1") == "{y} and 1: {z}"
